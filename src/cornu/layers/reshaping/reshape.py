"""`Reshape`: the values of each sample in another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import ops
from cornu.errors import ArgumentError, ArgumentTypeError
from cornu.layers.arguments import shape_of
from cornu.layers.layer import Layer

__all__ = ["Reshape"]


class Reshape(Layer):
    """Each sample in another shape, in the same order.

    Args:
        target_shape: The shape without the batch axis; one size may be -1: what is left.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, ...) -> (n, *target_shape)

    Example:
        >>> cornu.layers.Reshape((2, -1))(np.zeros((5, 6))).shape
        (5, 2, 3)
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)
        if not all(isinstance(d, (int, np.integer)) for d in self.target_shape):
            raise ArgumentTypeError(
                "Reshape", "sizes must be integers; one may be -1", target_shape=target_shape
            )
        open_sizes = [d for d in self.target_shape if d < 0]
        if len(open_sizes) > 1 or any(d != -1 for d in open_sizes):
            raise ArgumentError(
                "Reshape",
                "sizes must not be negative, but one may be -1",
                target_shape=target_shape,
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Reshape each sample."""
        return ops.reshape(inputs, self._shape(shape_of(inputs)))

    def _shape(self, shape: Sequence[Any]) -> tuple[Any, ...]:
        """Return the whole new shape; -1 is computed without the batch, which may be empty."""
        batch, *others = shape
        if -1 not in self.target_shape:
            return (batch, *self.target_shape)
        total = known = 1
        for d in others:
            total = total * d
        for d in self.target_shape:
            known = known * d if d != -1 else known
        if known == 0 or (isinstance(total, int) and total % known):
            raise ArgumentError(
                self.name,
                f"{total} values can't be divided into groups of {known}",
                target_shape=self.target_shape,
                input_shape=tuple(shape),
            )
        return (batch, *(total // known if d == -1 else d for d in self.target_shape))
