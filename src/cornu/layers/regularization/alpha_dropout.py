"""`AlphaDropout`: dropout that keeps mean and variance of self-normalizing networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, random
from cornu.layers.arguments import fraction, shape_of
from cornu.layers.layer import Layer
from cornu.layers.regularization.dropout import checked_noise_shape, full_noise_shape
from cornu.random.seed_generator import SeedGenerator

__all__ = ["AlphaDropout"]

# The value of `selu` far below zero: -alpha * scale, from equation 14 of the paper.
_LOWEST = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946


class AlphaDropout(Layer):
    """In training, values become the lowest one of `selu`; then mean and variance are put right.

    Args:
        rate: The probability of it, from 0 to 1.
        noise_shape: Shape of the draw; axes of size one share it. None stands for the input's size.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same

    References:
        Klambauer et al. 2017, "Self-Normalizing Neural Networks", arXiv:1706.02515.

    Example:
        >>> cornu.layers.AlphaDropout(0.1)(np.ones(3))
        Array([1., 1., 1.], dtype=float32)
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("AlphaDropout", "rate", rate)
        self.seed = seed
        self.noise_shape = checked_noise_shape("AlphaDropout", noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop values in training; return the inputs otherwise."""
        if not training or self.rate == 0:
            return inputs
        shape = full_noise_shape(self.noise_shape, inputs) or shape_of(inputs)
        kept = ops.greater_equal(random.uniform(shape, seed=self.seed_generator), self.rate)
        a = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        b = -a * _LOWEST * self.rate
        return ops.add(ops.multiply(ops.where(kept, inputs, _LOWEST), a), b)
