"""`Rescaling`: values in another range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import ops, saving, settings
from cornu.layers.arguments import shape_of
from cornu.layers.layer import Layer

__all__ = ["Rescaling"]


class Rescaling(Layer):
    """x * scale + offset, such as `Rescaling(1 / 255)` for pixels.

    Args:
        scale: A number, or one for each channel.
        offset: A number, or one for each channel.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same, of the layer's dtype

    Example:
        >>> cornu.layers.Rescaling(1 / 255)(np.array([0, 255], "uint8"))
        Array([0., 1.], dtype=float32)
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Scale and shift."""
        dtype = self.compute_dtype
        scale = ops.cast(self.scale, dtype)
        rank = len(shape_of(scale))
        if rank and settings.image_data_format() == "channels_first":
            scale = ops.reshape(scale, (*shape_of(scale), *[1] * (3 - rank)))
        scaled = ops.multiply(ops.cast(inputs, dtype), scale)
        return ops.add(scaled, ops.cast(self.offset, dtype))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {
            **super().get_config(),
            "scale": saving.serialize_keras_object(self.scale),
            "offset": saving.serialize_keras_object(self.offset),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the layer of a config."""
        found = dict(config)
        for key in ("scale", "offset"):
            if key in found:
                found[key] = saving.deserialize_keras_object(
                    found[key], custom_objects=custom_objects
                )
        return cls(**found)
