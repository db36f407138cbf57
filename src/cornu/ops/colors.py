"""Colors: gray values, hue, saturation and value."""

from __future__ import annotations

from collections.abc import Callable

from cornu.errors import DtypeError, ShapeError
from cornu.graph.dim import Dim
from cornu.graph.dtypes import is_float
from cornu.graph.spec import shape_of
from cornu.ops.layout import format_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant
from cornu.primitives.slicing import concatenate, split

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]

# Luma of the standard ITU-R BT.601, rounded as is usual.
_GRAY = (0.2989, 0.5870, 0.1140)


def _channels(name: str, images: Tensor, data_format: str | None) -> int:
    rank = len(shape_of(images))
    if rank not in (3, 4):
        raise ShapeError(
            name, "`images` must have three axes (one image) or four (a batch)", images=images
        )
    return rank - 3 if format_of(data_format) else rank - 1


@op
def rgb_to_grayscale(images: ArrayLike, data_format: str | None = None) -> Tensor:
    """Return gray values, weighted as the eye sees the colors.

    y = 0.2989 * red + 0.5870 * green + 0.1140 * blue

    Args:
        images: One image or a batch, of any real dtype; gray ones stay as they are.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, 3) -> (..., h, w, 1), channels last

    Raises:
        ShapeError: If there are neither one nor three channels.

    Example:
        >>> rgb_to_grayscale([[[1.0, 0.0, 0.0]]], data_format="channels_last")
        Array([[[0.2989]]], dtype=float32)
    """
    x = as_tensor(images)
    axis = _channels("rgb_to_grayscale", x, data_format)
    n = shape_of(x)[axis]
    if not isinstance(n, Dim) and n not in (1, 3):
        raise ShapeError("rgb_to_grayscale", "there must be one channel or three", images=x)
    if n == 1:
        return x
    dtype = dtype_of(x)
    parts = split(promote_inexact(x), sizes=(1, 1, 1), axis=axis)
    red, green, blue = (part * weight for part, weight in zip(parts, _GRAY, strict=True))
    gray = p.add(p.add(red, green), blue)
    return gray if is_float(dtype) else p.cast(gray, dtype=dtype)


def _planes(
    name: str, images: ArrayLike, data_format: str | None, change: Callable[..., tuple[Tensor, ...]]
) -> Tensor:
    """Apply a function to the three channels."""
    x = as_tensor(images)
    if not is_float(dtype_of(x)):
        raise DtypeError(name, "the dtype must be floating, with values from 0 to 1", images=x)
    axis = _channels(name, x, data_format)
    return concatenate(*change(*split(x, sizes=(1, 1, 1), axis=axis)), axis=axis)


@op
def rgb_to_hsv(images: ArrayLike, data_format: str | None = None) -> Tensor:
    """Return hue, saturation and value of colors.

    Args:
        images: One image or a batch of a floating dtype, with values from 0 to 1.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, 3) -> the same, channels last

    Raises:
        DtypeError: If the dtype isn't floating.
        ShapeError: If there aren't three channels.

    References:
        Smith 1978, "Color Gamut Transform Pairs".

    Example:
        >>> rgb_to_hsv([[[0.0, 0.5, 0.0]]], data_format="channels_last") * 3
        Array([[[1. , 3. , 1.5]]], dtype=float32)
    """

    def change(r: Tensor, g: Tensor, b: Tensor) -> tuple[Tensor, ...]:
        zero, one = constant(0.0, r), constant(1.0, r)
        value = p.maximum(p.maximum(r, g), b)
        spread = p.subtract(value, p.minimum(p.minimum(r, g), b))
        colored = p.greater(spread, zero)
        unit = p.divide(one, p.select(colored, spread, one) * 6.0)
        hue = p.select(
            p.equal(value, g),
            p.multiply(unit, p.subtract(b, r)) + 2.0 / 6.0,
            p.multiply(unit, p.subtract(r, g)) + 4.0 / 6.0,
        )
        hue = p.select(p.equal(value, r), p.multiply(unit, p.subtract(g, b)), hue)
        hue = p.select(colored, hue, zero)
        hue = p.select(p.less(hue, zero), hue + 1.0, hue)
        bright = p.greater(value, zero)
        saturation = p.select(bright, p.divide(spread, p.select(bright, value, one)), zero)
        return hue, saturation, value

    return _planes("rgb_to_hsv", images, data_format, change)


@op
def hsv_to_rgb(images: ArrayLike, data_format: str | None = None) -> Tensor:
    """Return the colors of given hue, saturation and value.

    Args:
        images: One image or a batch of a floating dtype, with values from 0 to 1.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, 3) -> the same, channels last

    Raises:
        DtypeError: If the dtype isn't floating.
        ShapeError: If there aren't three channels.

    References:
        Smith 1978, "Color Gamut Transform Pairs".

    Example:
        >>> hsv_to_rgb([[[0.0, 1.0, 0.5]]], data_format="channels_last")
        Array([[[0.5, 0. , 0. ]]], dtype=float32)
    """

    def change(hue: Tensor, saturation: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        zero, one = constant(0.0, hue), constant(1.0, hue)
        angle = p.remainder(hue, one) * 6.0

        def plane(share: Tensor) -> Tensor:
            share = p.minimum(p.maximum(share, zero), one)
            return p.multiply(value, 1.0 - p.multiply(saturation, 1.0 - share))

        red = plane(p.abs(angle - 3.0) - 1.0)
        green = plane(2.0 - p.abs(angle - 2.0))
        return red, green, plane(2.0 - p.abs(angle - 4.0))

    return _planes("hsv_to_rgb", images, data_format, change)
