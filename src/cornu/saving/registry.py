"""Names of classes and functions: those that users register, and those that cornu has built in."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token
from typing import Any, TypeVar

from cornu import lazy
from cornu.errors import ArgumentError, ConfigError
from cornu.saving.policy import BARE_FUNCTIONS, file_place, public_place

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "find_class",
    "find_function",
    "find_ops_with",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "name_of",
    "register_keras_serializable",
    "set_namer",
    "set_resolver",
]

Resolver = Callable[[str, str], Any]
Namer = Callable[[Any], "tuple[str, str] | None"]
T = TypeVar("T")

_objects: dict[str, Any] = {}  # registered name -> object
_names: dict[Any, str] = {}  # the other way round
_scoped: ContextVar[Mapping[str, Any] | None] = ContextVar("cornu_custom_objects", default=None)


_op_classes: list[Callable[[str], Any]] = []


def find_ops_with(finder: Callable[[str], Any]) -> None:
    """Say how the classes under which ops of a graph are saved are found.

    Args:
        finder: Called with the name of a class, such as `"Sum"`; returns an object with
            `from_config`, or None.
    """
    _op_classes[:] = [finder]


def _public_names(namespace: str, name: str) -> Any:
    """Look into the tables of public names, which import the one file that defines a name."""
    if namespace == "operations":
        return next((found for find in _op_classes if (found := find(name)) is not None), None)
    try:
        return lazy.public(f"cornu.{namespace}" if namespace else "cornu", name)
    except LookupError:
        return None


_resolver: Resolver = _public_names


def _by_module(obj: Any) -> tuple[str, str] | None:
    """Tell the name in files by where a class of cornu is defined."""
    return file_place(str(obj.__module__), obj.__name__)


_namer: Namer = _by_module


def set_resolver(resolver: Resolver) -> None:
    """Replace the function that finds built-in classes and functions by name.

    By default the tables of public names say it.

    Args:
        resolver: Called with a namespace of the API below `keras.` and a name, such as
            `("layers", "Dense")`, or `("operations", "Sum")` for the class under which an op in
            a graph is saved; only with pairs that `policy` allows. Returns the object, or None
            if cornu doesn't have it.
    """
    global _resolver
    _resolver = resolver


def set_namer(namer: Namer) -> None:
    """Replace the function that tells under which name Keras' files know a built-in.

    By default the name follows from the room where a class is defined, see `policy.file_place`.

    Args:
        namer: Called with a class or function; returns module and name as a file spells them,
            such as `("keras.layers", "Dense")`, or None for what isn't built in.
    """
    global _namer
    _namer = namer


def name_of(obj: Any) -> tuple[str, str] | None:
    """Tell under which module and name Keras' files know a built-in class or function.

    Args:
        obj: A class or function. A class may say its module itself by an attribute
            `_cornu_module`, which its subclasses don't inherit.

    Returns:
        Module and name, or None for what isn't built in.
    """
    module = vars(obj).get("_cornu_module") if isinstance(obj, type) else None
    if isinstance(module, str):
        return module, obj.__name__
    return _namer(obj)


class CustomObjectScope:
    """Make classes and functions known by name to every load inside a `with` block.

    Args:
        custom_objects: Name -> class or function.

    Example:
        >>> with CustomObjectScope({"twice": lambda x: x * 2}):
        ...     get_registered_object("twice")(4)
        8
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})
        self._tokens: list[Token[Mapping[str, Any] | None]] = []

    def __enter__(self) -> CustomObjectScope:
        self._tokens.append(_scoped.set({**(_scoped.get() or {}), **self.custom_objects}))
        return self

    def __exit__(self, *_: object) -> None:
        _scoped.reset(self._tokens.pop())


custom_object_scope = CustomObjectScope


def get_custom_objects() -> dict[str, Any]:
    """Return the registered objects by name: the dictionary itself, so it can be changed.

    Returns:
        Registered name -> class or function, without those of a `CustomObjectScope`.
    """
    return _objects


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Make a class or function loadable from files, under `package>name`.

    Args:
        package: First part of the name.
        name: Second part; by default the object's own name.

    Returns:
        The decorator.

    Raises:
        ArgumentError: A class has no `get_config` method.

    Example:
        >>> @register_keras_serializable("examples")
        ... def twice(x):
        ...     return x * 2
        >>> get_registered_name(twice)
        'examples>twice'
    """

    def decorate(obj: T) -> T:
        if isinstance(obj, type) and not hasattr(obj, "get_config"):
            raise ArgumentError(
                "register_keras_serializable",
                "a class needs a `get_config` method to be saved",
                received=obj,
            )
        registered = f"{package}>{name if name is not None else getattr(obj, '__name__', obj)}"
        _objects[registered] = obj
        _names[obj] = registered
        return obj

    return decorate


def get_registered_name(obj: Any) -> str:
    """Return the name under which an object is registered, or else its own.

    Args:
        obj: A class or function.

    Returns:
        `package>name`, or `obj.__name__`.
    """
    try:
        return _names[obj]
    except (KeyError, TypeError):
        return str(obj.__name__)


def get_registered_object(
    name: str | None,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Look up a registered class or function.

    Args:
        name: The name.
        custom_objects: Looked at after the scopes and the registry.
        module_objects: Looked at last.

    Returns:
        The object, or None.
    """
    if name is None:
        return None
    for known in (_scoped.get(), _objects, custom_objects, module_objects):
        # Not `if known`: the length of a namespace is the work of going through it.
        if known is not None and name in known:
            return known[name]
    return None


