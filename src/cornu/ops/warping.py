"""Images read at other places than their pixels: interpolation and transformations of the plane."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import DimLike, size
from cornu.graph.dtypes import is_float
from cornu.graph.spec import shape_of
from cornu.ops.layout import as_images, format_of, image_batch, one_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.primitives import decompositions
from cornu.primitives import elementwise as p
from cornu.primitives.index import take
from cornu.primitives.rules import constant
from cornu.primitives.shape import broadcast_to, iota, reshape, zeros_like
from cornu.primitives.slicing import concatenate, split

__all__ = ["affine_transform", "map_coordinates", "perspective_transform"]

_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
_ORDERS = {"nearest": 0, "bilinear": 1}


def _inside(index: Tensor, n: Tensor, mode: str) -> Tensor:
    """Return indices within an axis of size n for those beyond its ends."""
    one = constant(1, index)
    zero = constant(0, index)
    if mode in ("constant", "nearest"):
        return p.minimum(p.maximum(index, zero), p.subtract(n, one))
    if mode == "wrap":
        return p.remainder(index, n)
    if mode == "mirror":  # about the outermost elements
        last = p.maximum(p.subtract(n, one), one)
        period = p.add(last, last)
        turned = p.abs(p.subtract(p.remainder(p.add(index, last), period), last))
        return p.minimum(turned, p.subtract(n, one))
    period = p.add(n, n)  # about the edges
    turned = p.remainder(index, period)
    return p.minimum(turned, p.subtract(p.subtract(period, one), turned))


def _rounded(x: Tensor) -> Tensor:
    """Round, halves away from zero."""
    return p.multiply(p.sign(x), p.floor(p.abs(x) + 0.5))


def _corners(at: Tensor, order: int) -> list[tuple[Tensor, Tensor | None]]:
    """Return the elements around a place along one axis, with their weights."""
    if order == 0:
        return [(p.cast(_rounded(at), dtype="int32"), None)]
    low = p.floor(at)
    share = p.subtract(at, low)
    index = p.cast(low, dtype="int32")
    return [(index, 1.0 - share), (index + 1, share)]


def _sampled(
    rows: Tensor,
    dims: Sequence[DimLike],
    places: Sequence[Tensor],
    first: Tensor | None,
    order: int,
    mode: str,
    fill: float,
) -> Tensor:
    """Interpolate.

    Args:
        rows: Elements of axes of sizes `dims`, flat; each may be a row of channels.
        dims: The sizes.
        places: For each axis, where.
        first: Number of the row at which each place's array begins.
        order: 0 for the nearest element, 1 for linear interpolation.
        mode: What lies beyond the edges.
        fill: Value there, for "constant".
    """
    sizes = [as_tensor(d, "int32") for d in dims]
    channels = len(shape_of(rows)) == 2

    def spread(x: Tensor) -> Tensor:
        return reshape(x, shape=(*shape_of(x), 1)) if channels else x

    total: Tensor = None
    for corner in itertools.product(*(_corners(at, order) for at in places)):
        number, valid, weight = first, None, None
        for (index, share), n in zip(corner, sizes, strict=True):
            if mode == "constant":
                fits = p.logical_and(p.greater_equal(index, constant(0, index)), p.less(index, n))
                valid = fits if valid is None else p.logical_and(valid, fits)
            index = _inside(index, n, mode)
            number = index if number is None else p.add(p.multiply(number, n), index)
            if share is not None:
                weight = share if weight is None else p.multiply(weight, share)
        value = take(rows, number, axis=0)
        if valid is not None:
            value = p.select(spread(valid), value, constant(fill, value))
        if weight is not None:
            value = p.multiply(value, spread(to_dtype(weight, dtype_of(value))))
        total = value if total is None else p.add(total, value)
    return total


@op
def map_coordinates(
    inputs: ArrayLike,
    coordinates: ArrayLike,
    order: int,
    fill_mode: str = "constant",
    fill_value: float = 0,
) -> Tensor:
    """Return the values of an array at given places, between its elements too.

    Args:
        inputs: Array of any real dtype, which the result has too.
        coordinates: For each axis of `inputs`, the places on it; 0 is the first element.
        order: 0 for the nearest element, 1 for linear interpolation.
        fill_mode: What lies beyond the edges: "constant", "nearest" (the outermost element), "wrap"
            (the array again), "mirror" (about the outermost elements) or "reflect" (about the
            edges).
        fill_value: Value there, for "constant".

    Shapes:
        inputs: s, coordinates: (len(s), ...) -> (...)

    Raises:
        ShapeError: If there isn't one row of coordinates per axis.
        ArgumentError: If there is no such order or mode.

    Example:
        >>> map_coordinates([0.0, 2.0, 4.0], [[0.5, 1.0, 9.0]], order=1)
        Array([1., 2., 0.], dtype=float32)
    """
    name = "map_coordinates"
    x, at = as_tensor(inputs), promote_inexact(coordinates)
    dims, shape = shape_of(x), shape_of(at)
    if len(shape) < 2 or shape[0] != len(dims):
        raise ShapeError(
            name, "`coordinates` need one row per axis of `inputs`", inputs=x, coordinates=at
        )
    if order not in (0, 1):
        raise ArgumentError(name, "`order` must be 0 or 1", order=order)
    mode = one_of(name, "fill_mode", fill_mode, *_MODES)
    dtype = dtype_of(x)
    if order == 1:
        x = promote_inexact(x)
    places = [reshape(row, shape=shape[1:]) for row in split(at, sizes=(1,) * len(dims), axis=0)]
    flat = reshape(x, shape=(size(dims),))
    y = _sampled(flat, dims, places, None, order, mode, fill_value)
    if dtype_of(y) == dtype:
        return y
    return p.cast(y if is_float(dtype) else _rounded(y), dtype=dtype)


def _warped(x: Tensor, rows: Tensor, columns: Tensor, order: int, mode: str, fill: float) -> Tensor:
    """Read a batch (n, h, w, c) at places on its spatial axes that broadcast to (n, h, w)."""
    n, h, w, c = shape_of(x)
    if order:
        x = promote_inexact(x)
    rows, columns = (broadcast_to(v, shape=(n, h, w)) for v in (rows, columns))
    flat = reshape(x, shape=(size((n, h, w)), c))
    number = reshape(iota(size=n, dtype="int32"), shape=(n, 1, 1))
    return _sampled(flat, (h, w), (rows, columns), number, order, mode, fill)


def _grid(x: Tensor, dtype: str) -> tuple[Tensor, Tensor]:
    """Return the numbers of rows and columns of images, to be broadcast."""
    h, w = shape_of(x)[1:3]
    rows = reshape(iota(size=h, dtype=dtype), shape=(1, h, 1))
    return rows, reshape(iota(size=w, dtype=dtype), shape=(1, 1, w))


def _numbers(x: Tensor, count: int) -> list[Tensor]:
    """Return the numbers of each row as values to be broadcast over images."""
    parts = split(x, sizes=(1,) * count, axis=1)
    return [reshape(part, shape=(shape_of(x)[0], 1, 1)) for part in parts]


def _finished(y: Tensor, dtype: str, alone: bool, first: bool) -> Tensor:
    if dtype_of(y) != dtype:
        y = p.cast(y if is_float(dtype) else _rounded(y), dtype=dtype)
    return as_images(y, alone, first)


@op
def affine_transform(
    images: ArrayLike,
    transform: ArrayLike,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Turn, scale, shear and move images.

    y[row, column] = x[b0 * column + b1 * row + b2, a0 * column + a1 * row + a2]

    Args:
        images: One image or a batch, of any real dtype, which the result has too.
        transform: The numbers a0, a1, a2, b0, b1, b2, 0, 0, once or for each image.
        interpolation: "bilinear" or "nearest".
        fill_mode: What lies beyond the edges, as in `map_coordinates`.
        fill_value: Value there, for "constant".
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c), transform: (8,) or (n, 8) -> (..., h, w, c), channels last

    Raises:
        ShapeError: If an operand hasn't these axes.
        ArgumentError: If there is no such interpolation or mode.

    Example:
        >>> move = [1, 0, 1, 0, 1, 0, 0, 0]
        >>> affine_transform([[[1.0], [2.0]]], move, data_format="channels_last")[0, :, 0]
        Array([2., 0.], dtype=float32)
    """
    name = "affine_transform"
    order = _ORDERS[one_of(name, "interpolation", interpolation, *_ORDERS)]
    mode = one_of(name, "fill_mode", fill_mode, *_MODES)
    x, first, numbers = as_tensor(images), format_of(data_format), promote_inexact(transform)
    dtype = dtype_of(x)
    x, alone = image_batch(name, x, first)
    if len(shape_of(numbers)) == 1:
        numbers = reshape(numbers, shape=(1, *shape_of(numbers)))
    if len(shape_of(numbers)) != 2 or shape_of(numbers)[1] != 8:
        raise ShapeError(name, "`transform` needs eight numbers", transform=numbers)
    a0, a1, a2, b0, b1, b2, *_ = _numbers(numbers, 8)
    rows, columns = _grid(x, dtype_of(numbers))
    ys = p.add(p.add(p.multiply(rows, b1), p.multiply(columns, b0)), b2)
    xs = p.add(p.add(p.multiply(rows, a1), p.multiply(columns, a0)), a2)
    y = _warped(x, ys, xs, order, mode, fill_value)
    return _finished(y, dtype, alone, first)


