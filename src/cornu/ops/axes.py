"""Axes and shapes as users give them, made into what primitives take: the one place that checks."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cornu.backends import current
from cornu.errors import ArgumentError, ShapeError, TracedValueError, UnknownDimension
from cornu.graph.dim import Dim, DimLike, Shape
from cornu.graph.primitive import HANDLERS
from cornu.graph.spec import shape_of, spec_of
from cornu.graph.trace import Tracer
from cornu.primitives import elementwise, rules, shape, slicing

__all__ = [
    "as_integers",
    "count",
    "inserted",
    "keep_axes",
    "line",
    "normalize_axes",
    "normalize_axis",
    "part",
    "quotient",
    "shape_argument",
    "size_argument",
]

Tensor = Any


def normalize_axis(name: str, axis: Any, rank: int, x: Any = None) -> int:
    """Return one axis, counted from the front.

    Args:
        name: The op that asks, for the message.
        axis: The axis as given; negative ones count from the end.
        rank: How many axes there are.
        x: The operand, for the message.

    Raises:
        ShapeError: If there is no such axis.
        ArgumentError: If it is no integer.
    """
    try:
        i = operator.index(axis)
    except TypeError:
        raise ArgumentError(name, "an axis must be an integer", axis=axis) from None
    if not -rank <= i < rank:
        received = {"axis": axis} if x is None else {"axis": axis, "x": spec_of(x)}
        known = f"there are axes from {-rank} to {rank - 1}" if rank else "a scalar has none"
        raise ShapeError(name, f"there is no axis {i}; {known}", **received)
    return i + rank if i < 0 else i


def normalize_axes(name: str, axis: Any, rank: int, x: Any = None) -> tuple[int, ...]:
    """Return axes, counted from the front, in ascending order; None means all of them.

    Raises:
        ShapeError: If there is no such axis, or one comes twice.
        ArgumentError: If one is no integer.
    """
    if axis is None:
        return tuple(range(rank))
    if axis.__class__ is int:
        return (normalize_axis(name, axis, rank, x),)
    if not isinstance(axis, (list, tuple, np.ndarray, range)) or np.ndim(axis) == 0:
        axis = (axis,)
    axes = sorted(normalize_axis(name, a, rank, x) for a in axis)
    if len(set(axes)) != len(axes):
        raise ShapeError(name, "an axis is named twice", axis=tuple(axis))
    return tuple(axes)


def keep_axes(y: Tensor, axes: Sequence[int], like: Shape, keepdims: bool) -> Tensor:
    """Give a reduced value the axes back that the reduction of `like` took, of size one."""
    if not keepdims:
        return y
    return shape.reshape(y, shape=tuple(1 if i in axes else d for i, d in enumerate(like)))


def inserted(x: Tensor, axes: Iterable[int]) -> Tensor:
    """Return `x` with axes of size one, so that they stand at these places of the result."""
    dims = list(shape_of(x))
    for a in sorted(axes):
        dims.insert(a, 1)
    return shape.reshape(x, shape=tuple(dims))


def line(x: Tensor, axis: int, rank: int) -> Tensor:
    """Return a 1-D `x` lying along `axis` of `rank`, to be broadcast."""
    (n,) = shape_of(x)
    return shape.reshape(x, shape=tuple(n if i == axis else 1 for i in range(rank)))


def part(x: Tensor, axis: int, start: DimLike, stop: DimLike, step: int = 1) -> Tensor:
    """Return x[..., start:stop:step, ...] along one axis; the bounds lie inside."""
    dims = shape_of(x)
    return slicing.static_slice(
        x,
        start=tuple(start if i == axis else 0 for i in range(len(dims))),
        stop=tuple(stop if i == axis else d for i, d in enumerate(dims)),
        step=tuple(step if i == axis else 1 for i in range(len(dims))),
    )


def count(x: Tensor, axes: Iterable[int], dtype: str) -> Tensor:
    """Return how many elements `x` has along `axes`, as a 0-d value of `dtype`."""
    spec = spec_of(x)
    dims = spec.shape
    known = 1
    total: Tensor = None
    for a in axes:
        d = dims[a]
        if isinstance(d, Dim):
            size = elementwise.cast(shape.dim_size(x, axis=a), dtype=dtype)
            total = size if total is None else elementwise.multiply(total, size)
        else:
            known *= d
    if total is not None:
        return elementwise.multiply(total, rules.constant(known, total))
    if spec.dtype == dtype:
        return rules.constant(known, x)
    return elementwise.cast(rules.constant(known, x), dtype=dtype)


def quotient(a: DimLike, b: DimLike) -> DimLike:
    """Return a // b; a size that is nowhere known before gets a new symbol."""
    try:
        return a // b
    except UnknownDimension:
        return Dim.fresh()


def size_argument(name: str, d: Any) -> DimLike:
    """Return a size that a user gave: an int, a Dim, or a 0-d integer array.

    Raises:
        ArgumentError: If it is something else, or negative.
        TracedValueError: If it is a value that isn't known while a step is compiled.
    """
    size = _integer(name, d)
    if not isinstance(size, Dim) and size < 0:
        raise ArgumentError(name, "a size must not be negative", received=size)
    return size


def _integer(name: str, d: Any) -> DimLike:
    if d.__class__ is int or isinstance(d, Dim):
        size: DimLike = d
        return size
    if d.__class__ is Tracer and d.value is None and d.shape == () and d.dtype.count("int"):
        node = d.node
        if node is not None and node.primitive.name == "dim_size":
            source: DimLike = spec_of(node.inputs[0]).shape[node.attrs["axis"]]
            return source
        return Dim.fresh()  # known only when the model runs
    read = getattr(d, "_cornu_read", None)
    try:
        return operator.index(d if read is None else read())
    except TracedValueError:
        raise
    except TypeError:
        raise ArgumentError(
            name,
            "a size must be an integer",
            fix="Use `-1` or `ops.shape(x)` for what isn't known." if d is None else None,
            received=d,
        ) from None


def shape_argument(name: str, dims: Any, *, negative: bool = False) -> Shape:
    """Return a shape that a user gave, as a tuple of ints and Dims; an int alone is one axis.

    Args:
        name: The op that asks, for the message.
        dims: The shape as given.
        negative: Whether a size may be negative, where that means something.

    Raises:
        ArgumentError: If an entry is no size.
    """
    read = _integer if negative else size_argument
    if not isinstance(dims, (list, tuple)):
        rank = len(shape_of(dims)) if hasattr(dims, "dtype") else None
        if rank == 1 and not isinstance(dims, Tracer):
            dims = as_integers(name, dims)
        elif rank is None and isinstance(dims, Iterable):
            dims = tuple(dims)
        else:
            dims = (dims,)
    return tuple(read(name, d) for d in dims)


def as_integers(name: str, x: Any) -> list[int]:
    """Return integers that must be known now, as a flat list.

    Raises:
        TracedValueError: If they aren't known while a step is compiled.
        ArgumentError: If they aren't integers.
    """
    read = getattr(x, "_cornu_read", None)
    if read is not None:
        x = read()
    if x.__class__ is not Tracer and HANDLERS[x.__class__] is not None:
        x = current().to_numpy(x)
    if isinstance(x, (list, tuple)):
        return [operator.index(i) for i in x]
    array = np.asarray(x)
    if array.dtype.kind not in "iub":
        raise ArgumentError(name, "these must be integers", received=array)
    return [int(i) for i in array.reshape(-1)]
