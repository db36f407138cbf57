"""`ELU`: an exponential below zero."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.layer import Layer

__all__ = ["ELU"]


class ELU(Layer):
    """x where x > 0, else alpha * (exp(x) - 1).

    Args:
        alpha: Minus the value far below zero.
        **kwargs: Arguments of `Layer`.

    References:
        Clevert, Unterthiner and Hochreiter 2016, "Fast and accurate deep network learning by
        exponential linear units", arXiv:1511.07289.

    Example:
        >>> cornu.layers.ELU()(np.array([0.0, 2.0]))
        Array([0., 2.], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return ops.elu(inputs, alpha=self.alpha)
