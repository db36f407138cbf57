"""Reductions along axes: sums, means, spreads, extremes, truth values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ShapeError
from cornu.graph.dim import Dim
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import count, keep_axes, normalize_axes, normalize_axis
from cornu.ops.op import (
    ArrayLike,
    Tensor,
    as_tensor,
    check_dtype,
    dtype_of,
    op,
    promote_inexact,
    to_dtype,
)
from cornu.primitives import elementwise as p
from cornu.primitives import reduce, shape

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "average",
    "count_nonzero",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
    "widened",
]

Axes = int | Sequence[int] | None

# Sums and products of narrow integers are computed in 32 bits, as Keras does.
_WIDER = {
    "bool": "int32",
    "int8": "int32",
    "int16": "int32",
    "uint8": "uint32",
    "uint16": "uint32",
}


def widened(x: Tensor) -> Tensor:
    """Return narrow integers and booleans in 32 bits, anything else as it is."""
    dtype = dtype_of(x)
    return to_dtype(x, _WIDER.get(dtype, dtype))


@op
def sum(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Add the elements along axes.

    Args:
        x: Numbers; booleans and narrow integers are added in 32 bits.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0)
        Array([4., 6.], dtype=float32)
    """
    x = widened(as_tensor(x))
    dims = shape_of(x)
    axes = normalize_axes("sum", axis, len(dims), x)
    return keep_axes(reduce.reduce_sum(x, axes=axes), axes, dims, keepdims)


