"""Norms of vectors and matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cornu.errors import ArgumentError
from cornu.graph.spec import shape_of
from cornu.ops.axes import keep_axes, normalize_axis
from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote_inexact
from cornu.primitives import decompositions, reduce
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant
from cornu.primitives.shape import transpose

__all__ = ["norm"]


@op
def norm(
    x: ArrayLike,
    ord: float | str | None = None,
    axis: int | Sequence[int] | None = None,
    keepdims: bool = False,
) -> Tensor:
    """Return the norm of vectors along one axis, or of matrices along two.

    Of vectors: sum(abs(x)**ord)**(1 / ord); the largest element for inf, the smallest for -inf, the
    number of elements that aren't zero for 0. Of matrices: the largest sum of a column for 1, of a
    row for inf, the largest singular value for 2 (the smallest ones for -1, -inf, -2), the root of
    the sum of squares for "fro", the sum of the singular values for "nuc".

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        ord: Order; `None` means the root of the sum of squares.
        axis: Axis of the vectors, or the two axes of the matrices. `None` means all axes, which
            with an `ord` must be one or two.
        keepdims: Whether the axes stay, with size one.

    Shapes:
        x: (..., n) -> (...), for `axis=-1`

    Raises:
        ArgumentError: If there is no such order, or there are more than two axes.

    Example:
        >>> norm([[3.0, 4.0], [0.0, 1.0]], axis=-1)
        Array([5., 1.], dtype=float32)
    """
    x = promote_inexact(x)
    shape = shape_of(x)
    rank = len(shape)
    if axis is None:
        axes = tuple(range(rank))
    else:
        given = axis if isinstance(axis, (list, tuple)) else (axis,)
        axes = tuple(normalize_axis("norm", a, rank, x) for a in given)
    if len(set(axes)) != len(axes):
        raise ArgumentError("norm", "an axis is named twice", axis=axis)
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        y = _root_of_squares(x, axes)
    elif len(axes) == 1:
        y = _vector_norm(x, ord, axes)
    elif len(axes) == 2:
        y = _matrix_norm(x, ord, axes[0], axes[1])
    else:
        raise ArgumentError("norm", "with `ord` there must be one or two axes", x=x, ord=ord)
    return keep_axes(y, axes, shape, keepdims)


def _root_of_squares(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    total = reduce.reduce_sum(p.multiply(x, x), axes=axes)
    # Zero has the gradient 0, as `abs` has: that of the root alone would be inf, and inf * 0 NaN.
    zero = constant(0, x)
    is_zero = p.equal(total, zero)
    return p.select(is_zero, zero, p.sqrt(p.select(is_zero, constant(1, x), total)))


def _vector_norm(x: Tensor, ord: float | str, axes: tuple[int, ...]) -> Tensor:
    if isinstance(ord, str):
        raise ArgumentError("norm", f"there is no order {ord!r} for vectors", x=x)
    if ord == 0:
        some = p.cast(p.not_equal(x, constant(0, x)), dtype=dtype_of(x))
        return reduce.reduce_sum(some, axes=axes)
    size = p.abs(x)
    if ord == math.inf:
        return reduce.reduce_max(size, axes=axes)
    if ord == -math.inf:
        return reduce.reduce_min(size, axes=axes)
    if ord == 1:
        return reduce.reduce_sum(size, axes=axes)
    total = reduce.reduce_sum(p.power(size, constant(ord, x)), axes=axes)
    return p.power(total, constant(1.0 / ord, x))


def _matrix_norm(x: Tensor, ord: float | str, row: int, column: int) -> Tensor:
    if ord in (1, -1, math.inf, -math.inf):
        summed, over = (row, column) if abs(float(ord)) == 1 else (column, row)
        sums = reduce.reduce_sum(p.abs(x), axes=(summed,))
        extreme = reduce.reduce_max if float(ord) > 0 else reduce.reduce_min
        return extreme(sums, axes=(over - (over > summed),))
    if ord not in (2, -2, "nuc"):
        raise ArgumentError("norm", f"there is no order {ord!r} for matrices", x=x)
    rank = len(shape_of(x))
    others = [i for i in range(rank) if i not in (row, column)]
    moved = transpose(x, axes=(*others, row, column))
    _, values, _ = decompositions.svd(moved, full=False)
    last = len(others)
    if ord == "nuc":
        return reduce.reduce_sum(values, axes=(last,))
    extreme = reduce.reduce_max if ord == 2 else reduce.reduce_min
    return extreme(values, axes=(last,))
