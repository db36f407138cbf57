"""`LeakyReLU`: a small slope below zero."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ArgumentError
from cornu.layers.layer import Layer

__all__ = ["LeakyReLU"]


class LeakyReLU(Layer):
    """x where x > 0, else negative_slope * x.

    Args:
        negative_slope: Slope below zero.
        **kwargs: Arguments of `Layer`; `alpha` is an older name of the slope.

    References:
        Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural network acoustic models".

    Example:
        >>> cornu.layers.LeakyReLU(0.5)(np.array([-2.0, 2.0]))
        Array([-1.,  2.], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ArgumentError(
                "LeakyReLU", "`negative_slope` must not be negative", negative_slope=negative_slope
            )
        self.negative_slope = negative_slope
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the slope below zero."""
        return ops.leaky_relu(inputs, negative_slope=self.negative_slope)
