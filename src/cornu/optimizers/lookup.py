"""Optimizers by name and by config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.optimizers.optimizer import Optimizer
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "get", "serialize"]

_NAMES = PublicNames("cornu.optimizers", ignore_case=True)


def serialize(optimizer: Any) -> Any:
    """Return the config of an optimizer.

    Example:
        >>> import cornu
        >>> serialize(cornu.optimizers.SGD(0.5))["config"]["learning_rate"]
        0.5
    """
    return saving.serialize_keras_object(optimizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the optimizer of a config.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such optimizer.
    """
    return _NAMES.read(config, custom_objects)


def get(identifier: Any) -> Any:
    """Return an optimizer.

    Args:
        identifier: An optimizer, a name in any case, a config, or None.

    Returns:
        An optimizer, or None.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> type(get("rmsprop")).__name__
        'RMSprop'
    """
    if identifier is None:
        return None
    found = deserialize(identifier) if isinstance(identifier, (dict, str)) else identifier
    if not isinstance(found, Optimizer):
        raise _NAMES.unknown("there is no such optimizer", identifier)
    return found
