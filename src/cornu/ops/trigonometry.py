"""Trigonometric and hyperbolic functions."""

from __future__ import annotations

import math

from cornu.ops.op import ArrayLike, Tensor, op, promote_inexact
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant

__all__ = [
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cos",
    "cosh",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]


@op
def sin(x: ArrayLike) -> Tensor:
    """Take the sine of radians.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> sin([0.0, 1.5707964])
        Array([0., 1.], dtype=float32)
    """
    return p.sin(promote_inexact(x))


@op
def cos(x: ArrayLike) -> Tensor:
    """Take the cosine of radians.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> cos([0.0])
        Array([1.], dtype=float32)
    """
    return p.cos(promote_inexact(x))


@op
def tan(x: ArrayLike) -> Tensor:
    """Take the tangent of radians.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> tan([0.0])
        Array([0.], dtype=float32)
    """
    return p.tan(promote_inexact(x))


@op
def arcsin(x: ArrayLike) -> Tensor:
    """Give the angle in [-pi/2, pi/2] whose sine is x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> arcsin([0.0])
        Array([0.], dtype=float32)
    """
    return p.asin(promote_inexact(x))


@op
def arccos(x: ArrayLike) -> Tensor:
    """Give the angle in [0, pi] whose cosine is x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> arccos([1.0])
        Array([0.], dtype=float32)
    """
    return p.acos(promote_inexact(x))


@op
def arctan(x: ArrayLike) -> Tensor:
    """Give the angle in [-pi/2, pi/2] whose tangent is x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> arctan([0.0])
        Array([0.], dtype=float32)
    """
    return p.atan(promote_inexact(x))


@op
def sinh(x: ArrayLike) -> Tensor:
    """Take the hyperbolic sine.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> sinh([0.0])
        Array([0.], dtype=float32)
    """
    return p.sinh(promote_inexact(x))


@op
def cosh(x: ArrayLike) -> Tensor:
    """Take the hyperbolic cosine.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> cosh([0.0])
        Array([1.], dtype=float32)
    """
    return p.cosh(promote_inexact(x))


@op
def tanh(x: ArrayLike) -> Tensor:
    """Take the hyperbolic tangent.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> tanh([0.0])
        Array([0.], dtype=float32)
    """
    return p.tanh(promote_inexact(x))


@op
def arcsinh(x: ArrayLike) -> Tensor:
    """Give the number whose hyperbolic sine is x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> arcsinh([0.0])
        Array([0.], dtype=float32)
    """
    return p.asinh(promote_inexact(x))


@op
def arccosh(x: ArrayLike) -> Tensor:
    """Give the number, zero or positive, whose hyperbolic cosine is x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> arccosh([1.0])
        Array([0.], dtype=float32)
    """
    return p.acosh(promote_inexact(x))


@op
def arctanh(x: ArrayLike) -> Tensor:
    """Give the number whose hyperbolic tangent is x.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> arctanh([0.0])
        Array([0.], dtype=float32)
    """
    return p.atanh(promote_inexact(x))


@op
def arctan2(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Give the angle of the point (x2, x1), in [-pi, pi].

    Args:
        x1: Coordinates along the second axis.
        x2: Coordinates along the first axis; the shapes broadcast.

    Example:
        >>> arctan2([0.0], [1.0])
        Array([0.], dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    return p.atan2(x1, x2)


@op
def sinc(x: ArrayLike) -> Tensor:
    """Give sin(pi x) / (pi x), and 1 at zero.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> sinc([0.0])
        Array([1.], dtype=float32)
    """
    x = promote_inexact(x)
    angle = p.multiply(x, constant(math.pi, x))
    is_zero = p.equal(x, constant(0.0, x))
    # Replaced before the division, so that the gradient at zero is zero and not NaN.
    safe = p.select(is_zero, constant(1.0, x), angle)
    return p.select(is_zero, constant(1.0, x), p.divide(p.sin(safe), safe))


@op
def deg2rad(x: ArrayLike) -> Tensor:
    """Convert degrees to radians.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> round(float(deg2rad(180.0)), 5)
        3.14159
    """
    x = promote_inexact(x)
    return p.multiply(x, constant(math.pi / 180.0, x))


@op
def rad2deg(x: ArrayLike) -> Tensor:
    """Convert radians to degrees.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> rad2deg([0.0])
        Array([0.], dtype=float32)
    """
    x = promote_inexact(x)
    return p.multiply(x, constant(180.0 / math.pi, x))
