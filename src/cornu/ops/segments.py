"""Reductions over segments, and the largest elements of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import same_dim
from cornu.graph.dtypes import is_float, is_integer, numpy_dtype
from cornu.graph.spec import shape_of
from cornu.ops.axes import as_integers, inserted, size_argument
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op
from cornu.primitives import elementwise as p
from cornu.primitives.index import scatter_nd, take_along_axis
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.shape import dim_size, full
from cornu.primitives.sort import top_k as largest

__all__ = ["in_top_k", "segment_max", "segment_min", "segment_prod", "segment_sum", "top_k"]


def _segments(
    name: str,
    data: ArrayLike,
    segment_ids: ArrayLike,
    num_segments: int | None,
    mode: str,
    start: Any,
) -> Tensor:
    x, ids = as_tensor(data), as_tensor(segment_ids)
    if dtype_of(x) == "bool":
        x = p.cast(x, dtype="int32")
    if len(shape_of(ids)) != 1 or not is_integer(dtype_of(ids)):
        raise ShapeError(name, "`segment_ids` must be integers on one axis", segment_ids=ids)
    if not shape_of(x) or not same_dim(shape_of(x)[0], shape_of(ids)[0]):
        raise ShapeError(
            name, "there must be one segment id per row of `data`", data=x, segment_ids=ids
        )
    if num_segments is None:
        num_segments = max(as_integers(name, ids), default=-1) + 1
    value = start(dtype_of(x)) if callable(start) else start
    rows = (size_argument(name, num_segments), *shape_of(x)[1:])
    begin = full(shape=rows, value=value, dtype=dtype_of(x))
    return scatter_nd(begin, inserted(ids, (1,)), x, mode=mode)


def _lowest(dtype: str) -> float:
    return -float("inf") if is_float(dtype) else int(np.iinfo(numpy_dtype(dtype)).min)


def _highest(dtype: str) -> float:
    return float("inf") if is_float(dtype) else int(np.iinfo(numpy_dtype(dtype)).max)


@op
def segment_sum(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Sum the rows of each segment.

    y[i] = sum of data[j] over all j with segment_ids[j] == i

    Args:
        data: Array of any number dtype.
        segment_ids: The segment of each row.
        num_segments: How many there are; `None`: one more than the largest id, which must be known.
        sorted: Whether the ids ascend: a hint which isn't needed here.

    Shapes:
        data: (n, ...), segment_ids: (n,) -> (num_segments, ...)

    Example:
        >>> segment_sum([1, 2, 3], [0, 1, 0], 3)
        Array([4, 2, 0], dtype=int32)
    """
    return _segments("segment_sum", data, segment_ids, num_segments, "add", 0)


@op
def segment_prod(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Multiply the rows of each segment.

    y[i] = product of data[j] over all j with segment_ids[j] == i

    Args:
        data: Array of any number dtype.
        segment_ids: The segment of each row.
        num_segments: How many there are; `None`: one more than the largest id, which must be known.
        sorted: Whether the ids ascend: a hint which isn't needed here.

    Shapes:
        data: (n, ...), segment_ids: (n,) -> (num_segments, ...)

    Example:
        >>> segment_prod([5, 2, 3], [0, 1, 0], 3)
        Array([15,  2,  1], dtype=int32)
    """
    return _segments("segment_prod", data, segment_ids, num_segments, "multiply", 1)


@op
def segment_max(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Return the maximum of the rows of each segment; of an empty one the least of the dtype.

    y[i] = max of data[j] over all j with segment_ids[j] == i

    Args:
        data: Array of any number dtype.
        segment_ids: The segment of each row.
        num_segments: How many there are; `None`: one more than the largest id, which must be known.
        sorted: Whether the ids ascend: a hint which isn't needed here.

    Shapes:
        data: (n, ...), segment_ids: (n,) -> (num_segments, ...)

    Example:
        >>> segment_max([1.0, 2.0, 3.0], [0, 1, 0], 3)
        Array([  3.,   2., -inf], dtype=float32)
    """
    return _segments("segment_max", data, segment_ids, num_segments, "max", _lowest)


@op
def segment_min(
    data: ArrayLike, segment_ids: ArrayLike, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Return the minimum of the rows of each segment; of an empty one the largest of the dtype.

    y[i] = min of data[j] over all j with segment_ids[j] == i

    Args:
        data: Array of any number dtype.
        segment_ids: The segment of each row.
        num_segments: How many there are; `None`: one more than the largest id, which must be known.
        sorted: Whether the ids ascend: a hint which isn't needed here.

    Shapes:
        data: (n, ...), segment_ids: (n,) -> (num_segments, ...)

    Example:
        >>> segment_min([1.0, 2.0, 3.0], [0, 1, 0], 3)
        Array([ 1.,  2., inf], dtype=float32)
    """
    return _segments("segment_min", data, segment_ids, num_segments, "min", _highest)


@op
def top_k(x: ArrayLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Return the k largest elements along the last axis, and where they are.

    Args:
        x: Array of any real dtype.
        k: How many.
        sorted: Whether they must descend, which they always do here.

    Returns:
        The pair (values, indices); of equal values the first one comes first.

    Shapes:
        x: (..., n) -> (..., k), (..., k)

    Raises:
        ShapeError: If there are fewer than k.

    Example:
        >>> top_k([5, 9, 7], 2)
        (Array([9, 7], dtype=int32), Array([1, 2], dtype=int32))
    """
    values, indices = largest(as_tensor(x), k=int(k))
    return values, indices


@op
def in_top_k(targets: ArrayLike, predictions: ArrayLike, k: int) -> Tensor:
    """Say whether the prediction for the right class is among the k largest.

    y = (number of classes predicted higher than the right one) < k

    Args:
        targets: Class numbers; one that no class has is not among the k largest.
        predictions: Scores; a right class that ties with others counts as the best of them.
        k: How many.

    Shapes:
        targets: (...), predictions: (..., c) -> (...)

    Raises:
        ShapeError: If the shapes don't go together.

    Example:
        >>> in_top_k([2, 0], [[1.0, 2.0, 9.0], [1.0, 2.0, 9.0]], 2)
        Array([ True, False])
    """
    labels, scores = as_tensor(targets, "int32"), as_tensor(predictions)
    rank = len(shape_of(scores))
    if len(shape_of(labels)) != rank - 1:
        raise ShapeError(
            "in_top_k", "`predictions` need one axis more", targets=labels, predictions=scores
        )
    if int(k) != k:
        raise ArgumentError("in_top_k", "`k` must be an integer", k=k)
    classes = dim_size(scores, axis=rank - 1)
    known = p.logical_and(p.less(labels, classes), p.less_equal(constant(0, labels), labels))
    labels = p.select(known, labels, constant(0, labels))
    right = take_along_axis(scores, inserted(labels, (rank - 1,)), axis=rank - 1)
    if is_float(dtype_of(scores)):  # NaN is nobody's best guess
        right = p.select(p.is_nan(right), constant(-float("inf"), right), right)
    higher = p.cast(p.greater(scores, right), dtype="int32")
    count = reduce_sum(higher, axes=(rank - 1,))
    return p.logical_and(known, p.less(count, constant(int(k), count)))
