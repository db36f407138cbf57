"""What kind of number it is, its parts, and what isn't finite."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from cornu.errors import DtypeError
from cornu.graph.dtypes import is_float, is_integer, numpy_dtype
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant
from cornu.primitives.shape import full

__all__ = [
    "angle",
    "conj",
    "conjugate",
    "greatest",
    "heaviside",
    "i0",
    "imag",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "ldexp",
    "nan_to_num",
    "real",
    "signbit",
]


@op
def isfinite(x: ArrayLike) -> Tensor:
    """Say where a number is finite: neither infinite nor NaN.

    Args:
        x: Numbers or booleans.

    Example:
        >>> isfinite([1.0, float("inf")])
        Array([ True, False])
    """
    return p.is_finite(_number(x))


@op
def isinf(x: ArrayLike) -> Tensor:
    """Say where a number is infinite.

    Args:
        x: Numbers or booleans.

    Example:
        >>> isinf([1.0, float("-inf")])
        Array([False,  True])
    """
    return p.is_inf(_number(x))


@op
def isnan(x: ArrayLike) -> Tensor:
    """Say where a value is NaN.

    Args:
        x: Numbers or booleans.

    Example:
        >>> isnan([1.0, float("nan")])
        Array([False,  True])
    """
    return p.is_nan(_number(x))


@op
def isposinf(x: ArrayLike) -> Tensor:
    """Say where a number is plus infinity.

    Args:
        x: Numbers or booleans.

    Example:
        >>> isposinf([float("inf"), float("-inf")])
        Array([ True, False])
    """
    x = _number(x)
    return p.logical_and(p.is_inf(x), p.greater(x, constant(0, x)))


@op
def isneginf(x: ArrayLike) -> Tensor:
    """Say where a number is minus infinity.

    Args:
        x: Numbers or booleans.

    Example:
        >>> isneginf([float("inf"), float("-inf")])
        Array([False,  True])
    """
    x = _number(x)
    return p.logical_and(p.is_inf(x), p.less(x, constant(0, x)))


@op
def isreal(x: ArrayLike) -> Tensor:
    """Say where a number has no imaginary part: everywhere, in an array of real numbers.

    Args:
        x: Real numbers.

    Example:
        >>> isreal([1.0, 2.0])
        Array([ True,  True])
    """
    x = _real("isreal", x)
    return full(shape=shape_of(x), value=True, dtype="bool")


@op
def signbit(x: ArrayLike) -> Tensor:
    """Say where the sign is minus; that of -0.0 is.

    Args:
        x: Numbers or booleans.

    Example:
        >>> signbit([1.0, -0.0])
        Array([False,  True])
    """
    x = _number(x)
    zero = constant(0, x)
    negative = p.less(x, zero)
    if not is_float(dtype_of(x)):
        return negative
    # Zero shows its sign only when something is divided by it.
    below = p.less(p.reciprocal(x), zero)
    return p.logical_or(negative, p.logical_and(p.equal(x, zero), below))


@op
def nan_to_num(
    x: ArrayLike,
    nan: ArrayLike = 0.0,
    posinf: ArrayLike | None = None,
    neginf: ArrayLike | None = None,
) -> Tensor:
    """Replace what isn't finite.

    Args:
        x: Numbers; integers and booleans stay as they are.
        nan: What NaN becomes.
        posinf: What infinity becomes; None means the greatest finite number of the dtype.
        neginf: What minus infinity becomes; None means the least finite number of the dtype.

    Example:
        >>> nan_to_num([float("nan"), float("inf"), 1.0], posinf=9.0)
        Array([0., 9., 1.], dtype=float32)
    """
    x = as_tensor(x)
    dtype = dtype_of(x)
    if not is_float(dtype):
        return x
    largest = greatest(dtype)
    high = as_tensor(largest if posinf is None else posinf, dtype)
    low = as_tensor(-largest if neginf is None else neginf, dtype)
    infinite = p.select(p.less(x, constant(0.0, x)), low, high)
    return p.select(p.is_nan(x), as_tensor(nan, dtype), p.select(p.is_inf(x), infinite, x))


@functools.cache
def greatest(dtype: str) -> float:
    """Return the greatest finite number of a floating dtype."""
    if dtype in ("float16", "float32", "float64"):
        return float(np.finfo(dtype).max)
    # Those of `ml_dtypes`: the number before infinity, or before NaN where there is none.
    bits = np.arange(2 ** (8 * numpy_dtype(dtype).itemsize - 1), dtype=np.uint32)
    kind = np.uint8 if numpy_dtype(dtype).itemsize == 1 else np.uint16
    values = bits.astype(kind).view(numpy_dtype(dtype)).astype(np.float32)
    return float(values[np.isfinite(values)].max())


@op
def heaviside(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the step function: 0 where x1 < 0, x2 where it is 0, 1 where it is positive.

    Args:
        x1: Numbers; integers become `floatx`.
        x2: Values at zero; the shapes broadcast.

    Example:
        >>> heaviside([-1.0, 0.0, 2.0], 0.5)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    zero, one = constant(0.0, x1), constant(1.0, x1)
    step = p.select(p.less(x1, zero), zero, p.select(p.equal(x1, zero), x2, one))
    return p.select(p.is_nan(x1), x1, step)


@op
def ldexp(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply by a power of two: x1 * 2**x2.

    Args:
        x1: Numbers; integers become `floatx`.
        x2: Exponents, integers; the shapes broadcast.

    Raises:
        DtypeError: If the exponents aren't integers.

    Example:
        >>> ldexp([1.5, 2.0], [1, 2])
        Array([3., 8.], dtype=float32)
    """
    exponent = as_tensor(x2)
    if not is_integer(dtype_of(exponent)):
        raise DtypeError("ldexp", "the exponents must be integers", x2=spec_of(exponent))
    x1, exponent = promote_inexact(x1, exponent)
    # In two steps, since 2**x2 alone may be infinite or zero where the product isn't.
    half = p.floor(p.multiply(exponent, constant(0.5, exponent)))
    two = constant(2.0, exponent)
    scaled = p.multiply(x1, p.power(two, half))
    return p.multiply(scaled, p.power(two, p.subtract(exponent, half)))


