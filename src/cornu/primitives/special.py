"""Special functions on NumPy arrays: erf, erfinv, lgamma, digamma.

The polynomials are own fits (Chebyshev interpolation in 40 digits, for float32 a rational function
with equal ripples); bounds of the relative error stand beside them. Everything but `erf` in float32
is computed in float64 and rounded once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.primitives.rules import NDArray

__all__ = ["digamma", "erf", "erfinv", "lgamma"]

_BLOCK = 16384  # elements at once, so that a chain of some thirty passes stays in the cache

# erf(x) / x as a polynomial in x**2 for |x| <= 1, relative error 4e-16.
_ERF_SMALL = (
    1.1283791670955126,
    -0.37612638903183754,
    0.1128379167095512,
    -0.02686617064512984,
    0.0052239776254232985,
    -0.000854832702193483,
    0.00012055332902888736,
    -1.4925647567519332e-05,
    1.6462045441468418e-06,
    -1.6364642158167616e-07,
    1.4792401209404813e-08,
    -1.216456005728345e-09,
    8.709045129053106e-11,
    -4.230945824295338e-12,
)

# exp(x**2) erfc(x) for 0.45 <= x <= 6.5 as a polynomial in s = A + B / (x + 2), which runs over
# [1, -1]; relative error 1e-15.
_ERFCX = (
    0.2781021188494026,
    0.263072951558654,
    0.0857294488200285,
    0.015606312029671913,
    0.00021628692313158265,
    -0.00047710976408428817,
    -1.8893428054792604e-05,
    2.1993199981067477e-05,
    -4.3610927212087654e-07,
    -1.1814702213767887e-06,
    1.784894233384775e-07,
    4.7955959820243406e-08,
    -2.083095362167148e-08,
    8.140192115183575e-10,
    1.3773848461942255e-09,
    -3.887318215659705e-10,
    -1.435891847685295e-11,
    3.1156060126470745e-11,
    -5.432237383133617e-12,
)
_ERFCX_A, _ERFCX_B = -1.8099173553719008, 6.884297520661157

# erf(x) / x for |x| <= 4 as a quotient of polynomials in x**2, relative error 4e-7 in float32.
_ERF_TOP = (
    1.128379139e00,
    1.935482095e-01,
    5.310164326e-02,
    3.883331154e-03,
    2.845411702e-04,
    1.986447837e-06,
)
_ERF_BOTTOM = (
    1.000000000e00,
    5.048601927e-01,
    1.153508299e-01,
    1.520725177e-02,
    1.185521762e-03,
    3.741538431e-05,
)

# lgamma(x) / ((x - 1) (x - 2)) for 1 <= x <= 2 as a polynomial in 2 x - 3, relative error 1e-16.
_LGAMMA = (
    0.4831289505409809,
    -0.07297994795715304,
    0.015727850268641236,
    -0.003913560937626381,
    0.0010498186644491822,
    -0.00029455070151447946,
    8.510090382103366e-05,
    -2.509432873095988e-05,
    7.511391173966899e-06,
    -2.2742469968212717e-06,
    6.948459477297189e-07,
    -2.1386491757349785e-07,
    6.62297969393005e-08,
    -2.0616623830783594e-08,
    6.446639568052886e-09,
    -2.024496975941913e-09,
    6.377132338485378e-10,
    -2.003090767087296e-10,
    6.345742123182517e-11,
    -2.131653473667402e-11,
    6.789300083165209e-12,
    -1.435305802379184e-12,
    4.571979384838471e-13,
    -4.118800422041655e-13,
    1.3230297820276298e-13,
)

# Asymptotic series: B(2k) / (2k (2k - 1)) for lgamma in 1 / x**2, and -B(2k) / 2k for digamma.
_STIRLING = (
    1 / 12,
    -1 / 360,
    1 / 1260,
    -1 / 1680,
    1 / 1188,
    -691 / 360360,
    1 / 156,
)
_DIGAMMA = (
    -1 / 12,
    1 / 120,
    -1 / 252,
    1 / 240,
    -1 / 132,
    691 / 32760,
    -1 / 12,
)


def _horner(coefficients: Sequence[float], x: NDArray) -> NDArray:
    """Evaluate a polynomial, lowest coefficient first, in the dtype of `x`."""
    y = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += x.dtype.type(c)
    return y


def _in_blocks(f: Callable[[NDArray], NDArray], x: NDArray) -> NDArray:
    flat = np.ravel(x)
    y = np.empty_like(flat)
    with np.errstate(all="ignore"):  # branches that are not taken may overflow
        for i in range(0, flat.size, _BLOCK):
            y[i : i + _BLOCK] = f(flat[i : i + _BLOCK])
    return y.reshape(np.shape(x))


def _in_float64(f: Callable[[NDArray], NDArray]) -> Callable[..., Any]:
    """Run `f` block by block on flat float64 arrays; the dtype of the operand comes back."""

    def computed(x: NDArray, out: NDArray | None = None) -> Any:
        y = _in_blocks(f, np.asarray(x, np.float64))
        if out is None:
            return y.astype(x.dtype)
        out[...] = y
        return out

    computed.__name__ = f.__name__.lstrip("_")
    computed.__doc__ = f.__doc__
    return computed


def erf(x: NDArray, out: NDArray | None = None) -> Any:
    """Return the error function.

    2 / sqrt(pi) * integral of exp(-t**2) for t from 0 to x
    """
    y = _in_blocks(_erf64, x) if x.dtype == np.float64 else _in_blocks(_erf32, _float32(x))
    if out is None:
        return y.astype(x.dtype, copy=False)
    out[...] = y
    return out


def _float32(x: NDArray) -> NDArray:
    return x if x.dtype == np.float32 else x.astype(np.float32)


def _erf32(x: NDArray) -> NDArray:
    x = np.clip(x, np.float32(-4), np.float32(4))  # erf(4) rounds to 1
    u = x * x
    y = _horner(_ERF_TOP, u)
    y /= _horner(_ERF_BOTTOM, u)
    y *= x
    return np.clip(y, np.float32(-1), np.float32(1))


def _erf64(x: NDArray) -> NDArray:
    a = np.abs(x)
    y = x * _horner(_ERF_SMALL, np.minimum(a, 1.0) ** 2)
    tail = a > 1.0
    if tail.any():
        y[tail] = np.copysign(1.0 - _erfc(a[tail]), x[tail])
    return y


def _erfc(x: NDArray) -> NDArray:
    """Return 1 - erf(x) for x >= 0.45, with a small relative error up to 6.5."""
    x = np.minimum(x, 6.5)
    y = _horner(_ERFCX, _ERFCX_A + _ERFCX_B / (x + 2.0))
    y *= np.exp(-x * x)
    return y


def _erfinv(y: NDArray) -> NDArray:
    """Return the x with erf(x) = y; infinite at -1 and 1, NaN beyond."""
    a = np.abs(y)
    # Winitzki's approximation, relative error 4e-3, in a form without cancellation near zero.
    w = np.log1p(-a) + np.log1p(a)
    c = 2.0 / (math.pi * 0.147) + w / 2.0
    x = np.sqrt((-w / 0.147) / (np.sqrt(c * c - w / 0.147) + c))
    middle = a < 0.6
    for _ in range(2):  # Halley's method triples the digits
        error = np.where(middle, _erf64(x) - a, (1.0 - a) - _erfc(x))
        step = error * (math.sqrt(math.pi) / 2.0) * np.exp(x * x)
        x = x - step / (1.0 + x * step)
    x = np.where(a < 1e-150, a * (math.sqrt(math.pi) / 2.0), x)  # y**2 underflows in `w`
    return np.copysign(np.where(a == 1.0, np.inf, x), y)


def _lgamma(x: NDArray) -> NDArray:
    """Return log(abs(gamma(x))); infinite at the poles 0, -1, -2, ..."""
    a = np.abs(x)
    y = np.where(a < 8.0, _lgamma_small(np.where(a < 8.0, a, 1.0)), _lgamma_large(a))
    # gamma(x) gamma(-x) = -pi / (x sin(pi x))
    reflected = math.log(math.pi) - np.log(np.abs(x * _sin_pi(x))) - y
    y = np.where(x < 0.0, reflected, y)
    pole = (x <= 0.0) & (np.floor(x) == x)  # -inf too, as in C
    return np.where(pole, np.inf, y)


def _lgamma_small(a: NDArray) -> NDArray:
    """For 0 < a < 8, moved to [1, 2) by gamma(x + 1) = x gamma(x)."""
    up = a < 1.0
    z = np.where(up, a + 1.0, a)
    factor = np.where(up, 1.0 / a, 1.0)
    for _ in range(6):
        z_less = z - 1.0
        down = z_less >= 1.0
        factor = np.where(down, factor * z_less, factor)
        z = np.where(down, z_less, z)
    return np.log(factor) + (z - 1.0) * (z - 2.0) * _horner(_LGAMMA, 2.0 * z - 3.0)


def _lgamma_large(a: NDArray) -> NDArray:
    """Stirling's series, for a >= 8."""
    a = np.maximum(a, 8.0)
    r = 1.0 / a
    series = r * _horner(_STIRLING, r * r)
    y = (a - 0.5) * (np.log(a) - 1.0) + (0.5 * math.log(2.0 * math.pi) - 0.5) + series
    return np.where(np.isinf(a), np.inf, y)


def _digamma(x: NDArray) -> NDArray:
    """Return the derivative of lgamma; NaN at the poles -1, -2, ..., infinite at 0."""
    negative = x < 0.0
    z = np.where(negative, 1.0 - x, x)
    shift = np.zeros_like(z)
    for _ in range(10):  # digamma(x) = digamma(x + 1) - 1 / x
        small = z < 10.0
        shift -= np.where(small, 1.0 / z, 0.0)
        z = np.where(small, z + 1.0, z)
    r = 1.0 / z
    y = np.log(z) - 0.5 * r + r * r * _horner(_DIGAMMA, r * r) + shift
    fraction = x - np.rint(x)
    y = np.where(negative, y - math.pi / np.tan(math.pi * fraction), y)
    y = np.where(x == 0.0, np.copysign(np.inf, -x), y)
    return np.where(negative & (fraction == 0.0), np.nan, y)


def _sin_pi(x: NDArray) -> NDArray:
    """Return sin(pi x) up to its sign; x less its nearest integer is exact."""
    return np.sin(math.pi * (x - np.rint(x)))


erfinv = _in_float64(_erfinv)
lgamma = _in_float64(_lgamma)
digamma = _in_float64(_digamma)
