"""Arrays put together and cut into parts: concatenate, stack, split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike, same_dim
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import as_integers, inserted, normalize_axis, part, quotient
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op, promote
from cornu.primitives import slicing as p
from cornu.primitives.shape import broadcast_to, reshape, transpose

__all__ = [
    "append",
    "array_split",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "meshgrid",
    "split",
    "stack",
    "vsplit",
    "vstack",
]


def _promoted(name: str, xs: Any) -> list[Tensor]:
    """Return the arrays of a list, or the rows of one array, in one dtype."""
    if not isinstance(xs, (list, tuple)):
        x = as_tensor(xs)
        rows = shape_of(x)[0] if shape_of(x) else 0
        xs = [x[i] for i in range(int(rows))]
    if not xs:
        raise ArgumentError(name, "there must be at least one array")
    return list(promote(*xs)) if len(xs) > 1 else [as_tensor(xs[0])]


@op
def concatenate(xs: Any, axis: int | None = 0) -> Tensor:
    """Join arrays along an axis that they have.

    Args:
        xs: The arrays; their shapes agree, except along `axis`.
        axis: The axis; None means that each is flattened first.

    Raises:
        ShapeError: If the shapes don't fit.

    Example:
        >>> concatenate([[1, 2], [3]])
        Array([1, 2, 3], dtype=int32)
    """
    return _joined("concatenate", _promoted("concatenate", xs), axis)


def _joined(name: str, xs: Sequence[Tensor], axis: int | None) -> Tensor:
    if axis is None:
        xs, axis = [_flat(x) for x in xs], 0
    at = normalize_axis(name, axis, len(shape_of(xs[0])), xs[0])
    return p.concatenate(*xs, axis=at)


def _flat(x: Tensor) -> Tensor:
    total: DimLike = 1
    for d in shape_of(x):
        total = total * d
    return reshape(x, shape=(total,))


@op
def append(x1: ArrayLike, x2: ArrayLike, axis: int | None = None) -> Tensor:
    """Join two arrays.

    Args:
        x1: First array.
        x2: Second array.
        axis: The axis along which; None means that both are flattened first.

    Example:
        >>> append([[1, 2]], [[3, 4]])
        Array([1, 2, 3, 4], dtype=int32)
    """
    return _joined("append", promote(x1, x2), axis)


@op
def stack(x: ArrayLike, axis: int = 0) -> Tensor:
    """Join arrays of one shape along a new axis.

    Args:
        x: The arrays.
        axis: The place of the new axis in the result.

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> stack([[1, 2], [3, 4]], axis=1)
        Array([[1, 3],
               [2, 4]], dtype=int32)
    """
    xs = _promoted("stack", x)
    rank = len(shape_of(xs[0]))
    first = shape_of(xs[0])
    for other in map(shape_of, xs):
        if len(other) != rank or not all(map(same_dim, first, other)):
            raise ShapeError("stack", "all shapes must be the same", x=xs)
    at = normalize_axis("stack", axis, rank + 1)
    return p.concatenate(*[inserted(one, (at,)) for one in xs], axis=at)


@op
def hstack(xs: Any) -> Tensor:
    """Join arrays side by side: along the second axis, or the first if it is the only one.

    Args:
        xs: The arrays.

    Example:
        >>> hstack([[1, 2], [3]])
        Array([1, 2, 3], dtype=int32)
    """
    parts = [_at_least(x, 1) for x in _promoted("hstack", xs)]
    return p.concatenate(*parts, axis=min(len(shape_of(parts[0])) - 1, 1))


@op
def vstack(xs: Any) -> Tensor:
    """Join arrays on top of each other: along the first axis, 1-D ones as rows.

    Args:
        xs: The arrays.

    Example:
        >>> vstack([[1, 2], [3, 4]])
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    return p.concatenate(*[_at_least(x, 2) for x in _promoted("vstack", xs)], axis=0)


@op
def dstack(xs: Any) -> Tensor:
    """Join arrays along the third axis, which is added where there is none.

    Args:
        xs: The arrays.

    Example:
        >>> dstack([[1, 2], [3, 4]]).shape
        (1, 2, 2)
    """
    return p.concatenate(*[_at_least(x, 3) for x in _promoted("dstack", xs)], axis=2)


def _at_least(x: Tensor, rank: int) -> Tensor:
    """Give an array more axes: a 1-D one is a row, a 2-D one gets a third axis at the end."""
    have = len(shape_of(x))
    if have == 0:
        return reshape(x, shape=(1,) * rank)
    if rank >= 2 and have == 1:
        x, have = inserted(x, (0,)), 2
    return inserted(x, (2,)) if rank == 3 and have == 2 else x


