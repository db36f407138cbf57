"""Random changes of given arrays: dropout and shuffling (`keras.random`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, promote_inexact, to_dtype
from cornu.random.seed_generator import draw_seed
from cornu.random.words import fractions, words

__all__ = ["dropout", "shuffle"]


def dropout(
    inputs: ArrayLike,
    rate: ArrayLike,
    noise_shape: Sequence[int | None] | None = None,
    seed: Any = None,
) -> Tensor:
    """Set random values to zero, and divide the others by 1 - rate: the mean stays.

    Args:
        inputs: Array.
        rate: Probability of zero.
        noise_shape: Shape of the draws, broadcast against the inputs: where it has 1, the values
            along that axis are zero or not together. None, or None in it: as the inputs.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Raises:
        ValueError: If `noise_shape` has another number of axes than the inputs.

    Example:
        >>> import numpy as np
        >>> x = dropout(np.ones((100, 100), "float32"), 0.25, seed=1)
        >>> 0.95 < float(x.mean()) < 1.05
        True
    """
    inputs = promote_inexact(inputs)
    if isinstance(rate, (int, float)) and rate <= 0:
        return inputs
    shape = ops.shape(inputs)
    if noise_shape is not None:
        if len(noise_shape) != len(shape):
            raise ShapeError(
                "dropout",
                "noise_shape must have as many axes as the inputs",
                inputs=inputs,
                noise_shape=tuple(noise_shape),
            )
        shape = tuple(
            own if wanted is None else wanted
            for own, wanted in zip(shape, noise_shape, strict=True)
        )
    key = draw_seed(seed)
    if isinstance(rate, (int, float)):
        # A word falls below the threshold with probability rate, in steps of 2**-32.
        threshold = min(round(rate * 2**32), 2**32 - 1)
        kept = ops.greater_equal(words(key, shape), as_tensor(threshold, "uint32"))
        scaled = inputs * (1.0 / (1.0 - rate) if rate < 1 else 0.0)
    else:
        rate = to_dtype(as_tensor(rate), "float32")
        kept = ops.greater_equal(fractions(key, shape, "float32"), rate)
        scaled = inputs * to_dtype(ops.divide_no_nan(1.0, 1.0 - rate), dtype_of(inputs))
    return ops.where(kept, scaled, ops.zeros_like(scaled))


def shuffle(x: ArrayLike, axis: int = 0, seed: Any = None) -> Tensor:
    """Put the slices along an axis into a random order.

    Args:
        x: Array.
        axis: The axis.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Example:
        >>> sorted(shuffle([3, 1, 2], seed=1).tolist())
        [1, 2, 3]
    """
    x = as_tensor(x)
    axis = range(len(shape_of(x)))[axis]
    # The order in which random words rise; of equal ones, rare as they are, the first comes first.
    drawn = ops.right_shift(words(draw_seed(seed), (ops.shape(x)[axis],)), 1)
    return ops.take(x, ops.argsort(to_dtype(drawn, "int32")), axis=axis)
