"""Quantiles, percentiles and medians along axes, by sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import size
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import count, normalize_axes
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.ops.selection import take_along_axis
from cornu.primitives import elementwise as p
from cornu.primitives import shape
from cornu.primitives.reduce import reduce_any, reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.sort import sort

__all__ = [
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
]

Axes = int | Sequence[int] | None
_METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


@op
def median(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the median along axes; of an even number the mean of the two in the middle.

    Args:
        x: Numbers; integers become `floatx`. With a NaN the result is NaN.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> median([3.0, 1.0, 10.0])
        Array(3., dtype=float32)
    """
    return _quantile("median", x, 0.5, axis, "linear", keepdims, False)


@op
def nanmedian(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the median along axes, without NaN.

    Args:
        x: Numbers; integers become `floatx`. Where all are NaN, so is the result.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanmedian([3.0, float("nan"), 5.0])
        Array(4., dtype=float32)
    """
    return _quantile("nanmedian", x, 0.5, axis, "linear", keepdims, True)


@op
def quantile(
    x: ArrayLike, q: ArrayLike, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Take quantiles along axes: values below which a part `q` of the elements lies.

    Args:
        x: Numbers; integers become `floatx`. With a NaN the result is NaN.
        q: One number from 0 to 1 or several, 1-D.
        axis: Axis or axes; None means all.
        method: What to take between two elements: "linear", "lower", "higher", "midpoint" or
            "nearest".
        keepdims: Whether the axes stay, of size one.

    Returns:
        The quantiles; with several `q` they run along a new first axis.

    Example:
        >>> quantile([0.0, 1.0, 2.0, 3.0], [0.5, 1.0])
        Array([1.5, 3. ], dtype=float32)
    """
    return _quantile("quantile", x, q, axis, method, keepdims, False)


@op
def nanquantile(
    x: ArrayLike, q: ArrayLike, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Take quantiles along axes, without NaN.

    Args:
        x: Numbers; integers become `floatx`. Where all are NaN, so is the result.
        q: One number from 0 to 1 or several, 1-D.
        axis: Axis or axes; None means all.
        method: What to take between two elements: "linear", "lower", "higher", "midpoint" or
            "nearest".
        keepdims: Whether the axes stay, of size one.

    Returns:
        The quantiles; with several `q` they run along a new first axis.

    Example:
        >>> nanquantile([0.0, float("nan"), 2.0], 0.5)
        Array(1., dtype=float32)
    """
    return _quantile("nanquantile", x, q, axis, method, keepdims, True)


@op
def percentile(
    x: ArrayLike, q: ArrayLike, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Take percentiles along axes: quantiles with `q` from 0 to 100.

    Args:
        x: Numbers; integers become `floatx`. With a NaN the result is NaN.
        q: One number from 0 to 100 or several, 1-D.
        axis: Axis or axes; None means all.
        method: As of `quantile`.
        keepdims: Whether the axes stay, of size one.

    Returns:
        The percentiles; with several `q` they run along a new first axis.

    Example:
        >>> percentile([0.0, 1.0, 2.0, 3.0], 50)
        Array(1.5, dtype=float32)
    """
    return _quantile("percentile", x, _hundredth(q), axis, method, keepdims, False)


@op
def nanpercentile(
    x: ArrayLike, q: ArrayLike, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Take percentiles along axes, without NaN.

    Args:
        x: Numbers; integers become `floatx`. Where all are NaN, so is the result.
        q: One number from 0 to 100 or several, 1-D.
        axis: Axis or axes; None means all.
        method: As of `quantile`.
        keepdims: Whether the axes stay, of size one.

    Returns:
        The percentiles; with several `q` they run along a new first axis.

    Example:
        >>> nanpercentile([0.0, float("nan"), 2.0], 50)
        Array(1., dtype=float32)
    """
    return _quantile("nanpercentile", x, _hundredth(q), axis, method, keepdims, True)


def _hundredth(q: Any) -> Tensor:
    q = promote_inexact(as_tensor(q))
    return p.divide(q, constant(100.0, q))


def _quantile(
    name: str, x: Any, q: Any, axis: Axes, method: str, keepdims: bool, skip_nan: bool
) -> Tensor:
    if method not in _METHODS:
        raise ArgumentError(name, f"the method must be one of {_METHODS}", method=method)
    x = promote_inexact(as_tensor(x))
    dtype = dtype_of(x)
    inner = dtype if dtype == "float64" else "float32"
    x, q = to_dtype(x, inner), to_dtype(as_tensor(q), inner)
    if len(shape_of(q)) > 1:
        raise ShapeError(name, "`q` must have one axis or none", q=spec_of(q))
    dims = shape_of(x)
    axes = normalize_axes(name, axis, len(dims), x)
    kept = [a for a in range(len(dims)) if a not in axes]
    outer = tuple(dims[a] for a in kept)
    # The axes become one, which is the last.
    x = shape.transpose(x, axes=(*kept, *axes))
    x = shape.reshape(x, shape=(*outer, size(dims[a] for a in axes)))
    found = _from_sorted(x, q, method, skip_nan)
    many = shape_of(q)
    shape_out = tuple(1 if a in axes else d for a, d in enumerate(dims)) if keepdims else outer
    if many:
        found = shape.transpose(found, axes=(len(outer), *range(len(outer))))
        shape_out = (*many, *shape_out)
    return to_dtype(shape.reshape(found, shape=shape_out), dtype)


def _from_sorted(x: Tensor, q: Tensor, method: str, skip_nan: bool) -> Tensor:
    """Return the quantiles of the last axis along a new last axis."""
    dtype = dtype_of(x)
    rank = len(shape_of(x))
    q = shape.reshape(q, shape=(*(1 for _ in range(rank - 1)), size(shape_of(q))))
    is_nan = p.is_nan(x)
    kept = (*shape_of(x)[:-1], 1)
    if skip_nan:
        numbers = p.cast(p.logical_not(is_nan), dtype=dtype)
        total = shape.reshape(reduce_sum(numbers, axes=(rank - 1,)), shape=kept)
        bad = p.equal(total, constant(0.0, total))
    else:
        total = count(x, (rank - 1,), dtype)
        bad = shape.reshape(reduce_any(is_nan, axes=(rank - 1,)), shape=kept)
    ordered = sort(x, axis=rank - 1)[0]
    zero, one = constant(0.0, x), constant(1.0, x)
    last = p.maximum(p.subtract(total, one), zero)
    place = p.multiply(q, last)
    low = p.minimum(p.maximum(p.floor(place), zero), last)
    high = p.minimum(p.maximum(p.ceil(place), zero), last)
    if method == "nearest":
        # In the middle the lower one is taken, as Keras does; NumPy takes the even one.
        is_near = p.less_equal(p.subtract(place, low), constant(0.5, x))
        low = p.select(is_near, low, high)
    if method in ("lower", "nearest"):
        found = _at(ordered, low)
    elif method == "higher":
        found = _at(ordered, high)
    else:
        a, b = _at(ordered, low), _at(ordered, high)
        weight = p.subtract(place, low) if method == "linear" else constant(0.5, x)
        mixed = p.add(a, p.multiply(p.subtract(b, a), weight))
        # Equal infinities have no difference.
        found = p.select(p.equal(a, b), a, mixed)
    return p.select(bad, constant(float("nan"), x), found)


def _at(ordered: Tensor, place: Tensor) -> Tensor:
    return take_along_axis(ordered, p.cast(place, dtype="int32"), axis=-1)