@op
def prod(x: ArrayLike, axis: Axes = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """Multiply the elements along axes.

    Args:
        x: Numbers; booleans and narrow integers are multiplied in 32 bits.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.
        dtype: The dtype of computation and result; None means that of `x`.

    Example:
        >>> prod([1, 2, 3])
        Array(6, dtype=int32)
    """
    x = as_tensor(x)
    x = widened(x) if dtype is None else to_dtype(x, str(check_dtype(dtype)))
    dims = shape_of(x)
    axes = normalize_axes("prod", axis, len(dims), x)
    return keep_axes(reduce.reduce_prod(x, axes=axes), axes, dims, keepdims)


@op
def mean(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the mean along axes: sum(x) / n.

    Args:
        x: Numbers; integers and booleans become `floatx`.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> mean([[1, 2], [3, 4]], axis=1)
        Array([1.5, 3.5], dtype=float32)
    """
    x = promote_inexact(as_tensor(x))
    dims = shape_of(x)
    axes = normalize_axes("mean", axis, len(dims), x)
    return keep_axes(_mean(x, axes), axes, dims, keepdims)


def _mean(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    dtype = dtype_of(x)
    if dtype not in ("float32", "float64"):
        # The sum of many float16 may overflow where their mean doesn't.
        return to_dtype(_mean(to_dtype(x, "float32"), axes), dtype)
    return p.divide(reduce.reduce_sum(x, axes=axes), count(x, axes, dtype))


@op
def var(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the variance along axes: mean((x - mean(x))**2).

    Args:
        x: Numbers; integers and booleans become `floatx`.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> var([1.0, 3.0])
        Array(1., dtype=float32)
    """
    x = promote_inexact(as_tensor(x))
    axes = normalize_axes("var", axis, len(shape_of(x)), x)
    return _variance(x, axes, keepdims)


@op
def std(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the standard deviation along axes: sqrt(var(x)).

    Args:
        x: Numbers; integers and booleans become `floatx`.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> std([1.0, 5.0])
        Array(2., dtype=float32)
    """
    x = promote_inexact(as_tensor(x))
    axes = normalize_axes("std", axis, len(shape_of(x)), x)
    return p.sqrt(_variance(x, axes, keepdims))


def _variance(x: Tensor, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    dtype = dtype_of(x)
    if dtype not in ("float32", "float64"):
        return to_dtype(_variance(to_dtype(x, "float32"), axes, keepdims), dtype)
    dims = shape_of(x)
    # The two-pass form: mean(x**2) - mean(x)**2 would lose all digits for a large mean.
    centered = p.subtract(x, keep_axes(_mean(x, axes), axes, dims, True))
    return keep_axes(_mean(p.multiply(centered, centered), axes), axes, dims, keepdims)


@op
def max(
    x: ArrayLike, axis: Axes = None, keepdims: bool = False, initial: ArrayLike | None = None
) -> Tensor:
    """Take the greatest element along axes; NaN wins.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.
        initial: A value that takes part too, the result where there are no elements.

    Raises:
        ShapeError: If there are no elements and no `initial`.

    Example:
        >>> max([[1, 4], [3, 2]], axis=0)
        Array([3, 4], dtype=int32)
    """
    return _extreme("max", reduce.reduce_max, p.maximum, x, axis, keepdims, initial)


@op
def min(
    x: ArrayLike, axis: Axes = None, keepdims: bool = False, initial: ArrayLike | None = None
) -> Tensor:
    """Take the smallest element along axes; NaN wins.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.
        initial: A value that takes part too, the result where there are no elements.

    Raises:
        ShapeError: If there are no elements and no `initial`.

    Example:
        >>> min([[1, 4], [3, 2]], axis=0)
        Array([1, 2], dtype=int32)
    """
    return _extreme("min", reduce.reduce_min, p.minimum, x, axis, keepdims, initial)


@op
def amax(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the greatest element along axes: the same as `max`.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> amax([1, 3, 2])
        Array(3, dtype=int32)
    """
    return _extreme("amax", reduce.reduce_max, p.maximum, x, axis, keepdims, None)


@op
def amin(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the smallest element along axes: the same as `min`.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> amin([1, 3, 2])
        Array(1, dtype=int32)
    """
    return _extreme("amin", reduce.reduce_min, p.minimum, x, axis, keepdims, None)


def _extreme(
    name: str, primitive: Any, pair: Any, x: Any, axis: Axes, keepdims: bool, initial: Any
) -> Tensor:
    x = as_tensor(x)
    dims = shape_of(x)
    axes = normalize_axes(name, axis, len(dims), x)
    first = None if initial is None else as_tensor(initial, dtype_of(x))
    if not {0}.isdisjoint(d for a in axes if not isinstance(d := dims[a], Dim)):
        if first is None:
            raise ShapeError(
                name, "there are no elements to choose from", fix="Give `initial`.", x=spec_of(x)
            )
        kept = tuple(d for a, d in enumerate(dims) if a not in axes)
        found = shape.broadcast_to(first, shape=kept)
    else:
        found = primitive(x, axes=axes)
        found = found if first is None else pair(found, first)
    return keep_axes(found, axes, dims, keepdims)


@op
def ptp(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the distance between the greatest and the smallest element along axes.

    Args:
        x: Numbers.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> ptp([1, 4, 2])
        Array(3, dtype=int32)
    """
    x = as_tensor(x)
    return p.subtract(max(x, axis, keepdims), min(x, axis, keepdims))


@op
def all(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Say whether all elements along axes are true.

    Args:
        x: Booleans, or numbers, which are true unless zero.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> all([[True, False], [True, True]], axis=1)
        Array([False,  True])
    """
    x = to_dtype(as_tensor(x), "bool")
    dims = shape_of(x)
    axes = normalize_axes("all", axis, len(dims), x)
    return keep_axes(reduce.reduce_all(x, axes=axes), axes, dims, keepdims)


@op
def any(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Say whether at least one element along axes is true.

    Args:
        x: Booleans, or numbers, which are true unless zero.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> any([[True, False], [False, False]], axis=1)
        Array([ True, False])
    """
    x = to_dtype(as_tensor(x), "bool")
    dims = shape_of(x)
    axes = normalize_axes("any", axis, len(dims), x)
    return keep_axes(reduce.reduce_any(x, axes=axes), axes, dims, keepdims)


@op
def argmax(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Give the place of the greatest element along an axis, the first one of equals.

    Args:
        x: Numbers or booleans; NaN counts as the greatest.
        axis: The axis; None means the place in the flattened array.
        keepdims: Whether the axis stays, of size one.

    Returns:
        Places, int32.

    Example:
        >>> argmax([[1, 4], [3, 2]], axis=1)
        Array([1, 0], dtype=int32)
    """
    return _place("argmax", reduce.argmax, x, axis, keepdims)


@op
def argmin(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Give the place of the smallest element along an axis, the first one of equals.

    Args:
        x: Numbers or booleans; NaN counts as the smallest.
        axis: The axis; None means the place in the flattened array.
        keepdims: Whether the axis stays, of size one.

    Returns:
        Places, int32.

    Example:
        >>> argmin([[1, 4], [3, 2]], axis=1)
        Array([0, 1], dtype=int32)
    """
    return _place("argmin", reduce.argmin, x, axis, keepdims)


def _place(name: str, primitive: Any, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    x = as_tensor(x)
    dims = shape_of(x)
    if axis is None:
        total: Any = 1
        for d in dims:
            total = total * d
        found = primitive(shape.reshape(x, shape=(total,)), axis=0)
        return shape.reshape(found, shape=(1,) * len(dims)) if keepdims else found
    at = normalize_axis(name, axis, len(dims), x)
    return keep_axes(primitive(x, axis=at), (at,), dims, keepdims)


@op
def count_nonzero(x: ArrayLike, axis: Axes = None) -> Tensor:
    """Count the elements along axes that aren't zero.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.

    Returns:
        Numbers of elements, int32.

    Example:
        >>> count_nonzero([[0, 1], [2, 3]], axis=1)
        Array([1, 2], dtype=int32)
    """
    x = to_dtype(to_dtype(as_tensor(x), "bool"), "int32")
    axes = normalize_axes("count_nonzero", axis, len(shape_of(x)), x)
    return reduce.reduce_sum(x, axes=axes)


@op
def average(x: ArrayLike, axis: Axes = None, weights: ArrayLike | None = None) -> Tensor:
    """Take the weighted mean along axes: sum(x * weights) / sum(weights).

    Args:
        x: Numbers; integers become `floatx`.
        axis: Axis or axes; None means all.
        weights: Of the shape of `x`, or 1-D along one `axis`; None means the plain mean.

    Raises:
        ShapeError: If the weights have neither shape.

    Example:
        >>> average([1.0, 4.0], weights=[3, 1])
        Array(1.75, dtype=float32)
    """
    x, weights = promote_inexact(as_tensor(x), None if weights is None else as_tensor(weights))
    dims = shape_of(x)
    axes = normalize_axes("average", axis, len(dims), x)
    if weights is None:
        return _mean(x, axes)
    have = shape_of(weights)
    if len(have) != len(dims):
        if len(have) != 1 or len(axes) != 1:
            raise ShapeError(
                "average",
                "the weights must have the shape of `x`, or be 1-D along one axis",
                x=spec_of(x),
                weights=spec_of(weights),
            )
        along = tuple(have[0] if a == axes[0] else 1 for a in range(len(dims)))
        weights = shape.reshape(weights, shape=along)
    total = p.multiply(x, weights)
    weights = shape.broadcast_to(weights, shape=shape_of(total))
    return p.divide(reduce.reduce_sum(total, axes=axes), reduce.reduce_sum(weights, axes=axes))
