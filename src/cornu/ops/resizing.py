"""Images made larger, smaller, cropped and padded.

A resized axis is a product with a matrix of weights: those of the inputs near each result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike
from cornu.graph.dtypes import bits, is_float
from cornu.graph.spec import shape_of
from cornu.ops.axes import keep_axes, normalize_axis, shape_argument
from cornu.ops.conversion import saturate_cast
from cornu.ops.layout import as_images, each, format_of, image_batch, one_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives.index import take
from cornu.primitives.linear import dot
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.shape import iota, reshape, transpose
from cornu.primitives.slicing import pad, static_slice

__all__ = ["crop_images", "pad_images", "resize", "scale_and_translate"]


# Kernels: the weight of an input at distance x >= 0, in pixels.


def _triangle(x: Tensor) -> Tensor:
    return p.maximum(1.0 - x, constant(0.0, x))


def _cubic(x: Tensor) -> Tensor:
    """Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", a = -1/2."""
    near = ((x * 1.5 - 2.5) * x) * x + 1.0
    far = ((x * -0.5 + 2.5) * x - 4.0) * x + 2.0
    far = p.select(p.less(x, constant(2.0, x)), far, constant(0.0, x))
    return p.select(p.less(x, constant(1.0, x)), near, far)


def _lanczos(radius: float, x: Tensor) -> Tensor:
    small = p.less_equal(x, constant(1e-3, x))
    safe = p.select(small, constant(1.0, x), x)
    waves = p.multiply(p.sin(safe * math.pi), p.sin(safe * (math.pi / radius))) * radius
    weight = p.select(small, constant(1.0, x), p.divide(waves, safe * safe * math.pi**2))
    return p.select(p.greater(x, constant(radius, x)), constant(0.0, x), weight)


_KERNELS: dict[str, Callable[[Tensor], Tensor]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": lambda x: _lanczos(3.0, x),
    "lanczos5": lambda x: _lanczos(5.0, x),
}


def _weights(
    n: DimLike, result: DimLike, scale: Tensor, shift: Tensor, method: str, antialias: bool
) -> Tensor:
    """Return weights of the axes (inputs, results)."""
    dtype = dtype_of(scale)
    inverse = p.reciprocal(scale)
    # Pixel i covers i to i + 1: its centre lies at i + 1/2.
    centres = iota(size=result, dtype=dtype) + 0.5
    places = p.subtract(p.multiply(centres, inverse), p.multiply(shift, inverse)) - 0.5
    inputs = reshape(iota(size=n, dtype=dtype), shape=(n, 1))
    distance = p.abs(p.subtract(places, inputs))
    if antialias:  # of a smaller image each pixel looks at all those that it stands for
        distance = p.divide(distance, p.maximum(inverse, constant(1.0, inverse)))
    weights = _KERNELS[method](distance)
    total = keep_axes(reduce_sum(weights, axes=(0,)), (0,), (n, result), True)
    zero = constant(0.0, total)
    some = p.greater(p.abs(total), constant(1000 * float(np.finfo(dtype).eps), total))
    weights = p.select(some, p.divide(weights, p.select(some, total, constant(1.0, total))), zero)
    size = as_tensor(n, dtype)
    inside = p.logical_and(
        p.greater_equal(places, constant(-0.5, places)), p.less_equal(places, size - 0.5)
    )
    return p.select(inside, weights, zero)


def _along(x: Tensor, weights: Tensor, axis: int) -> Tensor:
    """Multiply an axis by a matrix."""
    rank = len(shape_of(x))
    y = dot(x, weights, contract=((axis, 0),), batch=())  # the new axis comes last
    return transpose(y, axes=(*range(axis), rank - 1, *range(axis, rank - 1)))


def _nearest(x: Tensor, n: DimLike, result: int, axis: int) -> Tensor:
    centres = iota(size=result, dtype="float32") + 0.5
    ratio = p.divide(as_tensor(n, "float32"), as_tensor(float(result), "float32"))
    places = p.cast(p.floor(p.multiply(centres, ratio)), dtype="int32")
    return take(x, places, axis=axis)


def _back(y: Tensor, dtype: str) -> Tensor:
    """Return the result in the dtype of the images; integers are rounded, and stay in range."""
    if dtype_of(y) == dtype:
        return y
    return saturate_cast(y if is_float(dtype) else p.round(y), dtype)


