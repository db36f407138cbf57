"""Arrays that are repeated, padded or rolled."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike, size
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import as_integers, inserted, normalize_axis, part
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op
from cornu.primitives import shape as p
from cornu.primitives.index import take
from cornu.primitives.rules import constant
from cornu.primitives.slicing import concatenate
from cornu.primitives.slicing import pad as pad_with

__all__ = ["pad", "repeat", "roll", "tile"]


@op
def repeat(x: ArrayLike, repeats: Any, axis: int | None = None) -> Tensor:
    """Repeat each element.

    Args:
        x: An array.
        repeats: How often: one number, or one for each element along the axis.
        axis: The axis; None means that `x` is flattened first.

    Raises:
        ShapeError: If there are neither one nor as many numbers as elements.

    Example:
        >>> repeat([1, 2], 2)
        Array([1, 1, 2, 2], dtype=int32)
    """
    x = as_tensor(x)
    if axis is None:
        x, axis = p.reshape(x, shape=(size(shape_of(x)),)), 0
    dims = shape_of(x)
    at = normalize_axis("repeat", axis, len(dims), x)
    if isinstance(repeats, Dim):
        return _each(x, repeats, at)
    times = as_integers("repeat", repeats)
    if any(t < 0 for t in times):
        raise ArgumentError("repeat", "the numbers of repetitions must not be negative")
    if len(times) == 1:
        return _each(x, times[0], at)
    if dims[at] != len(times):
        raise ShapeError(
            "repeat",
            f"there must be one number for each element along axis {at}",
            x=spec_of(x),
            repeats=len(times),
        )
    places = np.repeat(np.arange(len(times), dtype=np.int32), times)
    return take(x, places, axis=at)


def _each(x: Tensor, times: DimLike, axis: int) -> Tensor:
    dims = shape_of(x)
    wide = p.broadcast_to(
        inserted(x, (axis + 1,)), shape=(*dims[: axis + 1], times, *dims[axis + 1 :])
    )
    return p.reshape(wide, shape=(*dims[:axis], dims[axis] * times, *dims[axis + 1 :]))


@op
def tile(x: ArrayLike, repeats: Any) -> Tensor:
    """Repeat a whole array along its axes.

    Args:
        x: An array.
        repeats: How often along each axis; shorter ones than the rank count from the last axis,
            longer ones add axes in front.

    Example:
        >>> tile([1, 2], 2)
        Array([1, 2, 1, 2], dtype=int32)
    """
    x = as_tensor(x)
    if isinstance(repeats, (list, tuple)):
        times: list[DimLike] = [
            t if isinstance(t, Dim) else as_integers("tile", t)[0] for t in repeats
        ]
    else:
        times = [repeats] if isinstance(repeats, Dim) else list(as_integers("tile", repeats))
    dims = shape_of(x)
    rank = max(len(dims), len(times))
    times = [*(1 for _ in range(rank - len(times))), *times]
    dims = (*(1 for _ in range(rank - len(dims))), *dims)
    # Each axis gets one before it, over which it is repeated, and both become one.
    kept, spread, joined = [], [], []
    for d, t in zip(dims, times, strict=True):
        kept += [1, d]
        spread += [t, d]
        joined.append(d * t)
    x = p.broadcast_to(p.reshape(x, shape=tuple(kept)), shape=tuple(spread))
    return p.reshape(x, shape=tuple(joined))


@op
def roll(x: ArrayLike, shift: Any, axis: Any = None) -> Tensor:
    """Move elements along axes; what leaves at the end comes back at the start.

    Args:
        x: An array.
        shift: By how many places; one number, or one for each axis.
        axis: The axis or axes; None means that `x` is flattened, moved, and shaped back.

    Raises:
        ArgumentError: If there are more shifts than axes or the other way round.

    Example:
        >>> roll([1, 2, 3], 1)
        Array([3, 1, 2], dtype=int32)
    """
    x = as_tensor(x)
    dims = shape_of(x)
    shifts = as_integers("roll", shift)
    if axis is None:
        flat = p.reshape(x, shape=(size(dims),))
        for s in shifts:
            flat = _rolled(flat, s, 0)
        return p.reshape(flat, shape=dims)
    axes = [axis] if isinstance(axis, int) else list(axis)
    if len(shifts) != len(axes):
        if 1 not in (len(shifts), len(axes)):
            raise ArgumentError("roll", "there must be one shift for each axis", axis=axis)
        shifts, axes = shifts * max(1, len(axes)), axes * max(1, len(shifts))
    for s, a in zip(shifts, axes, strict=False):
        x = _rolled(x, s, normalize_axis("roll", a, len(dims), x))
    return x


def _rolled(x: Tensor, by: int, axis: int) -> Tensor:
    n = shape_of(x)[axis]
    if not isinstance(n, Dim):
        by = by % n if n else 0
    if by == 0:
        return x
    cut = n - by if by > 0 else -by
    return concatenate(part(x, axis, cut, n), part(x, axis, 0, cut), axis=axis)


@op
def pad(
    x: ArrayLike, pad_width: Any, mode: str = "constant", constant_values: Any = None
) -> Tensor:
    """Put elements before and after those of an array, along each axis.

    Args:
        x: An array.
        pad_width: How many: one number, a pair (before, after), or one pair for each axis.
        mode: "constant"; "reflect" mirrors at the outermost element, "symmetric" at the edge, so
            that it comes twice; "edge" repeats it; "wrap" goes on at the other end.
        constant_values: The value for "constant"; None means zero.

    Raises:
        ArgumentError: If the mode is another one, or a number is negative.

    Example:
        >>> pad([1, 2, 3], (1, 2), mode="reflect")
        Array([2, 1, 2, 3, 2, 1], dtype=int32)
    """
    x = as_tensor(x)
    rank = len(shape_of(x))
    widths = _widths(pad_width, rank, x)
    if mode == "constant":
        value = (
            constant(0, x) if constant_values is None else as_tensor(constant_values, dtype_of(x))
        )
        return pad_with(
            x,
            value,
            low=tuple(w[0] for w in widths),
            high=tuple(w[1] for w in widths),
            interior=(0,) * rank,
        )
    if constant_values is not None:
        raise ArgumentError("pad", "only the mode 'constant' takes `constant_values`", mode=mode)
    if mode not in ("reflect", "symmetric", "edge", "wrap"):
        raise ArgumentError(
            "pad",
            "the mode must be 'constant', 'reflect', 'symmetric', 'edge' or 'wrap'",
            mode=mode,
        )
    for axis, (low, high) in enumerate(widths):
        if low or high:
            x = _padded(x, axis, low, high, mode)
    return x


def _widths(pad_width: Any, rank: int, x: Tensor) -> list[tuple[int, int]]:
    try:
        pairs = np.broadcast_to(np.asarray(pad_width), (rank, 2))
    except ValueError:
        raise ShapeError(
            "pad",
            "there must be one pair of numbers for each axis",
            x=spec_of(x),
            pad_width=pad_width,
        ) from None
    if pairs.dtype.kind not in "iu" or (pairs < 0).any():
        raise ArgumentError(
            "pad", "the numbers must be integers, zero or more", pad_width=pad_width
        )
    return [(int(a), int(b)) for a, b in pairs]


def _padded(x: Tensor, axis: int, low: int, high: int, mode: str) -> Tensor:
    n = shape_of(x)[axis]
    if not isinstance(n, Dim):
        if n == 0:
            raise ShapeError("pad", f"axis {axis} has no elements to repeat", x=spec_of(x))
        # By number: right for any width, also beyond the size of the axis.
        places = np.pad(np.arange(n, dtype=np.int32), (low, high), mode=mode)  # type: ignore[call-overload]
        if max(low, high) >= n or mode == "edge":
            return take(x, places, axis=axis)
    pieces = [x]
    if low:
        pieces.insert(0, _outside(x, axis, low, mode, before=True))
    if high:
        pieces.append(_outside(x, axis, high, mode, before=False))
    return concatenate(*pieces, axis=axis)


def _outside(x: Tensor, axis: int, width: int, mode: str, before: bool) -> Tensor:
    n = shape_of(x)[axis]
    if mode == "edge":
        at = 0 if before else n - 1
        dims = tuple(width if i == axis else d for i, d in enumerate(shape_of(x)))
        return p.broadcast_to(part(x, axis, at, at + 1), shape=dims)
    if mode == "wrap":
        return part(x, axis, n - width, n) if before else part(x, axis, 0, width)
    skip = 1 if mode == "reflect" else 0
    near = (skip, skip + width) if before else (n - skip - width, n - skip)
    return p.reverse(part(x, axis, *near), axes=(axis,))
