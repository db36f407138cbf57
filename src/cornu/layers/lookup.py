"""Layers by config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.errors import ArgumentTypeError
from cornu.layers.layer import Layer

__all__ = ["deserialize", "serialize"]


def serialize(layer: Layer) -> dict[str, Any]:
    """Return the config of a layer with its class, as files hold it.

    Example:
        >>> import cornu
        >>> serialize(cornu.layers.Dense(2))["class_name"]
        'Dense'
    """
    found: dict[str, Any] = saving.serialize_keras_object(layer)
    return found


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """Return the layer of a config.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such layer.
        TypeError: If it describes something else.
    """
    found = saving.deserialize_keras_object(config, custom_objects=custom_objects)
    if not isinstance(found, Layer):
        raise ArgumentTypeError("layers.deserialize", "the config isn't that of a layer", got=found)
    return found