@op
def resize(
    images: ArrayLike,
    size: Sequence[int],
    interpolation: str = "bilinear",
    antialias: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    fill_mode: str = "constant",
    fill_value: float = 0.0,
    data_format: str | None = None,
) -> Tensor:
    """Return images in another size.

    Args:
        images: One image or a batch, of any real dtype, which the result has too.
        size: The pair (height, width).
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        antialias: Whether a smaller image averages over all pixels that it stands for.
        crop_to_aspect_ratio: Whether the middle is cut out first, in the shape of the result.
        pad_to_aspect_ratio: Whether borders are added first, in the shape of the result.
        fill_mode: "constant", the only one.
        fill_value: Value of the borders.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c) -> (..., *size, c), channels last

    Raises:
        ShapeError: If `images` hasn't three or four axes.
        ArgumentError: If there is no such interpolation, or both ratios are to be kept.

    Example:
        >>> resize([[[0.0], [2.0]]], (1, 4), data_format="channels_last")[0, :, 0]
        Array([0. , 0.5, 1.5, 2. ], dtype=float32)
    """
    interpolation = one_of("resize", "interpolation", interpolation, "nearest", *_KERNELS)
    one_of("resize", "fill_mode", fill_mode, "constant")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ArgumentError(
            "resize", "only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` can be True"
        )
    target = each("resize", "size", tuple(size), 2)
    x, first = as_tensor(images), format_of(data_format)
    dtype = dtype_of(x)
    x, alone = image_batch("resize", x, first)
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        x = _in_ratio(x, target, crop_to_aspect_ratio, fill_value)
    if interpolation != "nearest":
        x = promote_inexact(x)
        if bits(dtype_of(x)) < 32:
            x = p.cast(x, dtype="float32")
    for axis, result in enumerate(target, 1):
        n = shape_of(x)[axis]
        if n == result and not isinstance(n, Dim):
            continue
        if interpolation == "nearest":
            x = _nearest(x, n, result, axis)
            continue
        kind = dtype_of(x)
        scale = p.divide(as_tensor(float(result), kind), as_tensor(n, kind))
        shift = constant(0.0, scale)
        x = _along(x, _weights(n, result, scale, shift, interpolation, antialias), axis)
    return as_images(_back(x, dtype), alone, first)


def _in_ratio(x: Tensor, target: tuple[int, ...], crop: bool, value: float) -> Tensor:
    """Cut the middle out of images, or add borders, so that they have the shape of the target."""
    n, h, w, c = shape_of(x)
    if isinstance(h, Dim) or isinstance(w, Dim):
        raise ShapeError("resize", "to keep a ratio the size must be known", images=x)
    height, width = int(w * target[0] / target[1]), int(h * target[1] / target[0])
    if crop:
        height, width = max(min(h, height), 1), max(min(w, width), 1)
        top, left = (h - height) // 2, (w - width) // 2
        return static_slice(
            x,
            start=(0, top, left, 0),
            stop=(n, top + height, left + width, c),
            step=(1, 1, 1, 1),
        )
    top, left = (max(h, height) - h) // 2, (max(w, width) - w) // 2
    around = (0, top, left, 0)
    return pad(x, constant(value, x), low=around, high=around, interior=(0, 0, 0, 0))


_METHODS = {
    "linear": "bilinear",
    "bilinear": "bilinear",
    "trilinear": "bilinear",
    "cubic": "bicubic",
    "bicubic": "bicubic",
    "tricubic": "bicubic",
    "lanczos3": "lanczos3",
    "lanczos5": "lanczos5",
}


