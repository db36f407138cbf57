"""New arrays: of one value, with a running number, the identity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import settings
from cornu.errors import ArgumentError
from cornu.graph.dim import Dim, DimLike, Shape
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.spec import shape_of
from cornu.graph.trace import Tracer
from cornu.ops.axes import inserted, normalize_axis, part, shape_argument, size_argument
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
from cornu.ops.promotion import result_type
from cornu.primitives import elementwise as p
from cornu.primitives import shape as ps
from cornu.primitives.rules import constant
from cornu.primitives.slicing import concatenate

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "geomspace",
    "identity",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "tri",
    "zeros",
    "zeros_like",
]


@op
def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """Return an array of zeros.

    Args:
        shape: Its shape.
        dtype: Its dtype; None means `floatx`.

    Example:
        >>> zeros((2,))
        Array([0., 0.], dtype=float32)
    """
    return _filled("zeros", shape, 0, dtype)


@op
def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Return an array of ones.

    Args:
        shape: Its shape.
        dtype: Its dtype; None means `floatx`.

    Example:
        >>> ones((2,), "int32")
        Array([1, 1], dtype=int32)
    """
    return _filled("ones", shape, 1, dtype)


@op
def empty(shape: Any, dtype: Any = None) -> Tensor:
    """Return an array whose values don't matter; they are zeros.

    Args:
        shape: Its shape.
        dtype: Its dtype; None means `floatx`.

    Example:
        >>> empty((2, 3)).shape
        (2, 3)
    """
    return _filled("empty", shape, 0, dtype)


@op
def full(shape: Any, fill_value: ArrayLike, dtype: Any = None) -> Tensor:
    """Return an array of one value.

    Args:
        shape: Its shape.
        fill_value: The value, a number or an array that broadcasts to the shape.
        dtype: Its dtype; None means `floatx`.

    Example:
        >>> full((2,), 7)
        Array([7., 7.], dtype=float32)
    """
    return _filled("full", shape, fill_value, dtype)


def _filled(name: str, shape: Any, value: Any, dtype: Any) -> Tensor:
    dims = shape_argument(name, shape)
    dtype = check_dtype(dtype) or settings.floatx()
    return _repeated(value, dims, dtype)


def _repeated(value: Any, dims: Shape, dtype: str) -> Tensor:
    if value.__class__ in (int, float, bool):
        return ps.full(shape=dims, value=value, dtype=dtype)
    return ps.broadcast_to(as_tensor(value, dtype), shape=dims)


@op
def zeros_like(x: ArrayLike, dtype: Any = None) -> Tensor:
    """Return zeros of the shape of `x`.

    Args:
        x: The array that lends its shape.
        dtype: The dtype; None means that of `x`.

    Example:
        >>> zeros_like([1, 2])
        Array([0, 0], dtype=int32)
    """
    return _like(x, 0, dtype)


@op
def ones_like(x: ArrayLike, dtype: Any = None) -> Tensor:
    """Return ones of the shape of `x`.

    Args:
        x: The array that lends its shape.
        dtype: The dtype; None means that of `x`.

    Example:
        >>> ones_like([1.5, 2.0])
        Array([1., 1.], dtype=float32)
    """
    return _like(x, 1, dtype)


@op
def empty_like(x: ArrayLike, dtype: Any = None) -> Tensor:
    """Return an array of the shape of `x` whose values don't matter; they are zeros.

    Args:
        x: The array that lends its shape.
        dtype: The dtype; None means that of `x`.

    Example:
        >>> empty_like([[1, 2]]).shape
        (1, 2)
    """
    return _like(x, 0, dtype)


@op
def full_like(x: ArrayLike, fill_value: ArrayLike, dtype: Any = None) -> Tensor:
    """Return an array of one value, of the shape of `x`.

    Args:
        x: The array that lends its shape.
        fill_value: The value, a number or an array that broadcasts to the shape.
        dtype: The dtype; None means that of `x`.

    Example:
        >>> full_like([1, 2], 5)
        Array([5, 5], dtype=int32)
    """
    return _like(x, fill_value, dtype)


def _like(x: Any, value: Any, dtype: Any) -> Tensor:
    x = as_tensor(x)
    return _repeated(value, shape_of(x), check_dtype(dtype) or dtype_of(x))


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float, np.number, np.bool_))