@op
def perspective_transform(
    images: ArrayLike,
    start_points: ArrayLike,
    end_points: ArrayLike,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Show images as if seen from elsewhere: four points move to four others.

    Args:
        images: One image or a batch, of any real dtype, which the result has too.
        start_points: Four points (x, y) of the images, once or for each image.
        end_points: Where they come to.
        interpolation: "bilinear" or "nearest".
        fill_value: Value of what lies beyond the edges.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c), both points: (4, 2) or (n, 4, 2) -> (..., h, w, c), channels last

    Raises:
        ShapeError: If an operand hasn't these axes.
        ArgumentError: If there is no such interpolation.

    Example:
        >>> points = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
        >>> perspective_transform(
        ...     [[[1.0], [2.0]]], points, points, data_format="channels_last"
        ... )[0, :, 0]
        Array([1., 2.], dtype=float32)
    """
    name = "perspective_transform"
    order = _ORDERS[one_of(name, "interpolation", interpolation, *_ORDERS)]
    x, first = as_tensor(images), format_of(data_format)
    dtype = dtype_of(x)
    x, alone = image_batch(name, x, first)
    given = []
    for word, points in (("start_points", start_points), ("end_points", end_points)):
        values = as_tensor(points, "float32")
        if len(shape_of(values)) == 2:
            values = reshape(values, shape=(1, *shape_of(values)))
        if len(shape_of(values)) != 3 or shape_of(values)[1:] != (4, 2):
            raise ShapeError(name, f"`{word}` must be four points", **{word: values})
        given.append(values)
    a, b, c, d, e, f, g, h = _numbers(_homography(*given), 8)
    rows, columns = _grid(x, "float32")

    def plane(p0: Tensor, p1: Tensor, p2: Any) -> Tensor:
        return p.add(p.add(p.multiply(columns, p0), p.multiply(rows, p1)), p2)

    depth = plane(g, h, constant(1.0, rows))
    ys, xs = p.divide(plane(d, e, f), depth), p.divide(plane(a, b, c), depth)
    y = _warped(x, ys, xs, order, "constant", fill_value)
    return _finished(y, dtype, alone, first)


def _homography(start: Tensor, end: Tensor) -> Tensor:
    """Return the eight numbers of the map that takes the end points back to the start points."""
    (x, y), (u, v) = (split(points, sizes=(1, 1), axis=2) for points in (start, end))
    none = zeros_like(u)
    one = none + 1.0

    def products(s: Tensor) -> list[Tensor]:
        return [p.negate(p.multiply(s, u)), p.negate(p.multiply(s, v))]

    top = concatenate(u, v, one, none, none, none, *products(x), axis=2)
    bottom = concatenate(none, none, none, u, v, one, *products(y), axis=2)
    matrix = concatenate(top, bottom, axis=1)
    found = decompositions.solve(matrix, concatenate(x, y, axis=1))
    return reshape(found, shape=shape_of(found)[:2])
