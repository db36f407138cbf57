"""Regularizers by name and by config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "get", "serialize"]

_NAMES = PublicNames("cornu.regularizers")


def serialize(regularizer: Any) -> Any:
    """Return the config of a regularizer.

    Example:
        >>> import cornu
        >>> serialize(cornu.regularizers.L2(0.5))["config"]
        {'l2': 0.5}
    """
    return saving.serialize_keras_object(regularizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the regularizer of a config.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such regularizer.
    """
    return _NAMES.read(config, custom_objects)


def get(identifier: Any) -> Any:
    """Return a regularizer.

    Args:
        identifier: A regularizer or any callable of one array, a class of regularizers, a name, a
            config, or None.

    Returns:
        A callable, or None.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> type(get("l1_l2")).__name__
        'L1L2'
    """
    if identifier is None:
        return None
    found = deserialize(identifier) if isinstance(identifier, (dict, str)) else identifier
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise _NAMES.unknown("there is no such regularizer", identifier)
    return found
