"""`Softmax`: positive numbers that add up to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.graph.dim import same_dim
from cornu.layers.arguments import shape_of
from cornu.layers.layer import Layer

__all__ = ["Softmax"]


class Softmax(Layer):
    """exp(x) / sum(exp(x)), along an axis.

    Args:
        axis: Axis or axes along which the results add up to one.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same; mask: the same or broadcastable to it, True for what counts

    Example:
        >>> cornu.layers.Softmax()(np.zeros((1, 4)))
        Array([[0.25, 0.25, 0.25, 0.25]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Compute the shares; masked places get none."""
        if mask is None:
            return ops.softmax(inputs, axis=self.axis)
        have, wanted = shape_of(mask), shape_of(inputs)
        if len(have) > len(wanted) or not all(
            a == 1 or same_dim(a, b) for a, b in zip(have[::-1], wanted[::-1], strict=False)
        ):
            raise ShapeError(
                self.name, "the mask must be broadcastable to the inputs", mask=mask, inputs=inputs
            )
        if ops.dtype(mask) != "bool":
            mask = ops.greater(mask, 0.5)
        # Far below everything, yet finite in float16.
        low = -3e4 if ops.dtype(inputs) == "float16" else -1e9
        y = ops.softmax(ops.where(mask, inputs, low), axis=self.axis)
        return ops.where(mask, y, 0.0)  # also where all of an axis is masked
