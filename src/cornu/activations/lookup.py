"""Activation functions by name and by config."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.activations.own_forms import linear
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "get", "serialize"]

_NAMES = PublicNames("cornu.activations")


def serialize(activation: Any) -> Any:
    """Return the name of a built-in function, the config of anything else.

    Args:
        activation: A function, or an object with a config.

    Raises:
        TypeError: If it can't be saved.

    Example:
        >>> import cornu
        >>> serialize(cornu.activations.relu)
        'relu'
    """
    if isinstance(activation, types.FunctionType):
        name = activation.__name__
        if _NAMES.get(name) is activation:
            return name
    config = saving.serialize_keras_object(activation)
    if isinstance(activation, types.FunctionType) and isinstance(config.get("config"), str):
        config["config"] = saving.get_registered_name(activation)
    return config


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the activation function of a config or a name.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such function.
    """
    return _NAMES.read(config, custom_objects)


def get(identifier: Any) -> Any:
    """Return an activation function.

    Args:
        identifier: A callable, a name, a config, or None for the linear function.

    Returns:
        A callable.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> get("relu")([-1.0, 1.0]).tolist()
        [0.0, 1.0]
    """
    if identifier is None:
        return linear
    found = identifier
    if isinstance(identifier, str):
        found = saving.get_registered_object(identifier, module_objects=_NAMES)
    elif isinstance(identifier, dict):
        found = deserialize(identifier)
    if not callable(found):
        raise _NAMES.unknown("there is no such activation function", identifier)
    return found
