"""From configs to objects, without importing or running anything that a config names."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cornu.errors import (
    ArgumentError,
    ArgumentTypeError,
    ConfigError,
    CornuError,
    FileFormatError,
)
from cornu.graph.array import as_array
from cornu.graph.dtypes import numpy_dtype, standard_name
from cornu.saving.lambda_code import load_function
from cornu.saving.registry import (
    CustomObjectScope,
    find_class,
    find_function,
    get_registered_object,
    name_of,
)
from cornu.saving.safe_mode import safe_mode_scope
from cornu.saving.sharing import KEY, recall, remember
from cornu.saving.strict_json import check_depth
from cornu.saving.values import TensorReference

__all__ = ["deserialize_keras_object"]

_PLACE = "loading an object"


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
    **kwargs: Any,
) -> Any:
    """Make the object that a config describes.

    Args:
        config: What `serialize_keras_object` returned. Lists, tuples and dictionaries are read
            item by item; plain values are returned as they are.
        custom_objects: Name -> class or function, for what is neither built in nor registered.
        safe_mode: Whether bytecode of lambdas is refused. Inside another load that one's choice
            holds.
        **kwargs: `module_objects`, name -> class or function, lets `config` be a bare name.

    Returns:
        The object, built and compiled if the config says so.

    Raises:
        ConfigError: The config has a wrong form, or names what isn't known or allowed.
        UnsafeFileError: It contains a lambda and `safe_mode` is on.

    Example:
        >>> deserialize_keras_object({"class_name": "__bytes__", "config": {"value": "abc"}})
        b'abc'
    """
    module_objects = kwargs.pop("module_objects", None)
    if kwargs:
        raise ConfigError(_PLACE, f"there is no argument {next(iter(kwargs))!r}")
    check_depth(config, "a config")
    with safe_mode_scope(safe_mode):
        if module_objects is not None:
            config = _with_module(config, module_objects, custom_objects)
        try:
            return _read(config, custom_objects)
        except RecursionError:
            raise ConfigError(_PLACE, "its parts are nested too deep") from None


def _read(config: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    if config is None or isinstance(config, (bool, int, float)):
        return config
    if isinstance(config, str):
        custom = custom_objects.get(config) if custom_objects else None
        custom = custom if custom is not None else get_registered_object(config)
        return config if custom is None else custom
    if isinstance(config, (list, tuple)):
        return [_read(item, custom_objects) for item in config]
    if isinstance(
        config, types.FunctionType
    ):  # an object in place of its config, by module_objects
        return config
    if not isinstance(config, dict):
        raise ConfigError(_PLACE, "a config is made of plain values", received=config)
    if "class_name" not in config or "config" not in config:
        return {key: _read(value, custom_objects) for key, value in config.items()}
    name = config["class_name"]
    if not isinstance(name, str):
        raise ConfigError(_PLACE, "`class_name` must be a string", class_name=name)
    inner = config["config"] if config["config"] is not None else {}
    special = _SPECIAL.get(name)
    if special is not None:
        return _special(name, special, inner, custom_objects)
    module = _text(config, "module")
    if name == "function":
        if not isinstance(inner, str):
            raise ConfigError(_PLACE, "the `config` of a function is its name", config=inner)
        return find_function(module, inner, custom_objects)
    return _object(name, module, inner, config, custom_objects)


def _object(
    name: str,
    module: str | None,
    inner: Any,
    config: dict[str, Any],
    custom_objects: Mapping[str, Any] | None,
) -> Any:
    if not isinstance(inner, dict):
        raise ConfigError(_PLACE, f"the `config` of a {name} must be a dictionary", config=inner)
    known = recall(config.get(KEY), (module, name))
    if known is not None:
        return known
    registered = _text(config, "registered_name") if "registered_name" in config else name
    cls = find_class(module, name, registered, custom_objects)
    if isinstance(cls, types.FunctionType):
        return cls
    if not hasattr(cls, "from_config"):
        raise ConfigError(_PLACE, f"the class {name} has no `from_config` method")
    with CustomObjectScope(custom_objects):
        instance = _guarded(f"{name}.from_config", lambda: cls.from_config(inner))
        remember(config.get(KEY), (module, name), instance)
        _build_and_compile(instance, name, config)
    return instance


def _build_and_compile(instance: Any, name: str, config: dict[str, Any]) -> None:
    build_config = config.get("build_config")
    if build_config and not getattr(instance, "built", False):
        if not isinstance(build_config, dict) or not hasattr(instance, "build_from_config"):
            raise ConfigError(
                _PLACE, f"a {name} can't be built from this", build_config=build_config
            )
        _guarded(f"{name}.build_from_config", lambda: instance.build_from_config(build_config))
        instance.built = True
    compile_config = config.get("compile_config")
    if compile_config:
        if not isinstance(compile_config, dict) or not hasattr(instance, "compile_from_config"):
            raise ConfigError(
                _PLACE, f"a {name} can't be compiled from this", compile_config=compile_config
            )
        _guarded(
            f"{name}.compile_from_config", lambda: instance.compile_from_config(compile_config)
        )


def _guarded(what: str, call: Callable[[], Any]) -> Any:
    """Run a method of a class that got values from a file; whatever they break is one error."""
    try:
        return call()
    except Exception as error:
        known = isinstance(error, (CornuError, RecursionError, MemoryError))
        if known and not isinstance(error, (ArgumentError, ArgumentTypeError)):
            raise  # those two are about the signature and its values, which the config has
        raise ConfigError(
            what,
            f"the class doesn't accept what the config says ({type(error).__name__}: {error})",
            fix="If the class is yours: its `__init__` must accept all that `get_config` returns, "
            "and `from_config` must call `keras.saving.deserialize_keras_object` on parts that "
            "are objects themselves.",
        ) from error


def _text(config: dict[str, Any], key: str) -> str | None:
    value = config.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(_PLACE, f"`{key}` must be a string or null", **{key: value})
    return value


# Values with a form of their own. Each reader gets the inner config and a function for the parts.

_Reader = Callable[[Any, Callable[[Any], Any]], Any]


def _special(
    name: str, reader: _Reader, inner: Any, custom_objects: Mapping[str, Any] | None
) -> Any:
    try:
        return reader(inner, lambda part: _read(part, custom_objects))
    except FileFormatError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError) as error:
        raise ConfigError(
            _PLACE, f"a `{name}` has a wrong form ({type(error).__name__}: {error})"
        ) from None


def _array(inner: Any, _: Callable[[Any], Any]) -> np.ndarray[Any, Any]:
    dtype = inner["dtype"]
    if not isinstance(dtype, str) or standard_name(dtype) == "string":  # never a width from a file
        raise TypeError(f"{dtype!r} is no dtype of numbers")
    values = np.array(inner["value"])
    if values.dtype.kind not in "biuf":
        raise TypeError("the values must be numbers, in lists of equal lengths")
    return values.astype(numpy_dtype(standard_name(dtype)))


def _tensor(inner: Any, read: Callable[[Any], Any]) -> Any:
    return as_array(_array(inner, read))


def _slice(inner: Any, read: Callable[[Any], Any]) -> slice:
    start, stop, step = (read(inner[part]) for part in ("start", "stop", "step"))
    return slice(start, stop, step)


def _reference(inner: Any, _: Callable[[Any], Any]) -> TensorReference:
    shape = tuple(size if size is None else int(size) for size in inner["shape"])
    history = inner["keras_history"]
    if history is not None:
        layer, node_index, tensor_index = history
        if not isinstance(layer, str):
            raise TypeError("the history must name a layer")
        history = (layer, int(node_index), int(tensor_index))
    return TensorReference(shape, standard_name(inner["dtype"]), history)


def _lambda(inner: Any, _: Callable[[Any], Any]) -> Any:
    if "value" in inner:
        code, defaults, closure = inner["value"]
    else:  # as the Lambda layer writes it
        code, defaults, closure = inner["code"], inner["defaults"], inner["closure"]
    return load_function(code, defaults, closure)


_SPECIAL: dict[str, _Reader] = {
    "__bytes__": lambda inner, _: inner["value"].encode("utf-8"),
    "__ellipsis__": lambda inner, _: Ellipsis,
    "__keras_tensor__": _reference,
    "__lambda__": _lambda,
    "__numpy__": _array,
    "__slice__": _slice,
    "__tensor__": _tensor,
    "__tuple__": lambda inner, read: tuple(read(item) for item in inner["value"]),
}


def _with_module(
    config: Any, module_objects: Mapping[str, Any], custom_objects: Mapping[str, Any] | None
) -> Any:
    """A config as the `deserialize` function of one namespace gets it: perhaps a bare name."""
    if isinstance(config, dict):
        if "class_name" not in config:
            raise ConfigError(_PLACE, "a config needs a `class_name`", config=config)
        name, inner = config["class_name"], config.get("config")
        known = (name, config.get("registered_name"), inner if isinstance(inner, str) else None)
        if any(get_registered_object(key, custom_objects) is not None for key in known if key):
            return config
        if config.get("module", "_") is not None or name not in module_objects:
            return config
    elif not isinstance(config, str) or config not in module_objects:
        return config
    else:
        name, inner = config, None
    obj = module_objects[name]
    if isinstance(obj, types.FunctionType):
        return obj
    module, public = name_of(obj) or (obj.__module__, obj.__name__)
    return {"module": module, "class_name": public, "config": inner, "registered_name": None}