@op
def arange(
    start: ArrayLike, stop: ArrayLike | None = None, step: Any = None, dtype: Any = None
) -> Tensor:
    """Return evenly spaced values from `start` up to `stop`, which is left out.

    Args:
        start: First value; the only one given, it is the end, and 0 the start.
        stop: The end.
        step: The distance; None means 1.
        dtype: The dtype; None means int32 for integers, `floatx` for others.

    Example:
        >>> arange(2, 8, 3)
        Array([2, 5], dtype=int32)
    """
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    given = (start, stop, step)
    wanted = check_dtype(dtype) or result_type(*(_number_dtype(v) for v in given))
    if any(isinstance(v, Dim) or _is_unknown(v) for v in given):
        return _arange_of_unknown(given, wanted)
    numbers = [v if _is_number(v) else _number(v) for v in given]
    if numbers[2] == 0:
        raise ArgumentError("arange", "the step must not be zero")
    values = np.arange(*numbers)
    return as_tensor(values.astype(numpy_dtype(wanted)), wanted)


def _is_unknown(v: Any) -> bool:
    """Say whether it is an integer that isn't known before a model runs."""
    return v.__class__ is Tracer and v.value is None and dtype_of(v).count("int") == 1


def _number_dtype(v: Any) -> Any:
    if isinstance(v, (bool, int, float)):
        return type(v) if not isinstance(v, bool) else "int32"
    if v is None:
        return int
    return int if isinstance(v, Dim) else dtype_of(v if hasattr(v, "dtype") else as_tensor(v))


def _number(v: Any) -> Any:
    """Read a 0-d array; a value that isn't known yet says so."""
    if v is None:
        raise ArgumentError("arange", "a limit must be a number", received=v)
    x = as_tensor(v)
    return int(x) if not dtype_of(x).count("float") else float(x)


def _arange_of_unknown(given: Sequence[Any], dtype: str) -> Tensor:
    start, stop, step = (size_argument("arange", v) for v in given)
    if isinstance(step, Dim) or step < 1:
        raise ArgumentError("arange", "to an unknown end the step must be a positive number")
    length = (stop - start + (step - 1)) // step
    values = ps.iota(size=length, dtype=dtype)
    if step != 1:
        values = p.multiply(values, constant(step, values))
    if isinstance(start, Dim):
        raise ArgumentError("arange", "the start must be known")
    return p.add(values, constant(start, values)) if start else values


@op
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Return `num` evenly spaced values from `start` to `stop`.

    Args:
        start: First values.
        stop: Last values; the shapes broadcast.
        num: How many.
        endpoint: Whether `stop` is among them.
        retstep: Whether to return the distance too.
        dtype: The dtype; None means a floating one.
        axis: The axis of the result along which they lie.

    Returns:
        The values, or with `retstep` a pair of the values and the distance.

    Example:
        >>> linspace(0, 1, 3)
        Array([0. , 0.5, 1. ], dtype=float32)
    """
    start, stop = promote_inexact(start, stop)
    values, step = _spaced("linspace", start, stop, num, endpoint)
    values = _along(values, axis)
    wanted = check_dtype(dtype)
    if wanted is not None and not wanted.count("float"):
        values = p.floor(values)
    values = values if wanted is None else to_dtype(values, wanted)
    return (values, step) if retstep else values


def _spaced(
    name: str, start: Tensor, stop: Tensor, num: Any, endpoint: bool
) -> tuple[Tensor, Tensor]:
    """Return the values along a new first axis, and the distance."""
    n = size_argument(name, num)
    if isinstance(n, Dim) or n < 0:
        raise ArgumentError(name, "the number of values must be zero or more", num=num)
    parts = n - 1 if endpoint else n
    width = p.subtract(stop, start)
    if parts < 1:
        step = p.multiply(width, constant(math.nan, width))
        first = inserted(p.add(start, p.multiply(width, constant(0.0, width))), (0,))
        dims = shape_of(first)
        return ps.broadcast_to(first, shape=(n, *dims[1:])), step
    step = p.divide(width, constant(float(parts), width))
    at = ps.iota(size=n, dtype=dtype_of(start))
    at = ps.reshape(at, shape=(n, *(1 for _ in shape_of(width))))
    # (1 - t) start + t stop hits both ends exactly.
    t = p.divide(at, constant(float(parts), at))
    rest = p.subtract(constant(1.0, t), t)
    return p.add(p.multiply(rest, inserted(start, (0,))), p.multiply(t, inserted(stop, (0,)))), step


def _along(values: Tensor, axis: int) -> Tensor:
    rank = len(shape_of(values))
    to = normalize_axis("linspace", axis, rank, values)
    order = list(range(1, rank))
    order.insert(to, 0)
    return values if to == 0 else ps.transpose(values, axes=tuple(order))


@op
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: int = 50,
    endpoint: bool = True,
    base: ArrayLike = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Return values whose logarithms are evenly spaced: base ** linspace(start, stop).

    Args:
        start: First exponents.
        stop: Last exponents; the shapes broadcast.
        num: How many.
        endpoint: Whether `stop` is among them.
        base: The base.
        dtype: The dtype; None means a floating one.
        axis: The axis of the result along which they lie.

    Example:
        >>> logspace(0, 2, 3)
        Array([  1.,  10., 100.], dtype=float32)
    """
    start, stop, base = promote_inexact(start, stop, base)
    exponents = _along(_spaced("logspace", start, stop, num, endpoint)[0], axis)
    values = p.power(base, exponents)
    wanted = check_dtype(dtype)
    return values if wanted is None else to_dtype(values, wanted)