@op
def split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Cut an array along an axis.

    Args:
        x: An array.
        indices_or_sections: Into how many equal parts, or the places of the cuts.
        axis: The axis.

    Returns:
        The parts, in order.

    Raises:
        ShapeError: If it can't be divided into so many equal parts.

    Example:
        >>> split([1, 2, 3, 4], 2)
        [Array([1, 2], dtype=int32), Array([3, 4], dtype=int32)]
    """
    return _parts("split", as_tensor(x), indices_or_sections, axis)


@op
def array_split(x: ArrayLike, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """Cut an array along an axis into parts that need not be equal; the first ones are longer.

    Args:
        x: An array.
        indices_or_sections: Into how many parts, or the places of the cuts.
        axis: The axis.

    Returns:
        The parts, in order.

    Example:
        >>> [len(part) for part in array_split([1, 2, 3, 4, 5], 3)]
        [2, 2, 1]
    """
    return _parts("array_split", as_tensor(x), indices_or_sections, axis, uneven=True)


@op
def hsplit(x: ArrayLike, indices_or_sections: Any) -> list[Tensor]:
    """Cut an array along its second axis, or the first if it is the only one.

    Args:
        x: An array.
        indices_or_sections: Into how many equal parts, or the places of the cuts.

    Returns:
        The parts, from left to right.

    Example:
        >>> [part.shape for part in hsplit([[1, 2, 3, 4]], 2)]
        [(1, 2), (1, 2)]
    """
    x = as_tensor(x)
    axis = min(len(shape_of(x)) - 1, 1)
    return _parts("hsplit", x, indices_or_sections, max(axis, 0))


@op
def vsplit(x: ArrayLike, indices_or_sections: Any) -> list[Tensor]:
    """Cut an array along its first axis.

    Args:
        x: An array.
        indices_or_sections: Into how many equal parts, or the places of the cuts.

    Returns:
        The parts, from top to bottom.

    Example:
        >>> [part.shape for part in vsplit([[1], [2], [3]], [1])]
        [(1, 1), (2, 1)]
    """
    return _parts("vsplit", as_tensor(x), indices_or_sections, 0)


@op
def dsplit(x: ArrayLike, indices_or_sections: Any) -> list[Tensor]:
    """Cut an array along its third axis.

    Args:
        x: An array of at least three axes.
        indices_or_sections: Into how many equal parts, or the places of the cuts.

    Returns:
        The parts, in order.

    Example:
        >>> [part.shape for part in dsplit([[[1, 2]]], 2)]
        [(1, 1, 1), (1, 1, 1)]
    """
    return _parts("dsplit", as_tensor(x), indices_or_sections, 2)


def _parts(name: str, x: Tensor, cuts: Any, axis: int, uneven: bool = False) -> list[Tensor]:
    at = normalize_axis(name, axis, len(shape_of(x)), x)
    n = shape_of(x)[at]
    many = not isinstance(cuts, (list, tuple)) and (
        not hasattr(cuts, "dtype") or len(shape_of(cuts)) == 0
    )
    sizes: list[DimLike]
    if many:
        (parts,) = as_integers(name, cuts)
        if parts < 1:
            raise ArgumentError(name, "there must be at least one part", sections=parts)
        if isinstance(n, Dim):
            sizes = [quotient(n, parts)] * parts
        elif n % parts == 0:
            sizes = [n // parts] * parts
        elif uneven:
            sizes = [n // parts + (i < n % parts) for i in range(parts)]
        else:
            raise ShapeError(
                name, f"axis {at} can't be divided into {parts} equal parts", x=spec_of(x)
            )
    else:
        sizes = _between(as_integers(name, cuts), n)
        if sum(d for d in sizes if not isinstance(d, Dim)) != n and not isinstance(n, Dim):
            return _overlapping(x, as_integers(name, cuts), at, n)
    return list(p.split(x, sizes=tuple(sizes), axis=at))


def _between(cuts: Sequence[int], n: DimLike) -> list[DimLike]:
    """Return the lengths between cuts; those beyond the end count as the end."""
    if not isinstance(n, Dim):
        cuts = [min(max(c + n if c < 0 else c, 0), n) for c in cuts]
    ends: list[DimLike] = [*(n + c if c < 0 else c for c in cuts), n]
    starts: list[DimLike] = [0, *ends[:-1]]
    sizes = [b - a for a, b in zip(starts, ends, strict=True)]
    return [d if isinstance(d, Dim) else max(d, 0) for d in sizes]


def _overlapping(x: Tensor, cuts: Sequence[int], axis: int, n: int) -> list[Tensor]:
    """Cuts that aren't in ascending order mean slices, as in NumPy."""
    found = []
    for a, b in zip([0, *cuts], [*cuts, n], strict=True):
        start, stop, _ = slice(a, b).indices(n)
        found.append(part(x, axis, start, max(start, stop)))
    return found


@op
def meshgrid(*x: ArrayLike, indexing: str = "xy") -> list[Tensor]:
    """Return the coordinates of all points of a grid, one array for each coordinate.

    Args:
        *x: The coordinates along each axis, 1-D.
        indexing: "xy" lets the first coordinate run along the second axis, "ij" along the first.

    Raises:
        ArgumentError: If `indexing` is something else.

    Example:
        >>> [list(grid.shape) for grid in meshgrid([1, 2, 3], [4, 5])]
        [[2, 3], [2, 3]]
    """
    if indexing not in ("xy", "ij"):
        raise ArgumentError("meshgrid", "`indexing` must be 'xy' or 'ij'", indexing=indexing)
    lines = [_flat(as_tensor(v)) for v in x]
    rank = len(lines)
    sizes = tuple(shape_of(v)[0] for v in lines)
    order = list(range(rank))
    if indexing == "xy" and rank > 1:
        order[:2] = [1, 0]
    found = []
    for i, v in enumerate(lines):
        along = reshape(v, shape=tuple(sizes[i] if j == i else 1 for j in range(rank)))
        turned = transpose(along, axes=tuple(order)) if order != sorted(order) else along
        found.append(broadcast_to(turned, shape=tuple(sizes[j] for j in order)))
    return found
