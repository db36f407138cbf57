"""Comparisons, element by element; the results are boolean."""

from __future__ import annotations

from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor, op, promote, promote_inexact
from cornu.primitives import elementwise as p
from cornu.primitives.reduce import reduce_all
from cornu.primitives.rules import constant

__all__ = [
    "allclose",
    "equal",
    "greater",
    "greater_equal",
    "isclose",
    "less",
    "less_equal",
    "not_equal",
]


@op
def equal(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where x1 is equal to x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> equal([1, 2], [1, 3])
        Array([ True, False])
    """
    x1, x2 = promote(x1, x2)
    return p.equal(x1, x2)


@op
def not_equal(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where x1 is different from x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> not_equal([1, 2], [1, 3])
        Array([False,  True])
    """
    x1, x2 = promote(x1, x2)
    return p.not_equal(x1, x2)


@op
def less(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where x1 is less than x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> less([1, 2], [1, 3])
        Array([False,  True])
    """
    x1, x2 = promote(x1, x2)
    return p.less(x1, x2)


@op
def less_equal(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where x1 is at most x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> less_equal([1, 2], [1, 3])
        Array([ True,  True])
    """
    x1, x2 = promote(x1, x2)
    return p.less_equal(x1, x2)


@op
def greater(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where x1 is greater than x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> greater([1, 2], [1, 3])
        Array([False, False])
    """
    x1, x2 = promote(x1, x2)
    return p.greater(x1, x2)


@op
def greater_equal(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where x1 is at least x2.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> greater_equal([1, 2], [1, 3])
        Array([ True, False])
    """
    x1, x2 = promote(x1, x2)
    return p.greater_equal(x1, x2)


@op
def isclose(
    x1: ArrayLike, x2: ArrayLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Say where two arrays agree within a tolerance: |x1 - x2| <= atol + rtol * |x2|.

    Args:
        x1: First operand.
        x2: Second operand, the reference; the shapes broadcast.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        equal_nan: Whether NaN agrees with NaN.

    Example:
        >>> isclose([1.0, 2.0], [1.0, 2.1])
        Array([ True, False])
    """
    x1, x2 = promote_inexact(x1, x2)
    bound = p.add(constant(atol, x2), p.multiply(constant(rtol, x2), p.abs(x2)))
    near = p.less_equal(p.abs(p.subtract(x1, x2)), bound)
    # The difference of equal infinities is NaN; that of an infinity and a number has no bound.
    finite = p.logical_and(p.is_finite(x1), p.is_finite(x2))
    close = p.logical_or(p.equal(x1, x2), p.logical_and(finite, near))
    if equal_nan:
        close = p.logical_or(close, p.logical_and(p.is_nan(x1), p.is_nan(x2)))
    return close


@op
def allclose(
    x1: ArrayLike, x2: ArrayLike, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Say whether all elements of two arrays agree within a tolerance.

    Args:
        x1: First operand.
        x2: Second operand, the reference; the shapes broadcast.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        equal_nan: Whether NaN agrees with NaN.

    Returns:
        One boolean, 0-d.

    Example:
        >>> bool(allclose([1.0, 2.0], [1.0, 2.0]))
        True
    """
    close = isclose(x1, x2, rtol, atol, equal_nan)
    return reduce_all(close, axes=tuple(range(len(shape_of(close)))))
