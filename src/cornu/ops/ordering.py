"""Order: sort, search in sorted values, find different values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.backends import current
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, size
from cornu.graph.primitive import HANDLERS
from cornu.graph.spec import shape_of, spec_of
from cornu.graph.trace import Tracer
from cornu.ops.axes import normalize_axis, part
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote
from cornu.primitives import elementwise as p
from cornu.primitives import shape
from cornu.primitives import sort as order
from cornu.primitives.cumulative import cumsum
from cornu.primitives.index import scatter_nd, take
from cornu.primitives.reduce import reduce_any
from cornu.primitives.rules import constant
from cornu.primitives.slicing import concatenate

__all__ = ["argpartition", "argsort", "digitize", "isin", "searchsorted", "sort", "unique"]

# Up to so many values each is compared with all; beyond, they are sorted and searched.
_COMPARED = 64


def _flat(x: Tensor) -> Tensor:
    return shape.reshape(x, shape=(size(shape_of(x)),))


def _line(name: str, x: Any, axis: int | None) -> tuple[Tensor, int]:
    """Return the array and the axis from the front; None flattens, and a scalar gets an axis."""
    x = as_tensor(x)
    if axis is None:
        return _flat(x), 0
    return x, normalize_axis(name, axis, len(shape_of(x)), x)


@op
def sort(x: ArrayLike, axis: int | None = -1) -> Tensor:
    """Sort in ascending order along an axis; NaN comes last.

    Args:
        x: Numbers or booleans.
        axis: The axis; None means that `x` is flattened first.

    Example:
        >>> sort([3, 1, 2])
        Array([1, 2, 3], dtype=int32)
    """
    x, at = _line("sort", x, axis)
    return order.sort(x, axis=at)[0]


@op
def argsort(x: ArrayLike, axis: int | None = -1) -> Tensor:
    """Give the places from which the elements come if they are sorted; equal ones keep their order.

    Args:
        x: Numbers or booleans.
        axis: The axis; None means that `x` is flattened first.

    Returns:
        Places along the axis, int32.

    Example:
        >>> argsort([3, 1, 2])
        Array([1, 2, 0], dtype=int32)
    """
    x, at = _line("argsort", x, axis)
    return order.sort(x, axis=at)[1]


@op
def argpartition(x: ArrayLike, kth: int, axis: int | None = -1) -> Tensor:
    """Give places so that no element before the `kth` is greater than it, and none after smaller.

    Args:
        x: Numbers or booleans.
        kth: The place that is to be right.
        axis: The axis; None means that `x` is flattened first.

    Returns:
        Places along the axis, int32. They are those of the sorted array.

    Raises:
        ArgumentError: If there is no place `kth`.

    Example:
        >>> argpartition([3, 1, 2], 0)[0]
        Array(1, dtype=int32)
    """
    x, at = _line("argpartition", x, axis)
    n = shape_of(x)[at]
    if not isinstance(n, Dim) and not -n <= kth < n:
        raise ArgumentError("argpartition", f"`kth` must be from {-n} to {n - 1}", kth=kth)
    return order.sort(x, axis=at)[1]


@op
def searchsorted(sorted_sequence: ArrayLike, values: ArrayLike, side: str = "left") -> Tensor:
    """Give the places where values would have to be inserted so that a sequence stays sorted.

    Args:
        sorted_sequence: Sorted numbers, 1-D.
        values: Values to place, of any shape.
        side: "left" places a value before equal ones, "right" after them.

    Returns:
        Places, int32.

    Raises:
        ShapeError: If the sequence isn't 1-D.
        ArgumentError: If the side is another one.

    Example:
        >>> searchsorted([1, 3, 5], [3, 4])
        Array([1, 2], dtype=int32)
    """
    ordered, values = promote(as_tensor(sorted_sequence), values)
    if len(shape_of(ordered)) != 1:
        raise ShapeError(
            "searchsorted", "the sequence must have one axis", sorted_sequence=spec_of(ordered)
        )
    return order.searchsorted(ordered, values, side=side)


@op
def digitize(x: ArrayLike, bins: ArrayLike) -> Tensor:
    """Give the number of the bin of each value: i where bins[i - 1] <= x < bins[i].

    Args:
        x: Values.
        bins: Limits, 1-D, ascending; or descending, then i where bins[i - 1] > x >= bins[i].

    Returns:
        Numbers of bins, int32, from 0 to the number of limits.

    Example:
        >>> digitize([0.0, 1.5, 9.0], [1.0, 2.0])
        Array([0, 1, 2], dtype=int32)
    """
    x, bins = promote(x, as_tensor(bins))
    if len(shape_of(bins)) != 1:
        raise ShapeError("digitize", "`bins` must have one axis", bins=spec_of(bins))
    (n,) = shape_of(bins)
    rising = order.searchsorted(bins, x, side="right")
    if not isinstance(n, Dim) and n < 2:
        return rising
    total = shape.dim_size(bins, axis=0)
    falling = order.searchsorted(shape.reverse(bins, axes=(0,)), x, side="left")
    first, last = part(bins, 0, 0, 1), part(bins, 0, n - 1, n)
    descends = shape.reshape(p.less(last, first), shape=())
    return p.select(descends, p.subtract(total, falling), rising)


@op
def isin(x1: ArrayLike, x2: ArrayLike, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Say which elements are among given values.

    Args:
        x1: Elements.
        x2: The values; their shape doesn't matter.
        assume_unique: Allowed for the API; the result is the same.
        invert: Whether to say which are not.

    Example:
        >>> isin([1, 2, 3], [2, 5])
        Array([False,  True, False])
    """
    x1, x2 = promote(x1, x2)
    values = _flat(x2)
    (n,) = shape_of(values)
    if isinstance(n, int) and n > _COMPARED and dtype_of(values) != "bool":
        ordered = order.sort(values, axis=0)[0]
        place = order.searchsorted(ordered, x1, side="left")
        place = p.minimum(place, constant(n - 1, place))
        found = p.equal(take(ordered, place, axis=0), x1)
    else:
        rank = len(shape_of(x1))
        wide = shape.reshape(x1, shape=(*shape_of(x1), 1))
        found = reduce_any(p.equal(wide, values), axes=(rank,))
    return p.logical_not(found) if invert else found


