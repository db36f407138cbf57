"""Arithmetic on two operands, and signs: add, subtract, multiply, divide, power, extremes.

Operands of different dtypes meet in the dtype of Keras' lattice; Python numbers are weak.
"""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError, DtypeError
from cornu.graph.dtypes import is_float, is_integer
from cornu.graph.spec import spec_of
from cornu.ops.op import (
    ArrayLike,
    Tensor,
    as_tensor,
    dtype_of,
    op,
    promote,
    promote_inexact,
    to_dtype,
)
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant

__all__ = [
    "abs",
    "absolute",
    "add",
    "clip",
    "divide",
    "divide_no_nan",
    "fabs",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "lcm",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "positive",
    "power",
    "reciprocal",
    "sign",
    "square",
    "subtract",
    "true_divide",
]


@op
def add(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Add element by element: x1 + x2. Of booleans it is their `or`.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> add([1, 2], 0.5)
        Array([1.5, 2.5], dtype=float32)
    """
    x1, x2 = promote(x1, x2)
    return p.logical_or(x1, x2) if dtype_of(x1) == "bool" else p.add(x1, x2)


@op
def subtract(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Subtract element by element: x1 - x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Raises:
        DtypeError: If both are boolean.

    Example:
        >>> subtract([3, 2], [1, 4])
        Array([ 2, -2], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    _no_bool("subtract", x1, "logical_xor")
    return p.subtract(x1, x2)


@op
def multiply(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Multiply element by element: x1 * x2. Of booleans it is their `and`.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> multiply([1.0, 2.0], 3)
        Array([3., 6.], dtype=float32)
    """
    x1, x2 = promote(x1, x2)
    return p.logical_and(x1, x2) if dtype_of(x1) == "bool" else p.multiply(x1, x2)


@op
def divide(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Divide element by element: x1 / x2. Integers are divided in `floatx`.

    Args:
        x1: Dividend.
        x2: Divisor; the shapes broadcast.

    Example:
        >>> divide([1, 3], 2)
        Array([0.5, 1.5], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    return p.divide(x1, x2)


@op
def true_divide(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Divide element by element: the same as `divide`.

    Args:
        x1: Dividend.
        x2: Divisor; the shapes broadcast.

    Example:
        >>> true_divide(1, 4)
        Array(0.25, dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    return p.divide(x1, x2)


@op
def divide_no_nan(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Divide element by element; where the divisor is zero the result is zero.

    Args:
        x1: Dividend.
        x2: Divisor; the shapes broadcast.

    Example:
        >>> divide_no_nan([1.0, 2.0], [0.0, 4.0])
        Array([0. , 0.5], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    is_zero = p.equal(x2, constant(0.0, x2))
    # The divisor is replaced before, so that the gradient has no NaN either.
    safe = p.divide(x1, p.select(is_zero, constant(1.0, x2), x2))
    return p.select(is_zero, constant(0.0, x1), safe)


@op
def floor_divide(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Divide and round towards minus infinity: floor(x1 / x2).

    Args:
        x1: Dividend.
        x2: Divisor; the shapes broadcast.

    Example:
        >>> floor_divide([7, -7], 2)
        Array([ 3, -4], dtype=int32)
    """
    x1, x2 = _no_bools(*promote(x1, x2))
    return p.floor_divide(x1, x2)


@op
def mod(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the remainder of `floor_divide`, which has the sign of the divisor.

    Args:
        x1: Dividend.
        x2: Divisor; the shapes broadcast.

    Example:
        >>> mod([7, -7], 3)
        Array([1, 2], dtype=int32)
    """
    x1, x2 = _no_bools(*promote(x1, x2))
    return p.remainder(x1, x2)


@op
def fmod(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the remainder of a division rounded towards zero; it has the sign of the dividend.

    Args:
        x1: Dividend.
        x2: Divisor; the shapes broadcast.

    Example:
        >>> fmod([7, -7], 3)
        Array([ 1, -1], dtype=int32)
    """
    x1, x2 = _no_bools(*promote(x1, x2))
    if dtype_of(x1).startswith("uint"):
        return p.remainder(x1, x2)
    size = p.remainder(p.abs(x1), p.abs(x2))
    return p.select(p.less(x1, constant(0, x1)), p.negate(size), size)


@op
def power(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Raise element by element: x1 ** x2.

    Args:
        x1: Bases.
        x2: Exponents; the shapes broadcast.

    Raises:
        ArgumentError: If integers are raised to a negative number.

    Example:
        >>> power([1.0, 2.0, 3.0], 2)
        Array([1., 4., 9.], dtype=float32)
    """
    if x2.__class__ in (int, float) and x2 == 2:  # by far the most frequent one, exact and cheap
        square_of = promote(x1, x2)[0]
        return p.multiply(square_of, square_of)
    is_fixed = x2.__class__ is int
    exponent = x2
    x1, x2 = _no_bools(*promote(x1, x2))
    if is_float(dtype_of(x1)) or dtype_of(x1).startswith("uint") or (is_fixed and exponent >= 0):
        return p.power(x1, x2)
    if is_fixed:
        raise ArgumentError(
            "power",
            "integers have no negative powers",
            fix="Cast the base to a floating dtype.",
            x1=spec_of(x1),
            x2=exponent,
        )
    return _integer_power(x1, x2)


def _integer_power(x1: Tensor, x2: Tensor) -> Tensor:
    """Powers of integers; negative ones are 1 / x**n, rounded towards zero."""
    zero, one = constant(0, x1), constant(1, x1)
    negative = p.less(x2, zero)
    size = p.abs(x2)
    # Of 1 and -1 the reciprocal is the number itself; of all others it is less than 1.
    is_unit = p.equal(p.abs(x1), one)
    base = p.select(p.logical_and(negative, p.logical_not(is_unit)), zero, x1)
    return p.power(base, size)


@op
def negative(x: ArrayLike) -> Tensor:
    """Negate: -x.

    Args:
        x: Numbers.

    Example:
        >>> negative([1.0, -2.0])
        Array([-1.,  2.], dtype=float32)
    """
    x = as_tensor(x)
    _no_bool("negative", x, "logical_not")
    return p.negate(x)


@op
def positive(x: ArrayLike) -> Tensor:
    """Give the value as it is: +x.

    Args:
        x: Numbers.
    """
    return as_tensor(x)


@op
def absolute(x: ArrayLike) -> Tensor:
    """Take the absolute value: |x|.

    Args:
        x: Numbers or booleans.

    Example:
        >>> absolute([-1, 2])
        Array([1, 2], dtype=int32)
    """
    x = as_tensor(x)
    return x if dtype_of(x) == "bool" else p.abs(x)


abs = absolute


@op
def fabs(x: ArrayLike) -> Tensor:
    """Take the absolute value as a floating number.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> fabs([-1, 2])
        Array([1., 2.], dtype=float32)
    """
    return p.abs(promote_inexact(x))


@op
def sign(x: ArrayLike) -> Tensor:
    """Give -1, 0 or 1 by the sign; NaN stays NaN.

    Args:
        x: Numbers.

    Example:
        >>> sign([-3.0, 0.0, 2.0])
        Array([-1.,  0.,  1.], dtype=float32)
    """
    x = as_tensor(x)
    if dtype_of(x) == "bool":
        x = to_dtype(x, "int32")
    return p.sign(x)


@op
def square(x: ArrayLike) -> Tensor:
    """Multiply by itself: x * x.

    Args:
        x: Numbers; booleans become int32.

    Example:
        >>> square([1.0, 3.0])
        Array([1., 9.], dtype=float32)
    """
    x = as_tensor(x)
    if dtype_of(x) == "bool":
        x = to_dtype(x, "int32")
    return p.multiply(x, x)


@op
def reciprocal(x: ArrayLike) -> Tensor:
    """Give 1 / x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> reciprocal([2.0, 4.0])
        Array([0.5 , 0.25], dtype=float32)
    """
    return p.reciprocal(promote_inexact(x))


@op
def maximum(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Take the greater one, element by element; NaN wins.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> maximum([1, 4], [3, 2])
        Array([3, 4], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    return p.maximum(x1, x2)


@op
def minimum(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Take the smaller one, element by element; NaN wins.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> minimum([1, 4], [3, 2])
        Array([1, 2], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    return p.minimum(x1, x2)


@op
def fmax(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Take the greater one, element by element; NaN loses.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> fmax([1.0, float("nan")], 0.0)
        Array([1., 0.], dtype=float32)
    """
    return _ignoring_nan(p.maximum, *promote(x1, x2))


@op
def fmin(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Take the smaller one, element by element; NaN loses.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> fmin([1.0, float("nan")], 0.0)
        Array([0., 0.], dtype=float32)
    """
    return _ignoring_nan(p.minimum, *promote(x1, x2))


def _ignoring_nan(extreme: Any, x1: Tensor, x2: Tensor) -> Tensor:
    best = extreme(x1, x2)
    if not is_float(dtype_of(x1)):
        return best
    return p.select(p.is_nan(x1), x2, p.select(p.is_nan(x2), x1, best))


@op
def clip(x: ArrayLike, x_min: ArrayLike, x_max: ArrayLike) -> Tensor:
    """Keep values in a range: min(max(x, x_min), x_max).

    Args:
        x: Numbers.
        x_min: Least value; None means no bound.
        x_max: Greatest value; None means no bound.

    Example:
        >>> clip([-1.0, 0.5, 2.0], 0, 1)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    x, x_min, x_max = promote(x, x_min, x_max)
    if dtype_of(x) == "bool":
        x, x_min, x_max = (None if v is None else to_dtype(v, "int32") for v in (x, x_min, x_max))
    if x_min is not None:
        x = p.maximum(x, x_min)
    return x if x_max is None else p.minimum(x, x_max)


@op
def gcd(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the greatest common divisor of integers, never negative.

    Args:
        x1: Integers.
        x2: Integers; the shapes broadcast.

    Raises:
        DtypeError: If an operand isn't of integers.

    References:
        Euclid's algorithm; the smaller number at least halves in two steps, which bounds them.

    Example:
        >>> gcd([12, -8], [18, 12])
        Array([6, 4], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    a, b = _integers("gcd", x1, x2)
    # Consecutive Fibonacci numbers take longest: 46 steps for 32 bits, 92 for 64.
    for _ in range({"8": 13, "6": 24, "2": 46}.get(dtype_of(a)[-1], 92)):
        finished = p.equal(b, constant(0, b))
        rest = p.remainder(a, p.select(finished, constant(1, b), b))
        a, b = p.select(finished, a, b), p.select(finished, b, rest)
    return a


@op
def lcm(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the least common multiple of integers, never negative; of zero it is zero.

    Args:
        x1: Integers.
        x2: Integers; the shapes broadcast.

    Raises:
        DtypeError: If an operand isn't of integers.

    Example:
        >>> lcm([4, 0], [6, 5])
        Array([12,  0], dtype=int32)
    """
    x1, x2 = promote(x1, x2)
    a, b = _integers("lcm", x1, x2)
    divisor = gcd(a, b)
    safe = p.select(p.equal(divisor, constant(0, divisor)), constant(1, divisor), divisor)
    return p.multiply(p.floor_divide(a, safe), b)


def _integers(name: str, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    dtype = dtype_of(x1)
    if not is_integer(dtype):
        raise DtypeError(name, "the operands must be integers", x1=spec_of(x1), x2=spec_of(x2))
    return (x1, x2) if dtype.startswith("uint") else (p.abs(x1), p.abs(x2))


def _no_bool(name: str, x: Tensor, other: str) -> None:
    if dtype_of(x) == "bool":
        raise DtypeError(
            name, "booleans have no such operation", fix=f"Use `ops.{other}`.", x=spec_of(x)
        )


def _no_bools(*operands: Tensor) -> tuple[Tensor, ...]:
    """Booleans are counted as int32."""
    if dtype_of(operands[0]) == "bool":
        return tuple(to_dtype(x, "int32") for x in operands)
    return operands