def scoped_objects() -> Mapping[str, Any]:
    """Return what the enclosing `CustomObjectScope`s know."""
    return _scoped.get() or {}


def find_class(
    module: str | None,
    name: str,
    registered_name: str | None,
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Find the class that a file names, without importing anything.

    Args:
        module: The module in the file; None for a class of the main program.
        name: The class's name.
        registered_name: The name it was registered under, if any.
        custom_objects: Name -> class, from the call that loads.

    Returns:
        The class.

    Raises:
        ConfigError: No such class is known or allowed, or the names in the file contradict
            each other.
    """
    built_in = _built_in(module, name) if module else None
    if built_in is not None:
        if registered_name not in (None, name):
            raise ConfigError(
                "loading an object",
                f"the file says `{module}.{name}`, which cornu has built in, and registers it as "
                f"{registered_name!r}: only one of the two can be true",
            )
        custom = get_registered_object(registered_name, custom_objects)
        return custom if custom is not None else built_in
    found = get_registered_object(registered_name, custom_objects)
    if found is None:
        found = _in_main_program(module, name)
    if found is None:
        raise _not_found("class", module, name)
    if not isinstance(found, type) and not isinstance(found, types.FunctionType):
        raise ConfigError(
            "loading an object", f"{name!r} is registered, but is no class", found=found
        )
    return found


def find_function(
    module: str | None, name: str, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """Find the function that a file names, without importing anything.

    Args:
        module: The module in the file; `"builtins"` in the usual case of a bare name.
        name: The function's name, or the one it was registered under.
        custom_objects: Name -> function, from the call that loads.

    Returns:
        The function.

    Raises:
        ConfigError: No such function is known or allowed.
    """
    found = get_registered_object(name, custom_objects)
    if found is None and module == "builtins":
        for namespace in BARE_FUNCTIONS:
            found = _built_in(f"keras.{namespace}", name)
            if found is not None:
                break
        else:  # Keras up to 3.6 wrote the bare name of registered functions
            found = _by_last_part(name, custom_objects)
    elif found is None and module:
        found = _built_in(module, name)
    if found is None:
        raise _not_found("function", module, name)
    if not callable(found):
        raise ConfigError("loading an object", f"{name!r} is no function", found=found)
    return found


def _built_in(module: str, name: str) -> Any:
    place = public_place(module, name)
    return None if place is None else _resolver(*place)


def _by_last_part(name: str, custom_objects: Mapping[str, Any] | None) -> Any:
    if ">" in name:
        return None
    for known in (scoped_objects(), _objects, custom_objects or {}):
        for registered, obj in known.items():
            if registered.endswith(f">{name}"):
                return obj
    return None


def _in_main_program(module: str | None, name: str) -> Any:
    """A class of the running program that extends one of cornu's: nothing is imported."""
    if module not in (None, "__main__"):
        return None
    found = vars(sys.modules["__main__"]).get(name) if "__main__" in sys.modules else None
    if not isinstance(found, type) or found.__module__ != "__main__":
        return None
    ours = any(base.__module__.partition(".")[0] == "cornu" for base in found.__mro__)
    return found if ours and hasattr(found, "from_config") else None


def _not_found(kind: str, module: str | None, name: str) -> ConfigError:
    shown = f"{module}.{name}" if module and module != "builtins" else name
    package = (module or "").partition(".")[0]
    if package == "keras":
        return ConfigError(
            "loading an object",
            f"the file names `{shown}`, which is no {kind} that a file may name or that cornu has",
            fix="Files may name layers, losses, metrics, optimizers and their like, and pure ops.",
        )
    hint = ""
    if package in ("keras_hub", "keras_cv", "keras_nlp"):
        hint = f"If it is part of {package}, import that package first. "
    return ConfigError(
        "loading an object",
        f"the file names the {kind} `{shown}`, which isn't known here",
        fix=f"{hint}Decorate it and import its module before loading, or pass "
        f"`custom_objects={{{name!r}: ...}}`:\n"
        f"  @keras.saving.register_keras_serializable()\n"
        f"  {'class' if kind == 'class' else 'def'} {name}(...):",
    )
