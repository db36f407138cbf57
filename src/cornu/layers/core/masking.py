"""`Masking`: steps of a sequence that hold one value only are padding."""

from __future__ import annotations

from typing import Any

from cornu import ops, saving
from cornu.layers.layer import Layer
from cornu.state.masks import set_mask

__all__ = ["Masking"]


class Masking(Layer):
    """Mark the steps all of whose features are `mask_value`; layers after it leave them out.

    Args:
        mask_value: The value of padding.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, steps, features) -> the same, with zeros where it is masked

    Example:
        >>> x = np.array([[[1.0, 2.0], [0.0, 0.0]]])
        >>> cornu.layers.Masking()(x)._keras_mask
        Array([[ True, False]])
    """

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(mask_value, dict) and mask_value.get("config"):  # an array in a config
            mask_value = saving.deserialize_keras_object(mask_value)
        self.mask_value = mask_value
        self.supports_masking = True
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where a step has another value than padding."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        """Return the inputs, zero where masked."""
        mask = self.compute_mask(inputs)
        outputs = ops.where(ops.expand_dims(mask, -1), inputs, ops.zeros_like(inputs))
        set_mask(outputs, mask)
        return outputs
