"""Diagonals and triangles of matrices."""

from __future__ import annotations

import operator
from typing import Any

from cornu.errors import ShapeError
from cornu.graph.dim import Dim, DimLike
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import normalize_axis, size_argument
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op
from cornu.ops.reductions import widened
from cornu.primitives import elementwise as p
from cornu.primitives import shape, slicing
from cornu.primitives.index import take_along_axis
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant

__all__ = ["diag", "diagflat", "diagonal", "trace", "tril", "triu", "vander"]


@op
def diag(x: ArrayLike, k: int = 0) -> Tensor:
    """Take a diagonal of a matrix, or make the matrix that has one.

    Args:
        x: A matrix, or the diagonal, 1-D.
        k: The diagonal, counted to the right from the main one.

    Raises:
        ShapeError: If `x` has neither one axis nor two.

    Example:
        >>> diag([1, 2])
        Array([[1, 0],
               [0, 2]], dtype=int32)
    """
    x = as_tensor(x)
    rank = len(shape_of(x))
    if rank == 1:
        return _matrix(x, operator.index(k))
    if rank == 2:
        return _diagonal(x, operator.index(k))
    raise ShapeError("diag", "`x` must have one axis or two", x=spec_of(x))


@op
def diagflat(x: ArrayLike, k: int = 0) -> Tensor:
    """Make the matrix whose diagonal are the elements of `x`, which is flattened.

    Args:
        x: An array.
        k: The diagonal, counted to the right from the main one.

    Example:
        >>> diagflat([[1, 2]])
        Array([[1, 0],
               [0, 2]], dtype=int32)
    """
    x = as_tensor(x)
    total: DimLike = 1
    for d in shape_of(x):
        total = total * d
    return _matrix(shape.reshape(x, shape=(total,)), operator.index(k))


def _matrix(x: Tensor, k: int) -> Tensor:
    (n,) = shape_of(x)
    zero = constant(0, x)
    # Column j holds element j - k, or j where the diagonal lies below the main one.
    columns = slicing.pad(x, zero, low=(max(k, 0),), high=(max(-k, 0),), interior=(0,))
    m = n + abs(k)
    row = shape.reshape(columns, shape=(1, m))
    return p.select(_on_diagonal(m, m, k), row, zero)


def _numbers(rows: DimLike, columns: DimLike) -> tuple[Tensor, Tensor]:
    i, j = shape.iota(size=rows, dtype="int32"), shape.iota(size=columns, dtype="int32")
    return shape.reshape(i, shape=(rows, 1)), shape.reshape(j, shape=(1, columns))


def _on_diagonal(rows: DimLike, columns: DimLike, k: int) -> Tensor:
    i, j = _numbers(rows, columns)
    return p.equal(j, p.add(i, constant(k, i)))


