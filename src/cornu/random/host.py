"""Random values that are computed on the host: initial weights, one path for all backends.

Bits come from Threefry; everything after them uses `+ - * /`, square roots, comparisons and integer
operations in float64 and in a fixed order, each rounded by itself: no library's `log` or `cos`,
whose last bits differ. So equal seeds give equal values wherever IEEE 754 holds.

The normal quantile is Wichura's rational approximation, good to 1e-15 relative. A value
comes from 32 bits, so the farthest normal ones lie at 6.3 standard deviations.

References:
    Wichura 1988, "Algorithm AS 241: the percentage points of the normal distribution", Applied
    Statistics 37.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.primitives.random import threefry

__all__ = ["normal_values", "truncated_normal_values", "uniform_values"]

_NDArray = np.ndarray[Any, Any]

_BLOCK = 32768  # values at once: some float64 buffers of this length stay in the cache

# Coefficients of the three quotients, highest power first: centre, near tail, far tail.
_CENTRE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852854561,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
_NEAR = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
_FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)
_LN2 = 0.6931471805599453
# Probability of a standard normal value below -2.
_BELOW_MINUS_TWO = 0.022750131948179195


def uniform_values(key: _NDArray, shape: Sequence[int]) -> _NDArray:
    """Return float64 values in the open interval (0, 1), multiples of 2**-33.

    Args:
        key: Two uint32.
        shape: Shape of the result.

    Example:
        >>> uniform_values(np.array([1, 0], "uint32"), (2,)).round(3).tolist()
        [0.704, 0.59]
    """
    return _values(key, shape, lambda u: u)


def normal_values(key: _NDArray, shape: Sequence[int]) -> _NDArray:
    """Return float64 values of the standard normal distribution.

    Args:
        key: Two uint32.
        shape: Shape of the result.
    """
    return _values(key, shape, _quantile)


def truncated_normal_values(key: _NDArray, shape: Sequence[int]) -> _NDArray:
    """Return float64 values of the standard normal distribution, cut at -2 and 2.

    Args:
        key: Two uint32.
        shape: Shape of the result.
    """
    width = 1.0 - 2.0 * _BELOW_MINUS_TWO
    return _values(key, shape, lambda u: _quantile(u * width + _BELOW_MINUS_TWO))


def _values(
    key: _NDArray, shape: Sequence[int], transform: Callable[[_NDArray], _NDArray]
) -> _NDArray:
    size = math.prod(shape)
    values = np.empty(size + size % 2)
    for start in range(0, size, _BLOCK):
        stop = min(start + _BLOCK, values.size)
        # Value i is word i of the stream: words 2 j and 2 j + 1 belong to the counter j.
        x0 = np.arange(start // 2, stop // 2, dtype=np.uint32)
        x1 = np.zeros_like(x0)
        threefry(key, x0, x1)
        block = values[start:stop]
        block[0::2] = x0
        block[1::2] = x1
        block += 0.5  # the middle of its interval: never 0 or 1
        block *= 2.0**-32
        values[start:stop] = transform(block)
    return values[:size].reshape(tuple(shape))


def _quotient(x: _NDArray, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> _NDArray:
    above, below = (np.full_like(x, c[0]) for c in coefficients)
    for a, b in zip(coefficients[0][1:], coefficients[1][1:], strict=True):
        above *= x
        above += a
        below *= x
        below += b
    above /= below
    return above


def _quantile(p: _NDArray) -> _NDArray:
    """Return where the standard normal distribution function reaches p, for 0 < p < 1."""
    q = p - 0.5
    z = _quotient(0.180625 - q * q, _CENTRE) * q
    tail = np.abs(q) > 0.425
    if tail.any():
        outside = q[tail]
        r = np.sqrt(-_log(np.where(outside < 0.0, p[tail], 1.0 - p[tail])))
        distance = np.where(r <= 5.0, _quotient(r - 1.6, _NEAR), _quotient(r - 5.0, _FAR))
        z[tail] = np.where(outside < 0.0, -distance, distance)
    return z


def _log(x: _NDArray) -> _NDArray:
    """Return the logarithm of positive float64 values, with exact operations only.

    x = m 2**e with m around 1; log m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.172. The series
    is cut after s**19, which leaves 1e-17.
    """
    bits = x.view(np.int64)
    # 0x3FE6A09E667F3BCD are the bits of sqrt(1/2): m lies between it and its double.
    shifted = bits - 0x3FE6A09E667F3BCD
    exponent = shifted >> 52
    m = (bits - (exponent << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    square = s * s
    series = np.full_like(s, 1.0 / 19.0)
    for power in range(17, 0, -2):
        series *= square
        series += 1.0 / power
    result: _NDArray = exponent * _LN2 + 2.0 * s * series
    return result
