"""Random values of a shape: uniform, normal, integers, classes (`keras.random`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ArgumentError, DtypeError, ShapeError
from cornu.graph.dtypes import is_integer, standard_name
from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, promote_inexact, to_dtype
from cornu.random.seed_generator import draw_seed
from cornu.random.words import (
    float_dtype,
    fractions,
    shape_for,
    signed_fractions,
    words,
)

__all__ = ["categorical", "normal", "randint", "truncated_normal", "uniform"]


def _computed_in(dtype: str) -> str:
    """Return the dtype in which a transform is computed: 16 bits have too coarse fractions."""
    return dtype if dtype == "float64" else "float32"


def uniform(
    shape: Sequence[int],
    minval: ArrayLike = 0.0,
    maxval: ArrayLike = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Tensor:
    """Draw from minval <= x < maxval, every value as likely as the others.

    Args:
        shape: Shape of the result.
        minval: Least value.
        maxval: Upper bound.
        dtype: A floating dtype; None means `floatx`.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Raises:
        TypeError: If the dtype isn't floating.

    Example:
        >>> uniform((2,), seed=1).round(3).tolist() == uniform((2,), seed=1).round(3).tolist()
        True
    """
    name = float_dtype("uniform", dtype)
    values = fractions(draw_seed(seed), shape_for(shape), name)
    if minval.__class__ is float and maxval.__class__ is float:
        if (minval, maxval) == (0.0, 1.0):
            return values
        return values * (maxval - minval) + minval
    low, high = (to_dtype(as_tensor(x), name) for x in (minval, maxval))
    return values * (high - low) + low


def normal(
    shape: Sequence[int],
    mean: ArrayLike = 0.0,
    stddev: ArrayLike = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Tensor:
    """Draw from a normal distribution.

    Args:
        shape: Shape of the result.
        mean: Its mean.
        stddev: Its standard deviation.
        dtype: A floating dtype; None means `floatx`.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Raises:
        TypeError: If the dtype isn't floating.

    Example:
        >>> normal((2, 3), seed=1).shape
        (2, 3)
    """
    name = float_dtype("normal", dtype)
    u = signed_fractions(draw_seed(seed), shape_for(shape), _computed_in(name))
    return _scaled(to_dtype(ops.erfinv(u) * math.sqrt(2.0), name), mean, stddev)


def _scaled(values: Tensor, mean: ArrayLike, stddev: ArrayLike) -> Tensor:
    """Return values times `stddev` plus `mean`, in their own dtype."""

    def same(x: ArrayLike) -> Tensor:
        return x if isinstance(x, (int, float)) else to_dtype(as_tensor(x), dtype_of(values))

    if not (isinstance(stddev, (int, float)) and stddev == 1):
        values = values * same(stddev)
    return values if isinstance(mean, (int, float)) and mean == 0 else values + same(mean)


def truncated_normal(
    shape: Sequence[int],
    mean: ArrayLike = 0.0,
    stddev: ArrayLike = 1.0,
    dtype: Any = None,
    seed: Any = None,
) -> Tensor:
    """Draw from a normal distribution within two standard deviations of its mean.

    Args:
        shape: Shape of the result.
        mean: Mean of the distribution that is cut.
        stddev: Its standard deviation, before it is cut.
        dtype: A floating dtype; None means `floatx`.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Raises:
        TypeError: If the dtype isn't floating.

    Example:
        >>> bool(abs(truncated_normal((1000,), seed=1)).max() <= 2.0)
        True
    """
    name = float_dtype("truncated_normal", dtype)
    u = signed_fractions(draw_seed(seed), shape_for(shape), _computed_in(name))
    within = 0.9544997361036416  # erf(sqrt(2)): the probability of lying in between
    values = ops.clip(ops.erfinv(u * within) * math.sqrt(2.0), -2.0, 2.0)
    return _scaled(to_dtype(values, name), mean, stddev)


def randint(
    shape: Sequence[int],
    minval: ArrayLike,
    maxval: ArrayLike,
    dtype: Any = "int32",
    seed: Any = None,
) -> Tensor:
    """Draw integers from minval <= x < maxval, each as likely as the others.

    Args:
        shape: Shape of the result.
        minval: Least value.
        maxval: Upper bound, at most 2**32 above `minval`.
        dtype: An integer dtype.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Raises:
        TypeError: If the dtype isn't an integer one.
        ValueError: If there is no integer in between.

    Example:
        >>> values = randint((1000,), 3, 6, seed=1)
        >>> sorted(set(values.tolist()))
        [3, 4, 5]
    """
    name = standard_name(dtype)
    if not is_integer(name):
        raise DtypeError("randint", f"needs an integer dtype, not {name}")
    if isinstance(minval, int) and isinstance(maxval, int):
        if not 0 < maxval - minval <= 2**32:
            raise ArgumentError(
                "randint",
                "maxval must lie above minval, by at most 2**32",
                minval=minval,
                maxval=maxval,
            )
        if maxval - minval == 2**32:
            offset = words(draw_seed(seed), shape_for(shape))
            return to_dtype(offset, name) + minval
        span = as_tensor(maxval - minval, "uint32")
        low: Any = minval
    else:
        low, high = to_dtype(as_tensor(minval), name), to_dtype(as_tensor(maxval), name)
        span = to_dtype(high - low, "uint32")
    pairs = words(draw_seed(seed), (2, *shape_for(shape)))
    return to_dtype(_scaled_down(pairs[0], pairs[1], span), name) + low


def _scaled_down(high: Tensor, low: Tensor, span: Tensor) -> Tensor:
    """Return floor(w span / 2**64), for w = 2**32 high + low: no bias that anyone could see."""
    # Ops by name: not every library's own operators know uint32.
    below = ops.multiply(high, span)  # wraps around
    total = ops.add(below, _high_half(low, span))
    carry = to_dtype(ops.less(total, below), "uint32")
    return ops.add(_high_half(high, span), carry)


def _high_half(a: Tensor, b: Tensor) -> Tensor:
    """Return the upper 32 bits of the product of two uint32, by halves of 16 bits."""
    a0, a1 = ops.bitwise_and(a, 0xFFFF), ops.right_shift(a, 16)
    b0, b1 = ops.bitwise_and(b, 0xFFFF), ops.right_shift(b, 16)
    lowest = ops.right_shift(ops.multiply(a0, b0), 16)
    middle = ops.add(ops.multiply(a1, b0), lowest)  # below 2**32
    lower = ops.add(ops.multiply(a0, b1), ops.bitwise_and(middle, 0xFFFF))
    upper = ops.add(ops.right_shift(middle, 16), ops.right_shift(lower, 16))
    return ops.add(ops.multiply(a1, b1), upper)


def categorical(
    logits: ArrayLike, num_samples: int, dtype: Any = "int32", seed: Any = None
) -> Tensor:
    """Draw classes with the probabilities softmax(logits).

    Args:
        logits: Logarithms of probabilities, up to a constant.
        num_samples: Draws from each row.
        dtype: An integer dtype.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Shapes:
        (n, classes) -> (n, num_samples)

    Raises:
        ValueError: If `logits` hasn't two axes.

    Example:
        >>> categorical([[0.0, -100.0]], 3, seed=1).tolist()
        [[0, 0, 0]]
    """
    logits = promote_inexact(logits)
    if len(shape_of(logits)) != 2:
        raise ShapeError("categorical", "logits must have two axes", logits=logits)
    rows, classes = ops.shape(logits)
    logits = to_dtype(logits, _computed_in(dtype_of(logits)))
    # The place of the largest of logits plus noise of Gumbel's distribution is such a draw.
    u = signed_fractions(draw_seed(seed), (rows, num_samples, classes), dtype_of(logits))
    noise = -ops.log(-ops.log(u * 0.5 + 0.5))
    found = ops.argmax(ops.expand_dims(logits, 1) + noise, axis=-1)
    return to_dtype(found, standard_name(dtype))
