"""`GaussianDropout`: factors around one in training."""

from __future__ import annotations

import math
from typing import Any

from cornu import ops, random
from cornu.errors import ArgumentError
from cornu.layers.arguments import fraction, shape_of
from cornu.layers.layer import Layer
from cornu.random.seed_generator import SeedGenerator

__all__ = ["GaussianDropout"]


class GaussianDropout(Layer):
    """In training, x times noise around 1 with the variance that dropout has: rate / (1 - rate).

    Args:
        rate: As in `Dropout`, from 0 to below 1.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same

    References:
        Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
        Overfitting", JMLR 15, section 10.

    Example:
        >>> cornu.layers.GaussianDropout(0.1)(np.ones(3))
        Array([1., 1., 1.], dtype=float32)
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("GaussianDropout", "rate", rate)
        self.seed = seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Multiply by noise in training; return the inputs otherwise."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            raise ArgumentError(self.name, "with a `rate` of 1 the noise has no finite variance")
        noise = random.normal(
            shape_of(inputs),
            mean=1.0,
            stddev=math.sqrt(self.rate / (1.0 - self.rate)),
            dtype=self.compute_dtype,
            seed=self.seed_generator,
        )
        return ops.multiply(inputs, noise)
