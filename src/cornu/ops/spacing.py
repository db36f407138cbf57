"""The next floating number."""

from __future__ import annotations

import math

from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant

__all__ = ["nextafter"]

# Bits of the fraction, and the exponent of the smallest normal number.
_FORMATS = {
    "float16": (10, -14),
    "bfloat16": (7, -126),
    "float32": (23, -126),
    "float64": (52, -1022),
}


@op
def nextafter(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the floating number beside `x1`, on the side of `x2`.

    Args:
        x1: Numbers; integers become `floatx`.
        x2: Where to go; the shapes broadcast. Where both are equal, `x2` is the result.

    Example:
        >>> float(nextafter(0.0, 1.0)) > 0
        True
    """
    x1, x2 = promote_inexact(x1, x2)
    dtype = dtype_of(x1)
    fraction, smallest = _FORMATS[dtype]
    # Those of 16 bits are all exact in float32, so the result is cast back without a rounding.
    inner = "float64" if dtype == "float64" else "float32"
    x, to = to_dtype(x1, inner), to_dtype(x2, inner)
    size = p.abs(x)
    zero, one, two = (constant(v, x) for v in (0.0, 1.0, 2.0))
    normal = constant(2.0**smallest, x)
    is_normal = p.logical_and(p.greater_equal(size, normal), p.is_finite(size))
    safe = p.select(is_normal, size, one)
    below = p.power(two, p.floor(p.divide(p.log(safe), constant(math.log(2.0), x))))
    # The logarithm may be off by a rounding on either side of a whole number.
    below = p.select(p.greater(below, safe), p.multiply(below, constant(0.5, x)), below)
    twice = p.multiply(below, two)
    below = p.select(p.less_equal(twice, safe), twice, below)
    inward = p.less(p.multiply(p.subtract(to, x), p.sign(x)), zero)
    # Just below a power of two the numbers lie twice as close.
    at_power = p.logical_and(p.equal(below, safe), p.greater(size, normal))
    step = p.multiply(below, constant(2.0**-fraction, x))
    step = p.select(p.logical_and(inward, at_power), p.multiply(step, constant(0.5, x)), step)
    step = p.select(is_normal, step, constant(2.0 ** (smallest - fraction), x))
    moved = p.select(p.less(x, to), p.add(x, step), p.subtract(x, step))
    # From infinity one step leads to the greatest finite number.
    greatest = constant((2.0 - 2.0**-fraction) * 2.0 ** (1 - smallest), x)
    moved = p.select(p.is_inf(x), p.multiply(p.sign(x), greatest), moved)
    moved = p.select(p.equal(x, to), to, moved)
    unknown = p.logical_or(p.is_nan(x), p.is_nan(to))
    return to_dtype(p.select(unknown, p.add(x, to), moved), dtype)
