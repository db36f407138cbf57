"""The same elements in another shape or order of axes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike, Shape
from cornu.graph.dim import size as product_of
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import (
    inserted,
    normalize_axes,
    normalize_axis,
    quotient,
    shape_argument,
)
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op
from cornu.primitives import shape as p

__all__ = [
    "broadcast_to",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "moveaxis",
    "ravel",
    "reshape",
    "rot90",
    "squeeze",
    "swapaxes",
    "transpose",
]


@op
def reshape(x: ArrayLike, newshape: Any) -> Tensor:
    """Return the same elements in another shape.

    Args:
        x: An array.
        newshape: The shape; one size may be -1 and follows from the others.

    Raises:
        ShapeError: If the elements don't fill the shape.

    Example:
        >>> reshape([1, 2, 3, 4], (2, -1))
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    x = as_tensor(x)
    if isinstance(newshape, (list, tuple)):  # a size that a model doesn't know is None there
        newshape = tuple(-1 if d is None else d for d in newshape)
    dims = list(shape_argument("reshape", newshape, negative=True))
    open_places = [i for i, d in enumerate(dims) if not isinstance(d, Dim) and d < 0]
    if open_places:
        if len(open_places) > 1 or dims[open_places[0]] != -1:
            raise ArgumentError("reshape", "only one size may be -1", newshape=newshape)
        (place,) = open_places
        dims[place] = _missing(x, [d for i, d in enumerate(dims) if i != place])
    return p.reshape(x, shape=tuple(dims))


def _missing(x: Tensor, others: Sequence[DimLike]) -> DimLike:
    total, known = product_of(shape_of(x)), product_of(others)
    if isinstance(known, Dim) or isinstance(total, Dim):
        return quotient(total, known)
    if known == 0 or total % known:
        raise ShapeError(
            "reshape",
            f"{total} elements can't be divided into groups of {known}",
            x=spec_of(x),
            sizes=tuple(others),
        )
    return total // known


@op
def ravel(x: ArrayLike) -> Tensor:
    """Return the elements along one axis, the last axis of `x` running fastest.

    Args:
        x: An array.

    Example:
        >>> ravel([[1, 2], [3, 4]])
        Array([1, 2, 3, 4], dtype=int32)
    """
    x = as_tensor(x)
    return p.reshape(x, shape=(product_of(shape_of(x)),))


@op
def transpose(x: ArrayLike, axes: Sequence[int] | None = None) -> Tensor:
    """Return the array with its axes in another order.

    Args:
        x: An array.
        axes: For each axis of the result, that of `x`; None means the reverse order.

    Shapes:
        x: (a, b, c) -> (c, b, a), for `axes=None`

    Example:
        >>> transpose([[1, 2], [3, 4]])
        Array([[1, 3],
               [2, 4]], dtype=int32)
    """
    x = as_tensor(x)
    rank = len(shape_of(x))
    if axes is None:
        order = tuple(range(rank - 1, -1, -1))
    else:
        order = tuple(normalize_axis("transpose", a, rank, x) for a in axes)
    return p.transpose(x, axes=order)


