"""From objects to configs: plain data in exactly the forms that Keras writes."""

from __future__ import annotations

import types
import warnings
from typing import Any

import numpy as np

from cornu.errors import ArgumentTypeError
from cornu.graph.array import Array
from cornu.graph.dtypes import dtype_name
from cornu.saving.lambda_code import dump_function
from cornu.saving.registry import get_registered_name, name_of
from cornu.saving.sharing import KEY, written_number
from cornu.saving.values import is_keras_tensor, is_tensor, to_numpy

__all__ = ["serialize_dict", "serialize_keras_object"]

_PLAIN = (str, bool, int, float)  # NumPy's float64 is a float too

_EXAMPLE = """\
  def get_config(self):
      return {**super().get_config(), "units": self.units}"""


def serialize_keras_object(obj: Any) -> Any:
    """Turn an object into plain data from which `deserialize_keras_object` makes it again.

    Args:
        obj: None, a number, string, array, slice or function, an object with a `get_config`
            method, or a list, tuple or dictionary of such.

    Returns:
        Data that JSON can hold. An object becomes a dictionary with `module`, `class_name`,
        `config` and `registered_name`, and with `build_config` and `compile_config` if it has
        them.

    Raises:
        ArgumentTypeError: Something has no `get_config` method and no form of its own.

    Example:
        >>> serialize_keras_object({"axis": slice(1, None), "shape": (2, 3)})["axis"]["class_name"]
        '__slice__'
    """
    if obj is None or (isinstance(obj, _PLAIN) and not isinstance(obj, np.generic)):
        return obj
    if isinstance(obj, tuple):
        return tuple(serialize_keras_object(item) for item in obj)
    if isinstance(obj, list):
        return [serialize_keras_object(item) for item in obj]
    if isinstance(obj, dict):
        return serialize_dict(obj)
    special = _special(obj)
    return special if special is not None else _object(obj)


def serialize_dict(config: dict[Any, Any]) -> dict[Any, Any]:
    """Turn each value of a dictionary into plain data.

    Args:
        config: Such as what `get_config` returns.

    Returns:
        A new dictionary with the keys in the same order.
    """
    return {key: serialize_keras_object(value) for key, value in config.items()}


def _special(obj: Any) -> Any:
    """The forms of values that are no objects of Keras."""
    if isinstance(obj, bytes):
        return _tagged("__bytes__", value=obj.decode("utf-8"))
    if isinstance(obj, slice):
        parts = {"start": obj.start, "stop": obj.stop, "step": obj.step}
        return _tagged("__slice__", **serialize_dict(parts))
    if obj is Ellipsis:
        return _tagged("__ellipsis__")
    if is_keras_tensor(obj):
        return _keras_tensor(obj)
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, np.ndarray) and not isinstance(obj, Array):
        if obj.ndim == 0:
            return obj.item()
        return _tagged("__numpy__", value=_listed(obj), dtype=dtype_name(obj.dtype))
    if is_tensor(obj):
        values = to_numpy(obj)
        return _tagged("__tensor__", value=_listed(values), dtype=dtype_name(values.dtype))
    if isinstance(obj, types.FunctionType) and obj.__name__ == "<lambda>":
        return _lambda(obj)
    return None


def _tagged(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": config}


def _listed(values: np.ndarray[Any, Any]) -> Any:
    if dtype_name(values.dtype).startswith(("bfloat", "float8")):  # no Python number of their own
        values = values.astype(np.float32)
    return values.tolist()


def _keras_tensor(obj: Any) -> dict[str, Any]:
    history = getattr(obj, "_keras_history", None)
    if history is not None:
        operation, node_index, tensor_index = history
        history = [operation.name, node_index, tensor_index]
    shape = [size if isinstance(size, int) else None for size in obj.shape]
    return _tagged(
        "__keras_tensor__", shape=shape, dtype=dtype_name(obj.dtype), keras_history=history
    )


def _lambda(function: types.FunctionType) -> dict[str, Any]:
    where = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
    warnings.warn(
        f"The lambda at {where} is saved as bytecode. It loads only in this version of Python and "
        "only with safe_mode=False; a named function with "
        "@keras.saving.register_keras_serializable() loads everywhere.",
        stacklevel=2,
    )
    return _tagged("__lambda__", value=list(dump_function(function)))


def _object(obj: Any) -> dict[str, Any]:
    cls = type(obj)
    own = getattr(cls, "_cornu_place", None)  # ops in a graph: one class, many names
    public = own(obj) if callable(own) else name_of(cls)
    config: dict[str, Any]
    if public is not None:
        module, name = public
        # Keras' own classes without a public name are registered under the bare one
        registered = name if module.startswith("keras.src.") else None
        config = _fields(module, name, obj, registered)
    else:
        registered = get_registered_name(cls)
        config = _fields(cls.__module__, cls.__name__, obj, registered)
        if cls.__module__ == "__main__":
            config["module"] = None
    for key, method in (
        ("build_config", "get_build_config"),
        ("compile_config", "get_compile_config"),
    ):
        part = getattr(obj, method, lambda: None)()
        if part is not None:
            config[key] = serialize_dict(part)
    # Some are values: whether two layers have one policy or two equal ones means nothing.
    number = None if getattr(obj, "_cornu_is_value", False) else written_number(obj)
    if number is not None:
        config[KEY] = number
    return config


def _fields(module: str, name: str, obj: Any, registered: str | None) -> dict[str, Any]:
    return {
        "module": module,
        "class_name": name,
        "config": _inner(obj),
        "registered_name": registered,
    }


def _inner(obj: Any) -> Any:
    if isinstance(obj, (type, types.FunctionType)):
        return get_registered_name(obj)
    if hasattr(obj, "get_config"):
        config = obj.get_config()
        if not isinstance(config, dict):
            raise ArgumentTypeError(
                f"{type(obj).__name__}.get_config", "it must return a dictionary", returned=config
            )
        return serialize_dict(config)
    if hasattr(obj, "__name__"):
        return get_registered_name(obj)
    raise ArgumentTypeError(
        "serialize_keras_object",
        "an object needs a `get_config` method to be saved",
        received=obj,
        fix=_EXAMPLE,
    )
