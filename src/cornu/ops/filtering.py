"""Images seen through small windows: blur, edges, patches; and how alike two images are."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cornu.errors import ShapeError
from cornu.graph.dim import Dim, DimLike, same_dim
from cornu.graph.dtypes import is_float, numpy_dtype
from cornu.graph.spec import shape_of
from cornu.ops.convolution import depthwise_conv
from cornu.ops.layout import (
    as_images,
    each,
    format_of,
    image_batch,
    one_of,
    to_channels_first,
    to_channels_last,
)
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact
from cornu.ops.reductions import mean
from cornu.primitives import elementwise as p
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.shape import broadcast_to, iota, reshape
from cornu.primitives.slicing import concatenate, pad, static_slice

__all__ = [
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "psnr",
    "sobel_edges",
    "ssim",
]


def _depthwise(x: Tensor, kernel: Tensor, padding: str) -> Tensor:
    """Convolve each channel by the same kernel (h, w)."""
    h, w = shape_of(kernel)
    c = shape_of(x)[-1]
    if isinstance(c, Dim):
        raise ShapeError("conv", "the number of channels must be known", images=x)
    whole = broadcast_to(reshape(kernel, shape=(h, w, 1, 1)), shape=(h, w, c, 1))
    return depthwise_conv(x, whole, padding=padding, data_format="channels_last")


def _gaussian(size: int, sigma: Tensor) -> Tensor:
    """Return the weights of a normal distribution on `size` points, with the sum one."""
    x = iota(size=size, dtype=dtype_of(sigma)) - (size - 1) / 2.0
    z = p.divide(x, sigma)
    weights = p.exp(p.multiply(z, z) * -0.5)
    return p.divide(weights, reduce_sum(weights, axes=(0,)))


def _outer(a: Tensor, b: Tensor) -> Tensor:
    return p.multiply(reshape(a, shape=(*shape_of(a), 1)), b)


@op
def gaussian_blur(
    images: ArrayLike,
    kernel_size: Sequence[int] = (3, 3),
    sigma: ArrayLike = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:
    """Average each pixel with those around it, weighted by a normal distribution.

    Args:
        images: One image or a batch, of any floating dtype; integers become `floatx`.
        kernel_size: Width and height of the window; beyond the edges are zeros.
        sigma: Standard deviations in pixels along the width and the height; may be data.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c) -> the same, channels last

    Example:
        >>> gaussian_blur([[[0.0], [1.0], [0.0]]], (1, 1), data_format="channels_last")[0, :, 0]
        Array([0., 1., 0.], dtype=float32)
    """
    x, first = promote_inexact(images), format_of(data_format)
    x, alone = image_batch("gaussian_blur", x, first)
    sizes = each("gaussian_blur", "kernel_size", tuple(kernel_size), 2)
    widths = as_tensor(sigma, dtype_of(x))
    kernels = [
        _gaussian(n, static_slice(widths, start=(i,), stop=(i + 1,), step=(1,)))
        for i, n in enumerate(sizes)
    ]
    kernel = _outer(kernels[1], kernels[0])
    return as_images(_depthwise(x, kernel, "same"), alone, first)


_SOBEL = ((-1.0, -2.0, -1.0), (0.0, 0.0, 0.0), (1.0, 2.0, 1.0))


@op
def sobel_edges(images: ArrayLike, data_format: str | None = None) -> Tensor:
    """Return how much images change downwards and to the right.

    Args:
        images: One image or a batch, of any floating dtype; integers become `floatx`. Beyond the
            edges are zeros.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c) -> (..., h, w, c, 2), channels last

    Raises:
        ShapeError: If `images` hasn't three or four axes.

    Example:
        >>> sobel_edges([[[[0.0], [1.0], [2.0]]] * 3], data_format="channels_last")[0, 1, 1, 0]
        Array([0., 8.], dtype=float32)
    """
    x, first = promote_inexact(images), format_of(data_format)
    x, alone = image_batch("sobel_edges", x, first)
    down = np.array(_SOBEL, numpy_dtype(dtype_of(x)))
    sides = []
    for kernel in (down, down.T.copy()):
        y = as_images(_depthwise(x, as_tensor(kernel, dtype_of(x)), "same"), alone, first)
        sides.append(reshape(y, shape=(*shape_of(y), 1)))
    return concatenate(*sides, axis=len(shape_of(sides[0])) - 1)


def _patches(
    name: str,
    images: ArrayLike,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None,
    dilation_rate: int | Sequence[int],
    padding: str,
    data_format: str | None,
    n: int,
) -> Tensor:
    x, first = as_tensor(images), format_of(data_format)
    alone = len(shape_of(x)) == n + 1
    if alone:
        x = reshape(x, shape=(1, *shape_of(x)))
    if len(shape_of(x)) != n + 2:
        raise ShapeError(name, f"the operand must have {n + 1} axes, or {n + 2} with a batch", x=x)
    window = each(name, "size", size, n)
    steps = window if not strides else each(name, "strides", strides, n)
    gaps = each(name, "dilation_rate", dilation_rate, n)
    padding = one_of(name, "padding", padding, "valid", "same")
    x = to_channels_last(x, first)
    batch, *spatial, channels = shape_of(x)
    counts: list[DimLike] = []
    low, high = [0], [0]
    for d, k, s, g in zip(spatial, window, steps, gaps, strict=True):
        reach = (k - 1) * g + 1
        if padding == "valid":
            counts.append((d - reach) // s + 1)
            low.append(0)
            high.append(0)
            continue
        if isinstance(d, Dim):
            raise ShapeError(name, 'with padding="same" the sizes must be known', x=x)
        count = -(-d // s)
        extra = max((count - 1) * s + reach - d, 0)
        counts.append(count)
        low.append(extra // 2)
        high.append(extra - extra // 2)
    if any(low) or any(high):
        edges = {"low": (*low, 0), "high": (*high, 0), "interior": (0,) * (n + 2)}
        x = pad(x, constant(0, x), **edges)
    taps = []
    for place in np.ndindex(*window):
        start = tuple(i * g for i, g in zip(place, gaps, strict=True))
        stop = tuple(a + (m - 1) * s + 1 for a, m, s in zip(start, counts, steps, strict=True))
        taps.append(
            static_slice(
                x,
                start=(0, *start, 0),
                stop=(batch, *stop, channels),
                step=(1, *steps, 1),
            )
        )
    y = to_channels_first(concatenate(*taps, axis=n + 1), first)
    return reshape(y, shape=shape_of(y)[1:]) if alone else y


@op
def extract_patches(
    images: ArrayLike,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Return what a window that slides over images sees, as channels.

    Args:
        images: One image or a batch, of any dtype.
        size: Height and width of the window; three numbers mean `extract_patches_3d`.
        strides: Step of the window; `None` means `size`.
        dilation_rate: Distance of its elements.
        padding: "valid", or "same" for ceil(n / strides) windows, with zeros beyond the edges.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        images: (..., h, w, c) -> (..., m, n, size[0] * size[1] * c), channels last

    Raises:
        ShapeError: If `images` hasn't three or four axes.

    Example:
        >>> extract_patches([[[1], [2], [3], [4]]], (1, 2), data_format="channels_last")
        Array([[[1, 2],
                [3, 4]]], dtype=int32)
    """
    n = 3 if isinstance(size, (list, tuple)) and len(size) == 3 else 2
    return _patches(
        "extract_patches", images, size, strides, dilation_rate, padding, data_format, n
    )


