"""`Wrapper`: a layer around another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.errors import ArgumentError
from cornu.layers.layer import Layer

__all__ = ["Wrapper"]


class Wrapper(Layer):
    """The base of layers that add something to one other layer.

    Args:
        layer: The layer inside.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If `layer` isn't a layer.
    """

    def __init__(self, layer: Layer, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise ArgumentError(type(self).__name__, "`layer` must be a layer", layer=layer)
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the layer of a config, the one inside included."""
        found = dict(config)
        inner = saving.deserialize_keras_object(found.pop("layer"), custom_objects=custom_objects)
        return cls(inner, **found)
