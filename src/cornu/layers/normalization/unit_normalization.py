"""`UnitNormalization`: each sample with length one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ArgumentTypeError
from cornu.layers.layer import Layer

__all__ = ["UnitNormalization"]


class UnitNormalization(Layer):
    """x / |x|, with the Euclidean length |x| along an axis.

    Args:
        axis: Axis or axes of the length.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same

    Example:
        >>> cornu.layers.UnitNormalization()(np.array([[3.0, 4.0]]))
        Array([[0.6, 0.8]], dtype=float32)
    """

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise ArgumentTypeError(
                "UnitNormalization", "`axis` must be an int or a sequence of ints", axis=axis
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Divide by the length."""
        return ops.normalize(inputs, axis=self.axis, order=2, epsilon=1e-12)