@op
def scale_and_translate(
    images: ArrayLike,
    output_shape: Sequence[int],
    scale: ArrayLike,
    translation: ArrayLike,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Tensor:
    """Scale images, then move them.

    A point at x of the images, measured from the edge, comes to x * scale + translation. What lies
    outside is 0.

    Args:
        images: Array of any floating dtype; integers become `floatx`.
        output_shape: Shape of the result; it differs from that of `images` only in `spatial_dims`.
        scale: Factor for each of the spatial axes.
        translation: Shift in pixels for each of the spatial axes.
        spatial_dims: The spatial axes.
        method: "linear", "cubic", "lanczos3" or "lanczos5" ("bilinear" and the like mean the same).
        antialias: Whether a smaller image averages over all pixels that it stands for.

    Shapes:
        images: any -> output_shape

    Raises:
        ArgumentError: If there is no such method.

    Example:
        >>> scale_and_translate([1.0, 3.0], (4,), [2.0], [0.0], (0,), "linear")
        Array([1. , 1.5, 2.5, 3. ], dtype=float32)
    """
    name = "scale_and_translate"
    kernel = _METHODS[one_of(name, "method", method, *_METHODS)]
    x = promote_inexact(images)
    dtype = dtype_of(x)
    if bits(dtype) < 32:
        x = p.cast(x, dtype="float32")
    factors = as_tensor(scale, dtype_of(x))
    shifts = as_tensor(translation, dtype_of(x))
    target = shape_argument(name, output_shape)
    rank = len(shape_of(x))
    for i, d in enumerate(spatial_dims):
        axis = normalize_axis(name, d, rank, x)
        number = constant(i, iota(size=1, dtype="int32"))
        weights = _weights(
            shape_of(x)[axis],
            target[axis],
            take(factors, number, axis=0),
            take(shifts, number, axis=0),
            kernel,
            antialias,
        )
        x = _along(x, weights, axis)
    return to_dtype(x, dtype)


def _sides(
    name: str,
    words: tuple[str, str, str],
    low: int | None,
    high: int | None,
    target: int | None,
    missing: Any,
) -> tuple[DimLike, DimLike]:
    """Return both sides of an axis, of which two of the three values say all.

    Args:
        name: The op.
        words: Names of the three arguments.
        low: The first side.
        high: The second side.
        target: The size of the result.
        missing: The two sides together, given the target.
    """
    given: dict[str, Any] = dict(zip(words, (low, high, target), strict=True))
    if sum(v is None for v in given.values()) != 1:
        raise ArgumentError(name, f"exactly two of {', '.join(words)} must be given", **given)
    if any(v is not None and v < 0 for v in given.values()):
        raise ArgumentError(name, f"{', '.join(words)} can't be negative", **given)
    a = missing(target) - high if low is None else low
    b = missing(target) - a if high is None else high
    if any(not isinstance(v, Dim) and v < 0 for v in (a, b)):
        raise ArgumentError(name, "the images don't fit into the size asked for", **given)
    return a, b


@op
def crop_images(
    images: ArrayLike,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Cut a rectangle out of images; two of three values say where it lies on each axis.

    Args:
        images: One image or a batch, of any dtype.
        top_cropping: Rows to remove above.
        left_cropping: Columns to remove on the left.
        bottom_cropping: Rows to remove below.
        right_cropping: Columns to remove on the right.
        target_height: Rows of the result.
        target_width: Columns of the result.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c) -> (..., target_height, target_width, c), channels last

    Raises:
        ArgumentError: If not exactly two are given, or the rectangle sticks out.

    Example:
        >>> crop_images([[[1], [2], [3]]], 0, 1, 0, 0, data_format="channels_last")[0, :, 0]
        Array([2, 3], dtype=int32)
    """
    x, first = as_tensor(images), format_of(data_format)
    x, alone = image_batch("crop_images", x, first)
    n, h, w, c = shape_of(x)
    words = ("top_cropping", "bottom_cropping", "target_height")
    top, bottom = _sides(
        "crop_images", words, top_cropping, bottom_cropping, target_height, lambda t: h - t
    )
    words = ("left_cropping", "right_cropping", "target_width")
    left, right = _sides(
        "crop_images", words, left_cropping, right_cropping, target_width, lambda t: w - t
    )
    y = static_slice(
        x, start=(0, top, left, 0), stop=(n, h - bottom, w - right, c), step=(1, 1, 1, 1)
    )
    return as_images(y, alone, first)


@op
def pad_images(
    images: ArrayLike,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Add zeros around images; two of three values say how many on each axis.

    Args:
        images: One image or a batch, of any dtype.
        top_padding: Rows to add above.
        left_padding: Columns to add on the left.
        bottom_padding: Rows to add below.
        right_padding: Columns to add on the right.
        target_height: Rows of the result.
        target_width: Columns of the result.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c) -> (..., target_height, target_width, c), channels last

    Raises:
        ArgumentError: If not exactly two are given, or the images are larger than the result.

    Example:
        >>> pad_images([[[1], [2]]], 0, 1, 0, 0, data_format="channels_last")[0, :, 0]
        Array([0, 1, 2], dtype=int32)
    """
    x, first = as_tensor(images), format_of(data_format)
    x, alone = image_batch("pad_images", x, first)
    _, h, w, _ = shape_of(x)
    words = ("top_padding", "bottom_padding", "target_height")
    top, bottom = _sides(
        "pad_images", words, top_padding, bottom_padding, target_height, lambda t: t - h
    )
    words = ("left_padding", "right_padding", "target_width")
    left, right = _sides(
        "pad_images", words, left_padding, right_padding, target_width, lambda t: t - w
    )
    y = pad(
        x,
        constant(0, x),
        low=(0, top, left, 0),
        high=(0, bottom, right, 0),
        interior=(0, 0, 0, 0),
    )
    return as_images(y, alone, first)
