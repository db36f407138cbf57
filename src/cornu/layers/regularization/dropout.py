"""`Dropout`: zeros at random places in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import random
from cornu.errors import ArgumentError
from cornu.layers.arguments import fraction, shape_of
from cornu.layers.layer import Layer
from cornu.random.seed_generator import SeedGenerator

__all__ = ["Dropout", "checked_noise_shape", "full_noise_shape"]


def checked_noise_shape(where: str, shape: Any) -> tuple[int | None, ...] | None:
    """Return the shape of the noise as a tuple.

    Raises:
        ArgumentError: If it isn't a sequence of positive integers and None.
    """
    if shape is None:
        return None
    found = tuple(shape) if isinstance(shape, Sequence) and not isinstance(shape, str) else None
    if found is None or not all(
        d is None or (isinstance(d, int) and not isinstance(d, bool) and d > 0) for d in found
    ):
        raise ArgumentError(
            where,
            "`noise_shape` must be a sequence of positive integers or None",
            noise_shape=shape,
        )
    return found


def full_noise_shape(shape: tuple[int | None, ...] | None, inputs: Any) -> Any:
    """Return the shape of the noise with the input's sizes in place of None."""
    if shape is None:
        return None
    have = shape_of(inputs)
    if len(have) != len(shape):
        raise ArgumentError(
            "Dropout",
            "`noise_shape` must have as many axes as the input",
            noise_shape=shape,
            inputs=inputs,
        )
    return tuple(a if d is None else d for a, d in zip(have, shape, strict=True))


class Dropout(Layer):
    """In training, each value becomes 0 with probability `rate`; the others grow by 1/(1 - rate).

    Args:
        rate: The probability, from 0 to 1.
        noise_shape: Shape of the draw; axes of size one share it. None stands for the input's size.
        seed: An int for the same noise in every run; None draws a seed.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same

    References:
        Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from
        Overfitting", JMLR 15.

    Example:
        >>> layer = cornu.layers.Dropout(0.5, seed=1)
        >>> layer(np.ones(3))
        Array([1., 1., 1.], dtype=float32)
        >>> sorted(set(layer(np.ones(100), training=True).tolist()))
        [0.0, 2.0]
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rate = fraction("Dropout", "rate", rate)
        self.seed = seed
        self.noise_shape = checked_noise_shape("Dropout", noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop values in training; return the inputs otherwise."""
        if not training or self.rate == 0:
            return inputs
        return random.dropout(
            inputs,
            self.rate,
            noise_shape=full_noise_shape(self.noise_shape, inputs),
            seed=self.seed_generator,
        )
