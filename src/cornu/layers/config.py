"""Configs of built-in layers: derived from the constructor's parameters and today's attributes."""

from __future__ import annotations

import inspect
from typing import Any

from cornu import activations, saving
from cornu.symbolic.arguments import init_arguments
from cornu.symbolic.operation import Operation, is_builtin

__all__ = ["derived_config", "serialize_argument"]

_BASE = frozenset(("self", "name", "trainable", "dtype", "activity_regularizer", "autocast"))
_parameters: dict[type, tuple[str, ...]] = {}


def derived_config(layer: Any) -> dict[str, Any]:
    """Return the config entries of the nearest built-in class of a layer.

    Each parameter of its constructor is serialised from the attribute of the same name, by kind; so
    a change of the attribute shows. For a user's class the part that its own constructor adds is
    derived by `Operation.get_config`, or written by its `get_config`.
    """
    cls = next(c for c in type(layer).__mro__ if is_builtin(c))
    found: dict[str, Any] = {}
    for name in _names(cls):
        value = layer.__dict__.get(name, _MISSING)
        if value is _MISSING:
            value = getattr(layer, name, _MISSING)
        if value is _MISSING:
            value = init_arguments(layer).get(name, _MISSING)
        if value is not _MISSING:
            found[name] = serialize_argument(value)
    return found


class _Missing:
    pass


_MISSING = _Missing()


def _names(cls: type) -> tuple[str, ...]:
    names = _parameters.get(cls)
    if names is None:
        skipped = getattr(cls, "_cornu_not_in_config", ())
        kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        names = _parameters[cls] = tuple(
            p.name
            for p in inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
            if p.name not in _BASE and p.name not in skipped and p.kind not in kinds
        )
    return names


def serialize_argument(value: Any) -> Any:
    """Return a constructor argument as a config holds it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return value.__class__(serialize_argument(v) for v in value)
    if isinstance(value, dict):
        return {k: serialize_argument(v) for k, v in value.items()}
    if callable(value) and not hasattr(value, "get_config"):
        return activations.serialize(value)
    if isinstance(value, Operation) or hasattr(value, "get_config"):
        return saving.serialize_keras_object(value)
    return value