@op
def unique(
    x: ArrayLike,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: ArrayLike | None = None,
) -> Any:
    """Find the different values.

    How many there are is data, so it can't be compiled unless `size` says how many to return.

    Args:
        x: Numbers or booleans.
        sorted: Allowed for the API; the values are always sorted.
        return_index: Whether to return the first place of each.
        return_inverse: Whether to return, for each element, the number of its value.
        return_counts: Whether to return how often each comes.
        axis: Compare slices along this axis; None compares elements.
        size: How many values to return: more are cut off, missing ones filled.
        fill_value: The value for missing ones; None means the smallest.

    Returns:
        The values, or a tuple of them and of what else was asked for, in that order.

    Example:
        >>> unique([3, 1, 3])
        Array([1, 3], dtype=int32)
    """
    x = as_tensor(x)
    wanted = (True, return_index, return_inverse, return_counts)
    if axis is not None and len(shape_of(x)) > 1:
        found = _unique_slices(x, normalize_axis("unique", axis, len(shape_of(x)), x))
        found = found if size is None else _resized(found, size, fill_value, axis)
    elif size is None:
        found = _unique_values(x)
    else:
        found = _unique_of_size(x, size, fill_value)
    results = tuple(f for f, w in zip(found, wanted, strict=True) if w)
    return results if len(results) > 1 else results[0]


def _unique_values(x: Tensor) -> tuple[Tensor, ...]:
    values, inverse, counts = order.unique(x)
    places = _flat(inverse)
    n = shape_of(places)[0]
    numbers = shape.iota(size=n, dtype="int32")
    latest = shape.full(shape=shape_of(values), value=n, dtype="int32")
    first = scatter_nd(latest, shape.reshape(places, shape=(n, 1)), numbers, mode="min")
    return values, first, inverse, counts


def _unique_of_size(x: Tensor, many: int, fill_value: Any) -> tuple[Tensor, ...]:
    """Everything is of a known size: the sorted values that differ from the one before are kept."""
    flat = _flat(x)
    n = int(shape_of(flat)[0])
    ordered, places = order.sort(flat, axis=0)
    differs = p.not_equal(part(ordered, 0, 1, n), part(ordered, 0, 0, n - 1))
    is_new = concatenate(shape.full(shape=(1,), value=True, dtype="bool"), differs, axis=0)
    rank = cumsum(p.cast(is_new, dtype="int32"), axis=0, reverse=False)
    rank = p.subtract(rank, constant(1, rank))
    # Those beyond `many` go to one more place, which is cut off.
    slot = shape.reshape(p.minimum(rank, constant(many, rank)), shape=(n, 1))
    fill = part(ordered, 0, 0, 1) if fill_value is None else as_tensor(fill_value, dtype_of(x))
    room = shape.broadcast_to(fill, shape=(many + 1,))
    values = scatter_nd(room, slot, ordered, mode="set")
    latest = shape.full(shape=(many + 1,), value=n, dtype="int32")
    first = scatter_nd(latest, slot, places, mode="min")
    first = p.select(p.equal(first, constant(n, first)), part(places, 0, 0, 1), first)
    ones = shape.full(shape=(n,), value=1, dtype="int32")
    zeros = shape.full(shape=(many + 1,), value=0, dtype="int32")
    counts = scatter_nd(zeros, slot, ones, mode="add")
    whole = shape.full(shape=(n,), value=0, dtype="int32")
    inverse = scatter_nd(whole, shape.reshape(places, shape=(n, 1)), rank, mode="set")
    inverse = shape.reshape(inverse, shape=shape_of(x))
    return part(values, 0, 0, many), part(first, 0, 0, many), inverse, part(counts, 0, 0, many)


def _unique_slices(x: Tensor, axis: int) -> tuple[Tensor, ...]:
    known = x if x.__class__ is Tracer or HANDLERS[x.__class__] is None else current().to_numpy(x)
    values, first, inverse, counts = np.unique(
        np.asarray(known), return_index=True, return_inverse=True, return_counts=True, axis=axis
    )
    dtype = dtype_of(x)
    numbers = (as_tensor(v.reshape(-1).astype(np.int32)) for v in (first, inverse, counts))
    return (as_tensor(values, dtype), *numbers)


def _resized(found: Sequence[Tensor], many: int, fill_value: Any, axis: int) -> tuple[Tensor, ...]:
    values, first, inverse, counts = found
    at = normalize_axis("unique", axis, len(shape_of(values)))
    n = shape_of(values)[at]
    return (
        _sized(values, at, n, many, fill_value),
        _sized(first, 0, n, many, None),
        inverse,
        _sized(counts, 0, n, many, 0),
    )


def _sized(x: Tensor, axis: int, n: Any, many: int, fill_value: Any) -> Tensor:
    if n >= many:
        return part(x, axis, 0, many)
    dims = tuple(many - n if i == axis else d for i, d in enumerate(shape_of(x)))
    fill = part(x, axis, 0, 1) if fill_value is None else as_tensor(fill_value, dtype_of(x))
    return concatenate(x, shape.broadcast_to(fill, shape=dims), axis=axis)
