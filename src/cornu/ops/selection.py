"""Choosing by condition: where, select; and taking elements by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import size
from cornu.graph.dtypes import is_integer
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import normalize_axis, shape_argument
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives import index
from cornu.primitives.rules import broadcast_shape, constant
from cornu.primitives.shape import broadcast_to, reshape
from cornu.primitives.sort import nonzero as find

__all__ = [
    "as_index",
    "nonzero",
    "select",
    "take",
    "take_along_axis",
    "unravel_index",
    "where",
]


@op
def where(condition: ArrayLike, x1: ArrayLike | None = None, x2: ArrayLike | None = None) -> Any:
    """Take elements of `x1` where the condition holds, of `x2` elsewhere.

    Args:
        condition: Booleans, or numbers, which are true unless zero.
        x1: Values where it holds; the shapes broadcast.
        x2: Values elsewhere. With neither of the two the places are returned, as by `nonzero`.

    Raises:
        ArgumentError: If only one of the two is given.

    Example:
        >>> where([True, False], 1.0, [5.0, 6.0])
        Array([1., 6.], dtype=float32)
    """
    condition = to_dtype(as_tensor(condition), "bool")
    if x1 is None and x2 is None:
        return find(condition)
    if x1 is None or x2 is None:
        raise ArgumentError("where", "both `x1` and `x2` must be given, or neither")
    x1, x2 = promote(x1, x2)
    return p.select(condition, x1, x2)


@op
def nonzero(x: ArrayLike) -> tuple[Tensor, ...]:
    """Find the elements that aren't zero. How many there are is data, so it can't be compiled.

    Args:
        x: Numbers or booleans.

    Returns:
        One array of places for each axis, int32.

    Example:
        >>> nonzero([0, 3, 0, 4])
        (Array([1, 3], dtype=int32),)
    """
    found: tuple[Tensor, ...] = find(as_tensor(x))
    return found


@op
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """Take each element from the first choice whose condition holds there.

    Args:
        condlist: Conditions.
        choicelist: One array of values for each condition; all shapes broadcast.
        default: Values where no condition holds.

    Raises:
        ArgumentError: If there are not as many choices as conditions, or none.

    Example:
        >>> select([[True, False], [True, True]], [[1, 2], [3, 4]])
        Array([1, 4], dtype=int32)
    """
    if len(condlist) != len(choicelist) or not condlist:
        raise ArgumentError(
            "select",
            "there must be as many choices as conditions, at least one",
            conditions=len(condlist),
            choices=len(choicelist),
        )
    *choices, result = promote(*choicelist, default)
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = p.select(to_dtype(as_tensor(condition), "bool"), choice, result)
    return result


def as_index(indices: Any) -> Tensor:
    """Return indices as integers; floats and booleans that hold whole numbers are cast."""
    indices = as_tensor(indices)
    return indices if is_integer(dtype_of(indices)) else to_dtype(indices, "int32")


@op
def take(x: ArrayLike, indices: ArrayLike, axis: int | None = None) -> Tensor:
    """Take slices by their index along an axis.

    Args:
        x: An array.
        indices: Places along the axis, of any shape; negative ones count from the end.
        axis: The axis; None means that `x` is flattened first.

    Shapes:
        x: (a, n, b), indices: (i, j) -> (a, i, j, b), for `axis=1`

    Raises:
        IndexError: If an index is out of range.

    Example:
        >>> take([10, 20, 30], [2, 0, -1])
        Array([30, 10, 30], dtype=int32)
    """
    x, indices = as_tensor(x), as_index(indices)
    if axis is None:
        x, axis = reshape(x, shape=(size(shape_of(x)),)), 0
    at = normalize_axis("take", axis, len(shape_of(x)), x)
    return index.take(x, indices, axis=at)


@op
def take_along_axis(x: ArrayLike, indices: ArrayLike, axis: int | None = None) -> Tensor:
    """Take one element for each index, at the same place along all other axes.

    Args:
        x: An array.
        indices: Places along the axis, of the rank of `x`; the other axes broadcast.
        axis: The axis; None means that `x` is flattened first, and `indices` are 1-D.

    Raises:
        ShapeError: If the ranks differ.
        IndexError: If an index is out of range.

    Example:
        >>> take_along_axis([[10, 20], [30, 40]], [[1], [0]], axis=1)
        Array([[20],
               [30]], dtype=int32)
    """
    x, indices = as_tensor(x), as_index(indices)
    if axis is None:
        x, axis = reshape(x, shape=(size(shape_of(x)),)), 0
        indices = reshape(indices, shape=(size(shape_of(indices)),))
    dims, places = shape_of(x), shape_of(indices)
    at = normalize_axis("take_along_axis", axis, len(dims), x)
    if len(dims) != len(places):
        raise ShapeError(
            "take_along_axis",
            "`indices` must have as many axes as `x`",
            x=spec_of(x),
            indices=spec_of(indices),
        )
    outer = _without(spec_of(x), at), _without(spec_of(indices), at)
    if outer[0].shape != outer[1].shape:
        common = list(broadcast_shape("take_along_axis", *outer))
        wide = [*common[:at], dims[at], *common[at + 1 :]]
        x = broadcast_to(x, shape=tuple(wide))
        wide[at] = places[at]
        indices = broadcast_to(indices, shape=tuple(wide))
    return index.take_along_axis(x, indices, axis=at)


def _without(spec: Any, axis: int) -> Any:
    dims = tuple(1 if i == axis else d for i, d in enumerate(spec.shape))
    return type(spec)(dims, spec.dtype)


@op
def unravel_index(indices: ArrayLike, shape: Any) -> tuple[Tensor, ...]:
    """Turn places in a flattened array into one index for each of its axes.

    Args:
        indices: Places; negative ones count from the end.
        shape: The shape of the array.

    Returns:
        One array of indices for each axis.

    Example:
        >>> unravel_index([5], (2, 3))
        (Array([1], dtype=int32), Array([2], dtype=int32))
    """
    rest = as_index(indices)
    dims = shape_argument("unravel_index", shape)
    dtype = dtype_of(rest)
    known = [int(d) for d in dims]
    total = int(np.prod(known, dtype=np.int64))
    if not dtype.startswith("uint"):
        rest = p.select(p.less(rest, constant(0, rest)), p.add(rest, constant(total, rest)), rest)
    found = []
    for d in reversed(known):
        by = constant(max(d, 1), rest)
        found.append(p.remainder(rest, by))
        rest = p.floor_divide(rest, by)
    return tuple(reversed(found))
