"""Exponentials, logarithms and roots."""

from __future__ import annotations

import math

from cornu.ops.op import ArrayLike, Tensor, op, promote_inexact
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant

__all__ = [
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "hypot",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "sqrt",
]


@op
def exp(x: ArrayLike) -> Tensor:
    """Raise e to the power x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> exp([0.0, float('-inf')])
        Array([1., 0.], dtype=float32)
    """
    return p.exp(promote_inexact(x))


@op
def exp2(x: ArrayLike) -> Tensor:
    """Raise 2 to the power x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> exp2([0, 3])
        Array([1., 8.], dtype=float32)
    """
    x = promote_inexact(x)
    return p.power(constant(2.0, x), x)


@op
def expm1(x: ArrayLike) -> Tensor:
    """Give exp(x) - 1, exact near zero.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> expm1([0.0, float('-inf')])
        Array([ 0., -1.], dtype=float32)
    """
    return p.expm1(promote_inexact(x))


@op
def log(x: ArrayLike) -> Tensor:
    """Take the natural logarithm.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> log([1.0, 0.0])
        Array([  0., -inf], dtype=float32)
    """
    return p.log(promote_inexact(x))


@op
def log1p(x: ArrayLike) -> Tensor:
    """Give log(1 + x), exact near zero.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> log1p([0.0, -1.0])
        Array([  0., -inf], dtype=float32)
    """
    return p.log1p(promote_inexact(x))


@op
def log2(x: ArrayLike) -> Tensor:
    """Take the logarithm to base 2.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> log2([1.0, 8.0])
        Array([0., 3.], dtype=float32)
    """
    x = promote_inexact(x)
    return _to_base(x, 2.0)


@op
def log10(x: ArrayLike) -> Tensor:
    """Take the logarithm to base 10.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> log10([1.0, 100.0])
        Array([0., 2.], dtype=float32)
    """
    x = promote_inexact(x)
    return _to_base(x, 10.0)


@op
def sqrt(x: ArrayLike) -> Tensor:
    """Take the square root; of negative numbers it is NaN.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> sqrt([4, 9])
        Array([2., 3.], dtype=float32)
    """
    return p.sqrt(promote_inexact(x))


@op
def cbrt(x: ArrayLike) -> Tensor:
    """Take the cube root, of negative numbers too.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> cbrt([8.0, -27.0])
        Array([ 2., -3.], dtype=float32)
    """
    x = promote_inexact(x)
    size = p.abs(x)
    zero = constant(0.0, x)
    is_zero = p.equal(size, zero)
    safe = p.select(is_zero, constant(1.0, x), size)
    root = p.power(safe, constant(1.0 / 3.0, x))
    # One step of Newton's method: a third is no float, so `power` is off by some roundings.
    step = p.divide(p.subtract(root, p.divide(safe, p.multiply(root, root))), constant(3.0, x))
    root = p.select(p.is_finite(step), p.subtract(root, step), root)
    return p.select(is_zero, x, p.multiply(p.sign(x), root))


@op
def logaddexp(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give log(exp(x1) + exp(x2)) without overflow.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> logaddexp([0.0, 1000.0], [-500.0, 0.0])
        Array([   0., 1000.], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    high, gap = _apart(x1, x2)
    return p.add(high, p.log1p(p.exp(gap)))


@op
def logaddexp2(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give log2(2**x1 + 2**x2) without overflow.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> logaddexp2([0.0, 3.0], [0.0, 3.0])
        Array([1., 4.], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    high, gap = _apart(x1, x2)
    ln2 = constant(math.log(2.0), x1)
    return p.add(high, p.divide(p.log1p(p.exp(p.multiply(gap, ln2))), ln2))


@op
def hypot(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give sqrt(x1**2 + x2**2) without overflow.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> hypot([3.0, 0.0], [4.0, 2.0])
        Array([5., 2.], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    x1, x2 = p.abs(x1), p.abs(x2)
    high, low = p.maximum(x1, x2), p.minimum(x1, x2)
    zero, one = constant(0.0, x1), constant(1.0, x1)
    plain = p.logical_and(p.is_finite(high), p.not_equal(high, zero))
    ratio = p.divide(low, p.select(plain, high, one))
    scaled = p.multiply(high, p.sqrt(p.add(one, p.multiply(ratio, ratio))))
    # An infinite side makes it infinite, even beside NaN.
    infinite = p.logical_or(p.is_inf(x1), p.is_inf(x2))
    return p.select(infinite, constant(math.inf, x1), p.select(plain, scaled, high))


def _to_base(x: Tensor, base: float) -> Tensor:
    return p.divide(p.log(x), constant(math.log(base), x))


def _apart(x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    """Return the greater one and minus the distance; equal infinities are no distance apart."""
    same = p.equal(x1, x2)
    gap = p.negate(p.abs(p.subtract(x1, x2)))
    return p.maximum(x1, x2), p.select(same, constant(0.0, x1), gap)