@op
def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Return `num` values from `start` to `stop`, each the same multiple of the one before.

    Args:
        start: First values, not zero.
        stop: Last values, of the same sign; the shapes broadcast.
        num: How many.
        endpoint: Whether `stop` is among them.
        dtype: The dtype; None means a floating one.
        axis: The axis of the result along which they lie.

    Example:
        >>> geomspace(1, 4, 3)
        Array([1., 2., 4.], dtype=float32)
    """
    start, stop = promote_inexact(start, stop)
    signs = p.sign(start)
    first, last = p.multiply(start, signs), p.multiply(stop, signs)
    logs, _ = _spaced("geomspace", p.log(first), p.log(last), num, endpoint)
    values = p.exp(logs)
    n = shape_of(values)[0]
    if isinstance(n, int) and n > 1:  # the ends themselves, without the rounding of exp(log(x))
        parts = [_row(first, values), part(values, 0, 1, n - 1 if endpoint else n)]
        if endpoint:
            parts.append(_row(last, values))
        values = concatenate(*parts, axis=0)
    values = _along(p.multiply(values, signs), axis)
    wanted = check_dtype(dtype)
    return values if wanted is None else to_dtype(values, wanted)


def _row(x: Tensor, like: Tensor) -> Tensor:
    return ps.broadcast_to(inserted(x, (0,)), shape=(1, *shape_of(like)[1:]))


@op
def tri(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Return a matrix of ones on and below a diagonal, zeros above.

    Args:
        N: Number of rows.
        M: Number of columns; None means `N`.
        k: The diagonal, counted to the right from the main one.
        dtype: The dtype; None means `floatx`.

    Example:
        >>> tri(2, 3)
        Array([[1., 0., 0.],
               [1., 1., 0.]], dtype=float32)
    """
    rows, columns = _two_sizes("tri", N, M)
    i, j = _numbers(rows, columns)
    below = p.less_equal(j, p.add(i, constant(int(k), i)))
    return p.cast(below, dtype=check_dtype(dtype) or settings.floatx())


@op
def eye(N: Any, M: Any = None, k: int = 0, dtype: Any = None) -> Tensor:
    """Return a matrix of ones on a diagonal, zeros elsewhere.

    Args:
        N: Number of rows.
        M: Number of columns; None means `N`.
        k: The diagonal, counted to the right from the main one.
        dtype: The dtype; None means `floatx`.

    Example:
        >>> eye(2, 3, k=1)
        Array([[0., 1., 0.],
               [0., 0., 1.]], dtype=float32)
    """
    return _identity("eye", N, M, k, dtype)


@op
def identity(n: Any, dtype: Any = None) -> Tensor:
    """Return the square matrix of ones on the main diagonal, zeros elsewhere.

    Args:
        n: Number of rows and columns.
        dtype: The dtype; None means `floatx`.

    Example:
        >>> identity(2)
        Array([[1., 0.],
               [0., 1.]], dtype=float32)
    """
    return _identity("identity", n, None, 0, dtype)


def _identity(name: str, n: Any, m: Any, k: int, dtype: Any) -> Tensor:
    rows, columns = _two_sizes(name, n, m)
    i, j = _numbers(rows, columns)
    on = p.equal(j, p.add(i, constant(int(k), i)))
    return p.cast(on, dtype=check_dtype(dtype) or settings.floatx())


def _two_sizes(name: str, n: Any, m: Any) -> tuple[DimLike, DimLike]:
    rows = size_argument(name, n)
    return rows, rows if m is None else size_argument(name, m)


def _numbers(rows: DimLike, columns: DimLike) -> tuple[Tensor, Tensor]:
    """Return the numbers of rows as a column, those of columns as a row."""
    i, j = ps.iota(size=rows, dtype="int32"), ps.iota(size=columns, dtype="int32")
    return ps.reshape(i, shape=(rows, 1)), ps.reshape(j, shape=(1, columns))
