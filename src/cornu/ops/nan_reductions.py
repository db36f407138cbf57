"""Reductions that leave NaN out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.graph.dtypes import is_float
from cornu.graph.spec import shape_of
from cornu.ops import reductions
from cornu.ops.axes import keep_axes, normalize_axes
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.ops.running import running
from cornu.primitives import cumulative, reduce
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]

Axes = int | Sequence[int] | None


def _filled(x: Any, value: float) -> Tensor:
    """Return the array with `value` in place of NaN."""
    x = as_tensor(x)
    return p.select(p.is_nan(x), constant(value, x), x) if is_float(dtype_of(x)) else x


@op
def nansum(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Add the elements along axes that aren't NaN.

    Args:
        x: Numbers; booleans and narrow integers are added in 32 bits.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nansum([1.0, float("nan"), 2.0])
        Array(3., dtype=float32)
    """
    return reductions.sum(_filled(x, 0.0), axis, keepdims)


@op
def nanprod(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Multiply the elements along axes that aren't NaN.

    Args:
        x: Numbers; booleans and narrow integers are multiplied in 32 bits.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanprod([3.0, float("nan"), 2.0])
        Array(6., dtype=float32)
    """
    return reductions.prod(_filled(x, 1.0), axis, keepdims)


@op
def nanmax(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the greatest element along axes that isn't NaN; where all are, NaN.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanmax([1.0, float("nan"), 2.0])
        Array(2., dtype=float32)
    """
    return _extreme(reductions.max, float("-inf"), as_tensor(x), axis, keepdims)


@op
def nanmin(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the smallest element along axes that isn't NaN; where all are, NaN.

    Args:
        x: Numbers or booleans.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanmin([1.0, float("nan"), 2.0])
        Array(1., dtype=float32)
    """
    return _extreme(reductions.min, float("inf"), as_tensor(x), axis, keepdims)


def _extreme(take: Any, worst: float, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    found = take(_filled(x, worst), axis, keepdims)
    if not is_float(dtype_of(x)):
        return found
    return p.select(_all_nan(x, axis, keepdims), constant(float("nan"), x), found)


def _all_nan(x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    return reductions.all(p.is_nan(x), axis, keepdims)


@op
def nanargmax(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Give the place of the greatest element that isn't NaN; where all are, -1.

    Args:
        x: Numbers or booleans.
        axis: The axis; None means the place in the flattened array.
        keepdims: Whether the axis stays, of size one.

    Returns:
        Places, int32.

    Example:
        >>> nanargmax([1.0, float("nan"), 2.0])
        Array(2, dtype=int32)
    """
    return _place(reductions.argmax, float("-inf"), as_tensor(x), axis, keepdims)


@op
def nanargmin(x: ArrayLike, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Give the place of the smallest element that isn't NaN; where all are, -1.

    Args:
        x: Numbers or booleans.
        axis: The axis; None means the place in the flattened array.
        keepdims: Whether the axis stays, of size one.

    Returns:
        Places, int32.

    Example:
        >>> nanargmin([float("nan"), 5.0, 2.0])
        Array(2, dtype=int32)
    """
    return _place(reductions.argmin, float("inf"), as_tensor(x), axis, keepdims)


def _place(take: Any, worst: float, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    found = take(_filled(x, worst), axis, keepdims)
    if not is_float(dtype_of(x)):
        return found
    # An infinity equals what NaN became: the first of them that is a number wins.
    is_worst = p.logical_and(p.equal(x, constant(worst, x)), p.logical_not(p.is_nan(x)))
    first = reductions.argmax(is_worst, axis, keepdims)
    only_worst = reductions.all(p.logical_or(is_worst, p.is_nan(x)), axis, keepdims)
    found = p.select(only_worst, first, found)
    return p.select(_all_nan(x, axis, keepdims), constant(-1, found), found)


@op
def nanmean(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the mean along axes of the elements that aren't NaN; where all are, NaN.

    Args:
        x: Numbers; integers and booleans become `floatx`.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanmean([1.0, float("nan"), 3.0])
        Array(2., dtype=float32)
    """
    x, dtype = _wide(x)
    axes = normalize_axes("nanmean", axis, len(shape_of(x)), x)
    return to_dtype(keep_axes(_mean(x, axes), axes, shape_of(x), keepdims), dtype)


def _wide(x: Any) -> tuple[Tensor, str]:
    """Return the array in a dtype to compute in, and the dtype of the result."""
    x = promote_inexact(as_tensor(x))
    dtype = dtype_of(x)
    return (x if dtype == "float64" else to_dtype(x, "float32")), dtype


def _mean(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    is_number = p.logical_not(p.is_nan(x))
    total = reduce.reduce_sum(_filled(x, 0.0), axes=axes)
    many = reduce.reduce_sum(p.cast(is_number, dtype=dtype_of(x)), axes=axes)
    return p.divide(total, many)


@op
def nanvar(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the variance along axes of the elements that aren't NaN; where all are, NaN.

    Args:
        x: Numbers; integers and booleans become `floatx`.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanvar([1.0, float("nan"), 3.0])
        Array(1., dtype=float32)
    """
    x, dtype = _wide(x)
    return to_dtype(_variance("nanvar", x, axis, keepdims), dtype)


@op
def nanstd(x: ArrayLike, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Take the standard deviation along axes of the elements that aren't NaN.

    Args:
        x: Numbers; integers and booleans become `floatx`. Where all are NaN, so is the result.
        axis: Axis or axes; None means all.
        keepdims: Whether the axes stay, of size one.

    Example:
        >>> nanstd([1.0, float("nan"), 5.0])
        Array(2., dtype=float32)
    """
    x, dtype = _wide(x)
    return to_dtype(p.sqrt(_variance("nanstd", x, axis, keepdims)), dtype)


def _variance(name: str, x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    dims = shape_of(x)
    axes = normalize_axes(name, axis, len(dims), x)
    centered = p.subtract(x, keep_axes(_mean(x, axes), axes, dims, True))
    return keep_axes(_mean(p.multiply(centered, centered), axes), axes, dims, keepdims)


@op
def nancumsum(x: ArrayLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Give the running sum along an axis, NaN counted as zero.

    Args:
        x: Numbers; booleans become int32.
        axis: The axis; None means that `x` is flattened first.
        dtype: The dtype of computation and result; None means that of `x`.

    Example:
        >>> nancumsum([1.0, float("nan"), 2.0])
        Array([1., 1., 3.], dtype=float32)
    """
    return running("nancumsum", cumulative.cumsum, _filled(x, 0.0), axis, dtype)


@op
def nancumprod(x: ArrayLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Give the running product along an axis, NaN counted as one.

    Args:
        x: Numbers; booleans become int32.
        axis: The axis; None means that `x` is flattened first.
        dtype: The dtype of computation and result; None means that of `x`.

    Example:
        >>> nancumprod([3.0, float("nan"), 2.0])
        Array([3., 3., 6.], dtype=float32)
    """
    return running("nancumprod", cumulative.cumprod, _filled(x, 1.0), axis, dtype)
