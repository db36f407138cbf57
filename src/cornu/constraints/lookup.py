"""Constraints by name and by config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "get", "serialize"]

_NAMES = PublicNames("cornu.constraints")


def serialize(constraint: Any) -> Any:
    """Return the config of a constraint.

    Example:
        >>> import cornu
        >>> serialize(cornu.constraints.UnitNorm(axis=1))["config"]
        {'axis': 1}
    """
    return saving.serialize_keras_object(constraint)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the constraint of a config.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such constraint.
    """
    return _NAMES.read(config, custom_objects)


def get(identifier: Any) -> Any:
    """Return a constraint.

    Args:
        identifier: A constraint or any callable of one array, a class of constraints, a name, a
            config, or None.

    Returns:
        A callable, or None.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> type(get("max_norm")).__name__
        'MaxNorm'
    """
    if identifier is None:
        return None
    found = deserialize(identifier) if isinstance(identifier, (dict, str)) else identifier
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise _NAMES.unknown("there is no such constraint", identifier)
    return found
