"""Reading and writing parts of arrays at places that may be data: slice, scatter, unstack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, is_known
from cornu.graph.dtypes import is_integer
from cornu.graph.spec import shape_of
from cornu.ops.axes import normalize_axis, shape_argument
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op
from cornu.primitives import index, slicing
from cornu.primitives import shape as move

__all__ = ["scatter", "scatter_update", "slice", "slice_update", "unstack"]


def _starts(name: str, given: Any, rank: int) -> list[Any]:
    """Return one start per axis: ints where they are known, else 0-d values."""
    if isinstance(given, (list, tuple)):
        starts = list(given)
    else:
        given = as_tensor(given)
        n = shape_of(given)[0] if shape_of(given) else None
        if not isinstance(n, int):
            raise ShapeError(name, "the starts must be one integer per axis", starts=given)
        starts = [
            move.reshape(
                slicing.static_slice(given, start=(i,), stop=(i + 1,), step=(1,)), shape=()
            )
            for i in range(n)
        ]
    if len(starts) != rank:
        raise ShapeError(name, f"there must be {rank} starts, one per axis", starts=given)
    return [s if s.__class__ is int else as_tensor(s, "int32") for s in starts]


@op
def slice(inputs: ArrayLike, start_indices: Sequence[Any], shape: Sequence[int]) -> Tensor:
    """Return a part of an array; where it begins may be data.

    Args:
        inputs: Array of any dtype.
        start_indices: Where the part begins, one integer per axis. A part that would stick out
            is moved inwards.
        shape: Shape of the part.

    Shapes:
        inputs: any -> shape

    Raises:
        ShapeError: If the part is larger than the array.

    Example:
        >>> slice([[1, 2], [3, 4]], (0, 1), (2, 1))
        Array([[2],
               [4]], dtype=int32)
    """
    x = as_tensor(inputs)
    have = shape_of(x)
    starts = _starts("slice", start_indices, len(have))
    sizes = tuple(
        d if n.__class__ is int and n == -1 and s.__class__ is int and s == 0 else n
        for n, d, s in zip(shape_argument("slice", shape), have, starts, strict=True)
    )
    if all(s.__class__ is int for s in starts) and is_known(have) and is_known(sizes):
        first = [
            min(max(s + d if s < 0 else s, 0), d - n)
            for s, d, n in zip(starts, have, sizes, strict=True)
        ]
        if all(s >= 0 for s in first):
            stop = tuple(s + n for s, n in zip(first, sizes, strict=True))
            return slicing.static_slice(x, start=tuple(first), stop=stop, step=(1,) * len(have))
    places = [as_tensor(s) if s.__class__ is int else s for s in starts]
    return slicing.dynamic_slice(x, *places, sizes=sizes)


@op
def slice_update(inputs: ArrayLike, start_indices: Sequence[Any], updates: ArrayLike) -> Tensor:
    """Return an array with a part of it replaced; where that begins may be data.

    Args:
        inputs: Array of any dtype.
        start_indices: Where the part begins, one integer per axis. A part that would stick out
            is moved inwards.
        updates: The new values; takes the dtype of `inputs`.

    Shapes:
        inputs: any, updates: no larger in any axis -> that of inputs

    Raises:
        ShapeError: If the part is larger than the array.

    Example:
        >>> slice_update([0, 0, 0], (1,), [5, 6])
        Array([0, 5, 6], dtype=int32)
    """
    x = as_tensor(inputs)
    new = as_tensor(updates, dtype_of(x))
    starts = _starts("slice_update", start_indices, len(shape_of(x)))
    places = [as_tensor(s) if s.__class__ is int else s for s in starts]
    return slicing.dynamic_update_slice(x, new, *places)


def _indices(name: str, indices: ArrayLike) -> Tensor:
    indices = as_tensor(indices)
    if not is_integer(dtype_of(indices)):
        raise ArgumentError(name, "the indices must be integers", indices=indices)
    return indices


@op
def scatter(indices: ArrayLike, values: ArrayLike, shape: Sequence[int]) -> Tensor:
    """Return zeros with values added at given places.

    Args:
        indices: Places, k integers each; they name positions on the first k axes.
        values: What is added there; values for one place add up.
        shape: Shape of the result.

    Shapes:
        indices: (..., k), values: (..., *shape[k:]) -> shape

    Raises:
        IndexError: While running, if an index is out of range.

    Example:
        >>> scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (4,))
        Array([1., 0., 5., 0.], dtype=float32)
    """
    indices, values = _indices("scatter", indices), as_tensor(values)
    zeros = move.full(shape=shape_argument("scatter", shape), value=0, dtype=dtype_of(values))
    return index.scatter_nd(zeros, indices, values, mode="add")


_MODES = {None: "set", "add": "add", "mul": "multiply", "max": "max", "min": "min"}


@op
def scatter_update(
    inputs: ArrayLike, indices: ArrayLike, updates: ArrayLike, reduction: str | None = None
) -> Tensor:
    """Return an array with values at given places replaced, or combined with others.

    Args:
        inputs: Array of any dtype.
        indices: Places, k integers each; they name positions on the first k axes.
        updates: The other values; takes the dtype of `inputs`.
        reduction: `None` replaces, and of several values for one place the last one stays; "add",
            "mul", "max" and "min" combine.

    Shapes:
        inputs: s, indices: (..., k), updates: (..., *s[k:]) -> s

    Raises:
        ArgumentError: If there is no such reduction.
        IndexError: While running, if an index is out of range.

    Example:
        >>> scatter_update([1, 2, 3], [[0], [2]], [10, 20], reduction="add")
        Array([11,  2, 23], dtype=int32)
    """
    if reduction not in _MODES:
        raise ArgumentError(
            "scatter_update",
            "`reduction` must be None, 'add', 'mul', 'max' or 'min'",
            reduction=reduction,
        )
    x = as_tensor(inputs)
    new = as_tensor(updates, dtype_of(x))
    places = _indices("scatter_update", indices)
    return index.scatter_nd(x, places, new, mode=_MODES[reduction])


@op
def unstack(x: ArrayLike, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """Return the parts of an array along an axis, which disappears.

    Args:
        x: Array of any dtype.
        num: How many there are, if `x` doesn't say it.
        axis: The axis.

    Returns:
        A list.

    Shapes:
        x: (n, ...) -> n times (...), for `axis=0`

    Raises:
        ShapeError: If the size is unknown and `num` isn't given.

    Example:
        >>> unstack([[1, 2], [3, 4]])
        [Array([1, 2], dtype=int32), Array([3, 4], dtype=int32)]
    """
    x = as_tensor(x)
    shape = shape_of(x)
    i = normalize_axis("unstack", axis, len(shape), x)
    n = shape[i] if num is None else num
    if isinstance(n, Dim):
        raise ShapeError("unstack", f"the size of axis {i} isn't known", fix="Give `num`.", x=x)
    rest = (*shape[:i], *shape[i + 1 :])
    parts = slicing.split(x, sizes=(1,) * n, axis=i)
    return [move.reshape(part, shape=rest) for part in parts]
