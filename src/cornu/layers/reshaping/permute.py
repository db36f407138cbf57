"""`Permute`: axes in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ArgumentError
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["Permute"]


class Permute(Layer):
    """The axes of each sample in another order.

    Args:
        dims: For each axis of the output the axis of the input, counted from 1; the batch stays.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, a, b) -> (n, b, a), for `dims=(2, 1)`

    Example:
        >>> cornu.layers.Permute((2, 1))(np.zeros((5, 2, 3))).shape
        (5, 3, 2)
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ArgumentError(
                "Permute", f"`dims` must hold each of 1 to {len(self.dims)} once", dims=dims
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """Reorder the axes."""
        return ops.transpose(inputs, (0, *self.dims))