@op
def extract_patches_3d(
    volumes: ArrayLike,
    size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    dilation_rate: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Return what a window that slides over volumes sees, as channels.

    Args:
        volumes: One volume or a batch, of any dtype.
        size: Depth, height and width of the window.
        strides: Step of the window; `None` means `size`.
        dilation_rate: Distance of its elements.
        padding: "valid", or "same" for ceil(n / strides) windows, with zeros beyond the edges.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        volumes: (..., d, h, w, c) -> (..., l, m, n, size[0] * size[1] * size[2] * c), channels last

    Raises:
        ShapeError: If `volumes` hasn't four or five axes.

    Example:
        >>> extract_patches_3d([[[[1], [2]]]], (1, 1, 2), data_format="channels_last")
        Array([[[[1, 2]]]], dtype=int32)
    """
    return _patches(
        "extract_patches_3d", volumes, size, strides, dilation_rate, padding, data_format, 3
    )


# How alike two images are


def _same_shape(name: str, a: Tensor, b: Tensor) -> None:
    x, y = shape_of(a), shape_of(b)
    if len(x) != len(y) or not all(map(same_dim, x, y)):
        raise ShapeError(name, "both must have the same shape", first=a, second=b)


@op
def psnr(x1: ArrayLike, x2: ArrayLike, max_val: float) -> Tensor:
    """Return the ratio of the largest possible signal to the error, in decibels.

    y = 10 * log10(max_val**2 / mean((x1 - x2)**2))

    Args:
        x1: Array of any floating dtype; integers become `floatx`.
        x2: Array of the same shape.
        max_val: The largest value that there can be.

    Shapes:
        x1: any, x2: the same -> ()

    Raises:
        ShapeError: If the shapes differ.

    Example:
        >>> psnr([1.0, 2.0], [1.0, 2.0], 1.0)
        Array(inf, dtype=float32)
    """
    x1, x2 = promote_inexact(x1, x2)
    _same_shape("psnr", x1, x2)
    off = p.subtract(x1, x2)
    error = p.log(mean(p.multiply(off, off))) * (10.0 / math.log(10.0))
    return 20.0 * math.log10(max_val) - error


@op
def ssim(
    image1: ArrayLike,
    image2: ArrayLike,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Tensor:
    """Return how alike images are in brightness, contrast and structure, 1 at most.

    Args:
        image1: One image or a batch, of any floating dtype; integers are computed in `floatx`.
        image2: Images of the same shape.
        max_val: The largest value that there can be.
        filter_size: Size of the window in which they are compared.
        filter_sigma: Standard deviation of its weights, in pixels.
        k1: Keeps the comparison of brightness stable.
        k2: Keeps the comparison of contrast stable.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        image1: (n, h, w, c), image2: the same -> (n,), channels last

    Raises:
        ShapeError: If the shapes differ.

    References:
        Wang and others 2004, "Image Quality Assessment: From Error Visibility to Structural
        Similarity".

    Example:
        >>> x = [[[0.0], [1.0]], [[0.5], [0.25]]]
        >>> ssim(x, x, filter_size=2, data_format="channels_last")
        Array(1., dtype=float32)
    """
    dtype = dtype_of(as_tensor(image1))
    x, y = promote_inexact(image1, image2)
    _same_shape("ssim", x, y)
    first = format_of(data_format)
    x, alone = image_batch("ssim", x, first)
    y, _ = image_batch("ssim", y, first)
    line = _gaussian(filter_size, constant(filter_sigma, x))
    kernel = _outer(line, line)

    def local(v: Tensor) -> Tensor:
        return _depthwise(v, kernel, "valid")

    a, b = local(x), local(y)
    aa, bb, ab = p.multiply(a, a), p.multiply(b, b), p.multiply(a, b)
    xx = p.subtract(local(p.multiply(x, x)), aa)
    yy = p.subtract(local(p.multiply(y, y)), bb)
    xy = p.subtract(local(p.multiply(x, y)), ab)
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    top = p.multiply(ab * 2.0 + c1, xy * 2.0 + c2)
    bottom = p.multiply(p.add(aa, bb) + c1, p.add(xx, yy) + c2)
    found = mean(p.divide(top, bottom), axis=(1, 2, 3))
    if alone:
        found = reshape(found, shape=())
    return found if is_float(dtype) else p.cast(found, dtype=dtype)
