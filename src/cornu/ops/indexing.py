"""`x[key]`: the indexing of NumPy, by integers, slices, None, `...`, arrays and masks.

The key is read once into one entry per axis. Slices, integers and new axes are a `slice`, a
`reverse` and a `reshape`; arrays of indices then gather. Whatever works on an array works on a
tracer and a KerasTensor too, except a mask, whose result has a shape that depends on data.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ShapeError, UnknownDimension
from cornu.graph.dim import Dim, DimLike
from cornu.graph.dtypes import is_integer
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import inserted
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, to_dtype
from cornu.primitives import index, shape, slicing
from cornu.primitives.rules import broadcast_shape, constant
from cornu.primitives.sort import nonzero

__all__ = ["get_item"]


@op
def get_item(x: ArrayLike, key: Any) -> Tensor:
    """Return x[key], as NumPy reads it.

    Args:
        x: An array.
        key: Integers, slices, None, `...`, arrays of integers or booleans, or a tuple of these.
            Integers may be values that are known only when a compiled step runs.

    Raises:
        IndexError: If an integer is out of range, or there are more of them than axes.

    Example:
        >>> get_item([[1, 2, 3], [4, 5, 6]], (slice(None), -1))
        Array([3, 6], dtype=int32)
    """
    x = as_tensor(x)
    entries = _entries(x, key if isinstance(key, tuple) else (key,))
    if not any(_is_array(e) for e in entries):
        return _basic(x, entries)
    return _advanced(x, entries)


# Reading the key


def _entries(x: Tensor, key: tuple[Any, ...]) -> list[Any]:
    """Return one entry per axis, and None where a new axis goes; masks become their places."""
    entries: list[Any] = []
    for k in key:
        entries += _entry(k)
    rank = len(shape_of(x))
    used = sum(e is not None and e is not Ellipsis for e in entries)
    if used > rank:
        raise _too_many(x, used)
    places = [i for i, e in enumerate(entries) if e is Ellipsis]
    if len(places) > 1:
        raise ArgumentError("get_item", "there can be only one `...` in an index")
    at = places[0] if places else len(entries)
    entries[at : at + len(places)] = [slice(None)] * (rank - used)
    return entries


class _Mask:
    """The places of one axis that a mask leaves, so that entries of one mask know each other."""

    def __init__(self, places: Tensor, size: DimLike) -> None:
        self.places = places
        self.size = size


def _entry(k: Any) -> list[Any]:
    if k is None or k is Ellipsis or isinstance(k, (slice, Dim)):
        return [k]
    if isinstance(k, (bool, np.bool_)):
        raise ArgumentError("get_item", "a single True or False is no index", fix=_NEW_AXIS)
    if isinstance(k, (int, np.integer)):
        return [int(k)]
    if not hasattr(k, "dtype") and not isinstance(k, (list, tuple)) and hasattr(k, "__index__"):
        return [operator.index(k)]
    array = as_tensor(k)
    dims = shape_of(array)
    if isinstance(k, (list, tuple)) and 0 in dims and len(dims) == 1:
        array = to_dtype(array, "int32")  # an empty list is one of integers
    dtype = dtype_of(array)
    if dtype == "bool":
        if not dims:
            raise ArgumentError("get_item", "a 0-d boolean is no index", fix=_NEW_AXIS)
        found = nonzero(array)
        return [_Mask(i, d) for i, d in zip(found, dims, strict=True)]
    if not is_integer(dtype):
        raise ArgumentError(
            "get_item",
            "an index must be an integer or a boolean",
            fix="Cast it with `ops.cast(index, 'int32')`.",
            index=spec_of(array),
        )
    return [array]


_NEW_AXIS = "Use None for a new axis, and `ops.where` to choose by a condition."


def _is_array(e: Any) -> bool:
    return isinstance(e, _Mask) or (hasattr(e, "dtype") and len(shape_of(e)) > 0)


def _too_many(x: Tensor, used: int) -> IndexError:
    spec = spec_of(x)
    return IndexError(f"get_item: {used} indices are too many for {spec!r}, of {spec.ndim} axes.")


# Slices, integers, new axes


def _basic(x: Tensor, entries: Sequence[Any]) -> Tensor:
    """Apply integers, slices and new axes; a 0-d array takes one place of its axis."""
    x = _cut(x, entries)
    dims = iter(shape_of(x))
    kept: list[DimLike] = []
    takes: list[tuple[int, Tensor]] = []  # place in the result so far, index
    for e in entries:
        if e is None:
            kept.append(1)
            continue
        d = next(dims)
        if isinstance(e, slice):
            kept.append(d)
        elif hasattr(e, "dtype"):
            takes.append((len(kept), e))
            kept.append(d)
    if tuple(kept) != shape_of(x):
        x = shape.reshape(x, shape=tuple(kept))
    for at, i in reversed(takes):
        x = index.take(x, i, axis=at)
    return x


def _cut(x: Tensor, entries: Sequence[Any]) -> Tensor:
    """Apply slices and integers, each of which leaves an axis of size one."""
    start: list[DimLike] = []
    stop: list[DimLike] = []
    step: list[int] = []
    backwards: list[int] = []
    dims = shape_of(x)
    given = [e for e in entries if e is not None]
    for axis, (e, d) in enumerate(zip(given, dims, strict=True)):
        if isinstance(e, slice):
            a, b, s, reverse = _bounds(e, d)
            if reverse:
                backwards.append(axis)
        elif isinstance(e, (int, Dim)):
            a = _place(x, e, d, axis)
            b, s = a + 1, 1
        else:
            a, b, s = 0, d, 1
        start.append(a)
        stop.append(b)
        step.append(s)
    if any(a != 0 for a in start) or tuple(stop) != dims or set(step) - {1}:
        x = slicing.static_slice(x, start=tuple(start), stop=tuple(stop), step=tuple(step))
    return shape.reverse(x, axes=tuple(backwards)) if backwards else x


def _place(x: Tensor, i: DimLike, d: DimLike, axis: int) -> DimLike:
    if isinstance(i, Dim):
        return i
    if isinstance(d, int) and not -d <= i < d:
        raise IndexError(
            f"get_item: the index {i} is out of range for axis {axis} of {spec_of(x)!r}."
        )
    return d + i if i < 0 else i


def _bounds(key: slice, d: DimLike) -> tuple[DimLike, DimLike, int, bool]:
    """Return start, stop and positive step, and whether the result is then reversed."""
    step = 1 if key.step is None else operator.index(key.step)
    if step == 0:
        raise ArgumentError("get_item", "the step of a slice must not be zero")
    start, stop = _bound(key.start), _bound(key.stop)
    if isinstance(d, Dim) or isinstance(start, Dim) or isinstance(stop, Dim):
        return _unknown_bounds(start, stop, step, d)
    a, b, s = slice(start, stop, step).indices(d)
    n = len(range(a, b, s))
    if n == 0:
        return 0, 0, 1, False
    if s > 0:
        return a, min(b, d), s, False
    return a + (n - 1) * s, a + 1, -s, True


def _bound(b: Any) -> DimLike | None:
    return b if b is None or isinstance(b, Dim) else operator.index(b)


def _unknown_bounds(
    start: DimLike | None, stop: DimLike | None, step: int, d: DimLike
) -> tuple[DimLike, DimLike, int, bool]:
    """Bounds along an axis of unknown size.

    `n - 1` is exact for `[1:]` and `[:-1]`. A bound that NumPy would clamp to the size, as in
    `[:5]`, gives a length that is not known before.
    """
    if step < 0:
        if start is None and stop is None:
            if step == -1:
                return 0, d, 1, True
            return (d - 1) % -step, d, -step, True
        raise UnknownDimension(
            "A slice with a negative step and bounds needs an axis of known size.",
            fix="Take the slice with a positive step and `ops.flip` it.",
        )
    first = _from_start(0 if start is None else start, d, clamped=1)
    last = d if stop is None else _from_start(stop, d, clamped=0)
    if isinstance(first, int) and isinstance(last, int) and last < first:
        last = first
    return first, last, step, False


def _from_start(b: DimLike, d: DimLike, clamped: int) -> DimLike:
    if isinstance(b, Dim) or not isinstance(d, Dim):
        return d + b if isinstance(b, int) and b < 0 else b
    if b < 0:
        return d + b if b == -1 else d - _unknown()
    return b if b <= clamped else _unknown()


def _unknown() -> Dim:
    return Dim.fresh()


# Arrays of indices


def _advanced(x: Tensor, entries: Sequence[Any]) -> Tensor:
    """Gather. Beside an array, integers are indices too, and all of them broadcast together."""
    plain = [slice(None) if not isinstance(e, slice) and e is not None else e for e in entries]
    y = _basic(x, plain)
    places: list[int] = []  # axes of y that are indexed, and by what
    indices: list[Tensor] = []
    adjacent = True
    for axis, e in enumerate(entries):
        if e is None or isinstance(e, slice):
            continue
        if places and places[-1] != axis - 1:
            adjacent = False
        places.append(axis)
        indices.append(_index(y, e, axis))
    if len(places) == 1:
        return index.take(y, indices[0], axis=places[0])
    common = broadcast_shape("get_item", *(spec_of(i) for i in indices))
    vectors = slicing.concatenate(
        *(
            inserted(shape.broadcast_to(to_dtype(i, "int32"), shape=common), (len(common),))
            for i in indices
        ),
        axis=len(common),
    )
    rank = len(shape_of(y))
    rest = [a for a in range(rank) if a not in places]
    moved = shape.transpose(y, axes=(*places, *rest)) if places[-1] >= len(places) else y
    found = index.gather_nd(moved, vectors)
    if not adjacent or places[0] == 0:
        return found
    # Adjacent indices: their axes go where the first of them was.
    many, before = len(common), places[0]
    order = (*range(many, many + before), *range(many), *range(many + before, many + len(rest)))
    return shape.transpose(found, axes=order)


def _index(y: Tensor, e: Any, axis: int) -> Tensor:
    d = shape_of(y)[axis]
    if isinstance(e, _Mask):
        if isinstance(d, int) and isinstance(e.size, int) and d != e.size:
            raise ShapeError(
                "get_item", f"a mask has {e.size} elements along axis {axis}", x=spec_of(y)
            )
        return e.places
    if isinstance(e, int):
        return constant(int(_place(y, e, d, axis)) if isinstance(d, int) else e, _INT32)
    if isinstance(e, Dim):
        raise UnknownDimension("An unknown size can't be an index beside an array of indices.")
    return e


_INT32 = np.zeros((), np.int32)
