"""`GaussianNoise`: normal noise in training."""

from __future__ import annotations

from typing import Any

from cornu import ops, random
from cornu.layers.arguments import fraction, shape_of
from cornu.layers.layer import Layer
from cornu.random.seed_generator import SeedGenerator

__all__ = ["GaussianNoise"]


class GaussianNoise(Layer):
    """In training, x + noise from a normal distribution around zero.

    Args:
        stddev: Its standard deviation, from 0 to 1.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same

    Example:
        >>> cornu.layers.GaussianNoise(0.1)(np.ones(3))
        Array([1., 1., 1.], dtype=float32)
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = fraction("GaussianNoise", "stddev", stddev)
        self.seed = seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Add noise in training; return the inputs otherwise."""
        if not training or self.stddev == 0:
            return inputs
        noise = random.normal(
            shape_of(inputs),
            stddev=self.stddev,
            dtype=self.compute_dtype,
            seed=self.seed_generator,
        )
        return ops.add(inputs, noise)