@op
def real(x: ArrayLike) -> Tensor:
    """Give the real part: `x` itself, of real numbers.

    Args:
        x: Real numbers.

    Example:
        >>> real([1.0, 2.0])
        Array([1., 2.], dtype=float32)
    """
    return _real("real", x)


@op
def imag(x: ArrayLike) -> Tensor:
    """Give the imaginary part: zeros, of real numbers.

    Args:
        x: Real numbers.

    Example:
        >>> imag([1.0, 2.0])
        Array([0., 0.], dtype=float32)
    """
    x = _real("imag", x)
    return full(shape=shape_of(x), value=0, dtype=dtype_of(x))


@op
def conjugate(x: ArrayLike) -> Tensor:
    """Give the complex conjugate: `x` itself, of real numbers.

    Args:
        x: Real numbers.

    Example:
        >>> conjugate([1.0, 2.0])
        Array([1., 2.], dtype=float32)
    """
    return _real("conjugate", x)


conj = conjugate


@op
def angle(x: ArrayLike) -> Tensor:
    """Give the angle in the complex plane: of real numbers 0, or pi where they are negative.

    Args:
        x: Real numbers; integers become `floatx`.

    Example:
        >>> angle([2.0, 1.0])
        Array([0., 0.], dtype=float32)
    """
    x = promote_inexact(_real("angle", x))
    zero = constant(0.0, x)
    turned = p.select(p.less(x, zero), constant(math.pi, x), zero)
    return p.select(p.is_nan(x), x, turned)


@op
def i0(x: ArrayLike) -> Tensor:
    """Give the modified Bessel function of the first kind, of order 0.

    Args:
        x: Numbers; integers become `floatx`.

    References:
        Abramowitz and Stegun 1964, "Handbook of Mathematical Functions", 9.6.12 and 9.7.1.

    Example:
        >>> i0([0.0])
        Array([1.], dtype=float32)
    """
    x = p.abs(promote_inexact(x))
    border = constant(20.0, x)
    small, large = p.minimum(x, border), p.maximum(x, border)
    quarter = p.multiply(p.multiply(small, small), constant(0.25, x))
    one = constant(1.0, x)
    series = one
    for k in range(50, 0, -1):  # sum over k of (x**2 / 4)**k / (k!)**2, all terms positive
        series = p.add(one, p.multiply(p.multiply(quarter, constant(1.0 / k**2, x)), series))
    ratio = p.reciprocal(p.multiply(large, constant(8.0, x)))
    tail = one
    for k in range(20, 0, -1):  # the expansion for large x, good to exp(-2 x)
        factor = constant((2 * k - 1) ** 2 / k, x)
        tail = p.add(one, p.multiply(p.multiply(ratio, factor), tail))
    scale = p.rsqrt(p.multiply(large, constant(2.0 * math.pi, x)))
    # Half of the exponent each time: exp(x) alone overflows too early.
    root = p.exp(p.multiply(large, constant(0.5, x)))
    beyond = p.multiply(p.multiply(p.multiply(root, scale), tail), root)
    return p.select(p.greater(x, border), beyond, series)


def _number(x: Any) -> Tensor:
    """Booleans are counted as int32."""
    x = as_tensor(x)
    return to_dtype(x, "int32") if dtype_of(x) == "bool" else x


def _real(name: str, x: Any) -> Tensor:
    x = as_tensor(x)
    if dtype_of(x).startswith("complex"):
        raise DtypeError(name, "complex numbers aren't supported", x=spec_of(x))
    return x
