"""`RMSNormalization`: each sample divided by the root mean square of its features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.layers.arguments import known_size
from cornu.layers.layer import Layer

__all__ = ["RMSNormalization"]


class RMSNormalization(Layer):
    """scale * x / sqrt(mean(x**2) + epsilon), with a trained scale.

    Args:
        axis: Axis or axes of the mean.
        epsilon: Added under the root.
        **kwargs: Arguments of `Layer`.

    Shapes:
        x: (..., d) -> the same, for `axis=-1`

    References:
        Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", arXiv:1910.07467.

    Example:
        >>> cornu.layers.RMSNormalization(epsilon=0.0)(np.array([[2.0, -2.0]]))
        Array([[ 1., -1.]], dtype=float32)
    """

    def __init__(
        self, axis: int | Sequence[int] = -1, epsilon: float = 1e-6, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        """Make the scale."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape = tuple(known_size("RMSNormalization", input_shape, axis) for axis in self.axis)
        self.scale = self.add_weight(shape=shape, initializer="ones", name="scale")

    def call(self, x: Any) -> Any:
        """Normalize."""
        return ops.rms_normalization(x, scale=self.scale, axis=self.axis, epsilon=self.epsilon)
