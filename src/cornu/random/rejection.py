"""Draws that are tried until one is accepted: gamma, beta, binomial (`keras.random`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from cornu import ops, settings
from cornu.graph.dtypes import standard_name
from cornu.ops.op import ArrayLike, Tensor, as_tensor, to_dtype
from cornu.random.seed_generator import draw_seed
from cornu.random.words import float_dtype, shape_for, signed_fractions, split_key

__all__ = ["beta", "binomial", "gamma"]

_COMPUTED = "float32"


def _until_accepted(
    key: Tensor, first: Tensor, attempt: Callable[[Tensor], tuple[Tensor, Tensor]]
) -> Tensor:
    """Return values, each from the first attempt that accepts it.

    Args:
        key: Two uint32.
        first: What the values are before the first attempt; says shape and dtype.
        attempt: From a key to values, and where they are accepted.
    """

    def again(key: Tensor, values: Tensor, done: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        following, own = split_key(key, 2)
        new, accepted = attempt(own)
        return following, ops.where(done, values, new), ops.logical_or(done, accepted)

    start = (as_tensor(key), first, ops.zeros_like(first, dtype="bool"))
    found: tuple[Tensor, ...] = ops.while_loop(
        lambda key, values, done: ops.logical_not(ops.all(done)), again, start
    )
    return found[1]


def _positive(key: Tensor, shape: Sequence[Any]) -> Tensor:
    """Return uniform values above 0 and below 1."""
    return signed_fractions(key, shape, _COMPUTED) * 0.5 + 0.5


def _standard_gamma(key: Tensor, shape: tuple[Any, ...], alpha: Tensor) -> Tensor:
    loop, power = split_key(key, 2)
    alpha = ops.broadcast_to(to_dtype(as_tensor(alpha), _COMPUTED), shape)
    small = ops.less(alpha, 1.0)
    # A value for alpha + 1, times a power of a uniform one, is a value for alpha.
    d = ops.where(small, alpha + 1.0, alpha) - 1.0 / 3.0
    c = ops.rsqrt(d * 9.0)

    def attempt(key: Tensor) -> tuple[Tensor, Tensor]:
        first, second = split_key(key, 2)
        z = ops.erfinv(signed_fractions(first, shape, _COMPUTED)) * math.sqrt(2.0)
        v = z * c + 1.0
        v = v * v * v
        log_v = ops.log(ops.maximum(v, 1e-38))
        bound = ops.square(z) * 0.5 + d - d * v + d * log_v
        below = ops.less(ops.log(_positive(second, shape)), bound)
        return d * v, ops.logical_and(ops.greater(v, 0.0), below)

    values = _until_accepted(loop, ops.ones_like(d), attempt)
    shrink = ops.power(_positive(power, shape), ops.reciprocal(ops.where(small, alpha, 1.0)))
    return ops.where(small, values * shrink, values)


def gamma(shape: Sequence[int], alpha: ArrayLike, dtype: Any = None, seed: Any = None) -> Tensor:
    """Draw from the gamma distribution with rate 1.

    Args:
        shape: Shape of the result.
        alpha: Its shape parameter, above zero, broadcast to `shape`.
        dtype: A floating dtype; None means `floatx`. Values have the precision of float32.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    References:
        Marsaglia and Tsang 2000, "A simple method for generating gamma variables", ACM TOMS 26.

    Example:
        >>> 1.8 < float(gamma((2000,), 2.0, seed=1).mean()) < 2.2
        True
    """
    name = float_dtype("gamma", dtype)
    return to_dtype(_standard_gamma(draw_seed(seed), shape_for(shape), as_tensor(alpha)), name)


def beta(
    shape: Sequence[int], alpha: ArrayLike, beta: ArrayLike, dtype: Any = None, seed: Any = None
) -> Tensor:
    """Draw from the beta distribution: x / (x + y), for x and y of gamma distributions.

    Args:
        shape: Shape of the result.
        alpha: Parameter of x, above zero, broadcast to `shape`.
        beta: Parameter of y.
        dtype: A floating dtype; None means `floatx`. Values have the precision of float32.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    Example:
        >>> 0.2 < float(beta((2000,), 1.0, 3.0, seed=1).mean()) < 0.3
        True
    """
    name = float_dtype("beta", dtype)
    first, second = split_key(draw_seed(seed), 2)
    x = _standard_gamma(first, shape_for(shape), as_tensor(alpha))
    y = _standard_gamma(second, shape_for(shape), as_tensor(beta))
    return to_dtype(ops.divide(x, x + y), name)


def binomial(
    shape: Sequence[int],
    counts: ArrayLike,
    probabilities: ArrayLike,
    dtype: Any = None,
    seed: Any = None,
) -> Tensor:
    """Draw how many of `counts` trials succeed.

    Args:
        shape: Shape of the result.
        counts: Numbers of trials, broadcast to `shape`.
        probabilities: Probability of success, broadcast to `shape`.
        dtype: Any dtype; None means `floatx`. Numbers are exact up to 2**24.
        seed: An int (equal ints give equal values), a SeedGenerator, or None for the global one.

    References:
        Hörmann 1993, "The generation of binomial random variates", J. Stat. Comput. Simul. 46.

    Example:
        >>> 2.8 < float(binomial((2000,), 10, 0.3, seed=1).mean()) < 3.2
        True
    """
    name = settings.floatx() if dtype is None else standard_name(dtype)
    sizes = shape_for(shape)
    n = ops.broadcast_to(to_dtype(as_tensor(counts), _COMPUTED), sizes)
    p = ops.broadcast_to(to_dtype(as_tensor(probabilities), _COMPUTED), sizes)
    turned = ops.greater(p, 0.5)
    p = ops.where(turned, 1.0 - p, p)
    few, many = split_key(draw_seed(seed), 2)
    large = ops.greater_equal(n * p, 10.0)
    # Each method gets harmless numbers where the other one is due.
    small_n, small_p = ops.where(large, 0.0, n), ops.where(large, 0.5, p)
    large_n, large_p = ops.where(large, n, 100.0), ops.where(large, p, 0.5)
    found = ops.where(large, _by_rejection(many, large_n, large_p), _by_gaps(few, small_n, small_p))
    return to_dtype(ops.where(turned, n - found, found), name)


def _by_gaps(key: Tensor, n: Tensor, p: Tensor) -> Tensor:
    """Count successes by drawing how many trials lie between them: for small n p."""
    sizes = ops.shape(n)
    scale = ops.reciprocal(ops.log1p(-ops.maximum(p, 1e-30)))

    def again(key: Tensor, trials: Tensor, found: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        following, own = split_key(key, 2)
        gap = ops.floor(ops.log(_positive(own, sizes)) * scale) + 1.0
        trials = trials + gap
        success = to_dtype(ops.less_equal(trials, n), _COMPUTED)
        return following, trials, found + success

    zeros = ops.zeros_like(n)
    found: tuple[Tensor, ...] = ops.while_loop(
        lambda key, trials, found: ops.any(ops.less_equal(trials, n)),
        again,
        (as_tensor(key), zeros, zeros),
    )
    return ops.where(ops.greater(p, 0.0), found[2], 0.0)


def _by_rejection(key: Tensor, n: Tensor, p: Tensor) -> Tensor:
    """Hörmann's transformed rejection: for n p of 10 and more."""
    sizes = ops.shape(n)
    spread = ops.sqrt(n * p * (1.0 - p))
    b = spread * 2.53 + 1.15
    a = b * 0.0248 + p * 0.01 - 0.0873
    centre = n * p + 0.5
    accepted_at_once = 0.92 - ops.divide(4.2, b)
    odds = ops.divide(p, 1.0 - p)
    alpha = (ops.divide(5.1, b) + 2.83) * spread
    mode = ops.floor((n + 1.0) * p)

    def attempt(key: Tensor) -> tuple[Tensor, Tensor]:
        first, second = split_key(key, 2)
        u = signed_fractions(first, sizes, _COMPUTED) * 0.5
        v = _positive(second, sizes)
        rest = 0.5 - ops.absolute(u)
        k = ops.floor((ops.divide(a * 2.0, rest) + b) * u + centre)
        inside = ops.logical_and(ops.greater_equal(k, 0.0), ops.less_equal(k, n))
        known = ops.clip(k, 0.0, n)
        hat = ops.log(ops.divide(v * alpha, ops.divide(a, ops.square(rest)) + b))
        bound = (
            (mode + 0.5) * ops.log(ops.divide(mode + 1.0, odds * (n - mode + 1.0)))
            + (n + 1.0) * ops.log(ops.divide(n - mode + 1.0, n - known + 1.0))
            + (known + 0.5) * ops.log(ops.divide(odds * (n - known + 1.0), known + 1.0))
            + (_stirling(mode) + _stirling(n - mode) - _stirling(known) - _stirling(n - known))
        )
        at_once = ops.logical_and(
            ops.greater_equal(rest, 0.07), ops.less_equal(v, accepted_at_once)
        )
        later = ops.logical_and(inside, ops.less_equal(hat, bound))
        return k, ops.logical_or(at_once, later)

    return _until_accepted(key, ops.zeros_like(n), attempt)


def _stirling(k: Tensor) -> Tensor:
    """Return log(k!) less Stirling's formula for it: log(2 pi)/2 + (k + 1/2) log(k+1) - (k + 1)."""
    x = k + 1.0
    square = ops.reciprocal(ops.square(x))
    series = (1.0 / 12.0) - (1.0 / 360.0 - square * (1.0 / 1260.0)) * square
    return ops.divide(series, x)
