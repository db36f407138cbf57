"""`Merge`: what layers share that take a list of tensors."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.layers.arguments import shape_of
from cornu.layers.layer import Layer

__all__ = ["Merge"]


class Merge(Layer):
    """One tensor from a list of them; subclasses say how, in `_merged`.

    Args:
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that there is a list of inputs of one batch."""
        if not input_shape or not isinstance(input_shape[0], (tuple, list)):
            raise ShapeError(
                self.name, "the layer must be called on a list of tensors", received=input_shape
            )
        batches = {shape[0] for shape in input_shape if shape} - {None}
        if len(batches) > 1:
            raise ShapeError(
                self.name,
                "all inputs must have the same batch size",
                shapes=[tuple(s) for s in input_shape],
            )

    def call(self, inputs: Any) -> Any:
        """Merge the inputs; those of fewer axes get axes of size one behind the batch."""
        if not isinstance(inputs, (list, tuple)):
            raise ShapeError(
                self.name, "the layer must be called on a list of tensors", received=inputs
            )
        ranks = [len(shape_of(x)) for x in inputs]
        rank = max(ranks)
        if min(ranks) == rank:
            return self._merged(list(inputs))
        return self._merged(
            [
                ops.expand_dims(x, tuple(range(1, 1 + rank - n))) if n < rank else x
                for x, n in zip(inputs, ranks, strict=True)
            ]
        )

    def _merged(self, inputs: list[Any]) -> Any:
        raise NotImplementedError(f"{type(self).__name__} doesn't say how to merge.")

    def _masks(self, inputs: Any, masks: Any) -> list[Any] | None:
        """Return the masks as a list of one for each input, or None if there is none."""
        if masks is None:
            return None
        if not isinstance(masks, (list, tuple)) or len(masks) != len(inputs):
            raise ShapeError(
                self.name, "there must be one mask, or None, for each input", masks=masks
            )
        return None if all(m is None for m in masks) else list(masks)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where any input counts, if all have masks."""
        masks = self._masks(inputs, mask)
        if masks is None or any(m is None for m in masks):
            return None
        found = masks[0]
        for other in masks[1:]:
            found = ops.logical_or(found, other)
        return found