@op
def moveaxis(x: ArrayLike, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Move axes to other places; the others keep their order.

    Args:
        x: An array.
        source: The axis or axes to move.
        destination: Where they go.

    Example:
        >>> moveaxis([[[1, 2, 3]]], 0, -1).shape
        (1, 3, 1)
    """
    x = as_tensor(x)
    rank = len(shape_of(x))
    from_axes = _listed("moveaxis", source, rank, x)
    to_axes = _listed("moveaxis", destination, rank, x)
    if len(from_axes) != len(to_axes):
        raise ArgumentError(
            "moveaxis",
            "`source` and `destination` must be equally many",
            source=source,
            destination=destination,
        )
    order = [a for a in range(rank) if a not in from_axes]
    for to, a in sorted(zip(to_axes, from_axes, strict=True)):
        order.insert(to, a)
    return p.transpose(x, axes=tuple(order))


def _listed(name: str, axes: Any, rank: int, x: Tensor) -> list[int]:
    axes = axes if isinstance(axes, (list, tuple)) else (axes,)
    found = [normalize_axis(name, a, rank, x) for a in axes]
    if len(set(found)) != len(found):
        raise ShapeError(name, "an axis is named twice", axes=tuple(axes))
    return found


@op
def swapaxes(x: ArrayLike, axis1: int, axis2: int) -> Tensor:
    """Exchange two axes.

    Args:
        x: An array.
        axis1: One of them.
        axis2: The other one.

    Example:
        >>> swapaxes([[1, 2, 3]], 0, 1).shape
        (3, 1)
    """
    x = as_tensor(x)
    order = list(range(len(shape_of(x))))
    i = normalize_axis("swapaxes", axis1, len(order), x)
    j = normalize_axis("swapaxes", axis2, len(order), x)
    order[i], order[j] = j, i
    return p.transpose(x, axes=tuple(order))


@op
def expand_dims(x: ArrayLike, axis: int | Sequence[int]) -> Tensor:
    """Insert axes of size one.

    Args:
        x: An array.
        axis: Their places in the result.

    Example:
        >>> expand_dims([1, 2], -1).shape
        (2, 1)
    """
    x = as_tensor(x)
    many = len(axis) if isinstance(axis, (list, tuple)) else 1
    axes = normalize_axes("expand_dims", axis, len(shape_of(x)) + many)
    return inserted(x, axes)


@op
def squeeze(x: ArrayLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """Take axes of size one away.

    Args:
        x: An array.
        axis: Which; None means all whose size is known to be one.

    Raises:
        ShapeError: If an axis named is of another size.

    Example:
        >>> squeeze([[[1, 2]]]).shape
        (2,)
    """
    x = as_tensor(x)
    dims = shape_of(x)
    if axis is None:
        kept: Shape = tuple(d for d in dims if isinstance(d, Dim) or d != 1)
    else:
        axes = normalize_axes("squeeze", axis, len(dims), x)
        for a in axes:
            if not isinstance(dims[a], Dim) and dims[a] != 1:
                raise ShapeError("squeeze", f"axis {a} isn't of size one", x=spec_of(x))
        kept = tuple(d for a, d in enumerate(dims) if a not in axes)
    return p.reshape(x, shape=kept)


@op
def broadcast_to(x: ArrayLike, shape: Any) -> Tensor:
    """Repeat an array along axes of size one and new leading axes.

    Args:
        x: An array.
        shape: The shape of the result.

    Raises:
        ShapeError: If the shapes don't broadcast.

    Example:
        >>> broadcast_to([1, 2], (2, 2))
        Array([[1, 2],
               [1, 2]], dtype=int32)
    """
    return p.broadcast_to(as_tensor(x), shape=shape_argument("broadcast_to", shape))


@op
def flip(x: ArrayLike, axis: int | Sequence[int] | None = None) -> Tensor:
    """Reverse the order of elements along axes.

    Args:
        x: An array.
        axis: The axis or axes; None means all.

    Example:
        >>> flip([1, 2, 3])
        Array([3, 2, 1], dtype=int32)
    """
    x = as_tensor(x)
    return p.reverse(x, axes=normalize_axes("flip", axis, len(shape_of(x)), x))


@op
def fliplr(x: ArrayLike) -> Tensor:
    """Reverse the second axis: left and right are exchanged.

    Args:
        x: An array of at least two axes.

    Example:
        >>> fliplr([[1, 2]])
        Array([[2, 1]], dtype=int32)
    """
    x = as_tensor(x)
    return p.reverse(x, axes=(normalize_axis("fliplr", 1, len(shape_of(x)), x),))


@op
def flipud(x: ArrayLike) -> Tensor:
    """Reverse the first axis: up and down are exchanged.

    Args:
        x: An array of at least one axis.

    Example:
        >>> flipud([[1], [2]])
        Array([[2],
               [1]], dtype=int32)
    """
    x = as_tensor(x)
    return p.reverse(x, axes=(normalize_axis("flipud", 0, len(shape_of(x)), x),))


@op
def rot90(array: ArrayLike, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Rotate by quarter turns in the plane of two axes, from the first towards the second.

    Args:
        array: An array of at least two axes.
        k: How many quarter turns.
        axes: The two axes.

    Example:
        >>> rot90([[1, 2], [3, 4]])
        Array([[2, 4],
               [1, 3]], dtype=int32)
    """
    x = as_tensor(array)
    rank = len(shape_of(x))
    if len(axes) != 2:
        raise ArgumentError("rot90", "there must be two axes", axes=tuple(axes))
    first, second = (normalize_axis("rot90", a, rank, x) for a in axes)
    if first == second:
        raise ShapeError("rot90", "the axes must be different ones", axes=tuple(axes))
    turns = operator.index(k) % 4
    if turns == 0:
        return x
    if turns == 2:
        return p.reverse(x, axes=(first, second))
    order = list(range(rank))
    order[first], order[second] = second, first
    if turns == 1:
        return p.transpose(p.reverse(x, axes=(second,)), axes=tuple(order))
    return p.reverse(p.transpose(x, axes=tuple(order)), axes=(second,))