@op
def diagonal(x: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Take the diagonals of the matrices in two axes; they become the last axis.

    Args:
        x: An array of at least two axes.
        offset: The diagonal, counted to the right from the main one.
        axis1: The axis of rows.
        axis2: The axis of columns.

    Raises:
        ShapeError: If the two axes are the same.

    Example:
        >>> diagonal([[1, 2], [3, 4]])
        Array([1, 4], dtype=int32)
    """
    return _diagonal(_matrices("diagonal", as_tensor(x), axis1, axis2), operator.index(offset))


def _matrices(name: str, x: Tensor, axis1: int, axis2: int) -> Tensor:
    """Move the two axes to the end."""
    rank = len(shape_of(x))
    i, j = normalize_axis(name, axis1, rank, x), normalize_axis(name, axis2, rank, x)
    if i == j:
        raise ShapeError(name, "the two axes must be different ones", x=spec_of(x))
    order = (*(a for a in range(rank) if a not in (i, j)), i, j)
    return x if order == tuple(range(rank)) else shape.transpose(x, axes=order)


def _diagonal(x: Tensor, k: int) -> Tensor:
    *lead, n, m = shape_of(x)
    rows, columns = n + min(k, 0), m - max(k, 0)
    length = _smaller(rows, columns)
    if not isinstance(length, Dim) and length <= 0:
        return shape.reshape(
            slicing.static_slice(
                x,
                start=(0,) * (len(lead) + 2),
                stop=(*lead, 0, 0),
                step=(1,) * (len(lead) + 2),
            ),
            shape=(*lead, 0),
        )
    if isinstance(m, Dim):
        return _gathered(x, k, length)
    first = k if k >= 0 else -k * m
    flat = shape.reshape(x, shape=(*lead, n * m))
    return slicing.static_slice(
        flat,
        start=(*(0 for _ in lead), first),
        stop=(*lead, first + (length - 1) * (m + 1) + 1),
        step=(*(1 for _ in lead), m + 1),
    )


def _smaller(a: DimLike, b: DimLike) -> DimLike:
    if a == b:
        return a
    if isinstance(a, Dim) or isinstance(b, Dim):
        return Dim.fresh()
    return min(a, b)


def _gathered(x: Tensor, k: int, length: DimLike) -> Tensor:
    """The number of columns isn't known, so there is no fixed step along the elements."""
    *lead, _, m = shape_of(x)
    top, left = max(-k, 0), max(k, 0)
    part = slicing.static_slice(
        x,
        start=(*(0 for _ in lead), top, 0),
        stop=(*lead, top + length, m),
        step=(1,) * (len(lead) + 2),
    )
    i = shape.iota(size=length, dtype="int32")
    column = shape.reshape(p.add(i, constant(left, i)), shape=(*(1 for _ in lead), length, 1))
    places = shape.broadcast_to(column, shape=(*lead, length, 1))
    found = take_along_axis(part, places, axis=len(lead) + 1)
    return shape.reshape(found, shape=(*lead, length))


@op
def trace(x: ArrayLike, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Add up the diagonals of the matrices in two axes.

    Args:
        x: An array of at least two axes; narrow integers are added in 32 bits.
        offset: The diagonal, counted to the right from the main one.
        axis1: The axis of rows.
        axis2: The axis of columns.

    Example:
        >>> trace([[1, 2], [3, 4]])
        Array(5, dtype=int32)
    """
    y = _diagonal(_matrices("trace", widened(as_tensor(x)), axis1, axis2), operator.index(offset))
    return reduce_sum(y, axes=(len(shape_of(y)) - 1,))


@op
def tril(x: ArrayLike, k: int = 0) -> Tensor:
    """Keep the lower triangles of matrices, with zeros above.

    Args:
        x: Matrices, in the last two axes.
        k: The last diagonal that stays, counted to the right from the main one.

    Raises:
        ShapeError: If there are fewer than two axes.

    Example:
        >>> tril([[1, 2], [3, 4]])
        Array([[1, 0],
               [3, 4]], dtype=int32)
    """
    return _triangle("tril", as_tensor(x), operator.index(k), p.less_equal)


@op
def triu(x: ArrayLike, k: int = 0) -> Tensor:
    """Keep the upper triangles of matrices, with zeros below.

    Args:
        x: Matrices, in the last two axes.
        k: The first diagonal that stays, counted to the right from the main one.

    Raises:
        ShapeError: If there are fewer than two axes.

    Example:
        >>> triu([[1, 2], [3, 4]])
        Array([[1, 2],
               [0, 4]], dtype=int32)
    """
    return _triangle("triu", as_tensor(x), operator.index(k), p.greater_equal)


def _triangle(name: str, x: Tensor, k: int, compare: Any) -> Tensor:
    dims = shape_of(x)
    if len(dims) < 2:
        raise ShapeError(name, "`x` must have at least two axes", x=spec_of(x))
    i, j = _numbers(dims[-2], dims[-1])
    return p.select(compare(j, p.add(i, constant(k, i))), x, constant(0, x))


@op
def vander(x: ArrayLike, N: Any = None, increasing: bool = False) -> Tensor:
    """Return the Vandermonde matrix: in each row the powers of one element.

    Args:
        x: Numbers, 1-D.
        N: Number of columns; None means as many as elements.
        increasing: Whether the powers ascend from left to right.

    Raises:
        ShapeError: If `x` isn't 1-D.

    Example:
        >>> vander([1, 2, 3], 2)
        Array([[1, 1],
               [2, 1],
               [3, 1]], dtype=int32)
    """
    x = as_tensor(x)
    if len(shape_of(x)) != 1:
        raise ShapeError("vander", "`x` must have one axis", x=spec_of(x))
    (n,) = shape_of(x)
    columns = n if N is None else size_argument("vander", N)
    exponents = shape.iota(size=columns, dtype=dtype_of(x))
    if not increasing:
        exponents = shape.reverse(exponents, axes=(0,))
    base = shape.reshape(x, shape=(n, 1))
    return p.power(base, shape.reshape(exponents, shape=(1, columns)))
