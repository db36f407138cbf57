"""Convolutions in any number of spatial axes.

The primitives are channels last; `channels_first` is a transpose on the way in and out.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import DimLike, same_dim
from cornu.graph.spec import shape_of
from cornu.ops.layout import each, format_of, one_of, to_channels_first, to_channels_last
from cornu.ops.op import ArrayLike, Tensor, op, promote
from cornu.primitives import conv as primitive
from cornu.primitives.shape import reshape

__all__ = ["conv", "conv_transpose", "depthwise_conv", "separable_conv"]

Sizes = int | Sequence[int]


def _check(name: str, x: Tensor, kernel: Tensor) -> int:
    """Return the number of spatial axes."""
    rank = len(shape_of(x))
    if rank < 3 or len(shape_of(kernel)) != rank:
        raise ShapeError(
            name,
            "`inputs` need a batch axis, spatial axes and channels, the kernel as many axes",
            inputs=x,
            kernel=kernel,
        )
    return rank - 2


def _strides_and_dilation(
    name: str, strides: Sizes, dilation: Sizes, n: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    steps = each(name, "strides", strides, n)
    gaps = each(name, "dilation_rate", dilation, n)
    if max(steps) > 1 and max(gaps) > 1:
        raise ArgumentError(
            name, "strides and dilation can't both be above 1", strides=steps, dilation_rate=gaps
        )
    return steps, gaps


@op
def conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Tensor:
    """Slide a kernel over the spatial axes and sum the products (a cross-correlation).

    y[i, f] = sum over w, c of x[i * strides + w * dilation_rate, c] * kernel[w, c, f]

    Args:
        inputs: Array with batch, spatial and channel axes.
        kernel: Array of the axes (*window, c / groups, f). Fewer input channels than `inputs` has
            make groups: each group of filters sees its own part of the channels.
        strides: Step in each spatial axis.
        padding: "valid" (none) or "same": as many zeros as give ceil(n / strides) results, the
            smaller half first.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.
        dilation_rate: Distance of the kernel's elements in the inputs, in each spatial axis.

    Shapes:
        inputs: (n, *s, c), kernel: (*w, c / groups, f) -> (n, *t, f), channels last

    Raises:
        ShapeError: If the shapes don't go together.
        ArgumentError: If strides and dilation are both above 1.

    Example:
        >>> conv([[[1.0], [2.0], [4.0]]], [[[1.0]], [[-1.0]]], data_format="channels_last")
        Array([[[-1.],
                [-2.]]], dtype=float32)
    """
    x, kernel = promote(inputs, kernel)
    n = _check("conv", x, kernel)
    first = format_of(data_format)
    steps, gaps = _strides_and_dilation("conv", strides, dilation_rate, n)
    x = to_channels_last(x, first)
    y = primitive.conv(
        x,
        kernel,
        strides=steps,
        padding=one_of("conv", "padding", padding, "valid", "same"),
        dilation=gaps,
        groups=_groups("conv", x, kernel),
    )
    return to_channels_first(y, first)


def _groups(name: str, x: Tensor, kernel: Tensor) -> int:
    channels, each_group = shape_of(x)[-1], shape_of(kernel)[-2]
    if not isinstance(channels, int) or not isinstance(each_group, int):
        return 1
    if not each_group or channels % each_group:
        raise ShapeError(
            name,
            f"the {channels} channels of the inputs aren't a multiple of the kernel's {each_group}",
            inputs=x,
            kernel=kernel,
        )
    return channels // each_group


@op
def depthwise_conv(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Tensor:
    """Convolve each channel by kernels of its own.

    y[i, c * m + j] = sum over w of x[i * strides + w * dilation_rate, c] * kernel[w, c, j]

    Args:
        inputs: Array with batch, spatial and channel axes.
        kernel: Array of the axes (*window, c, m): m kernels for each channel.
        strides: Step in each spatial axis.
        padding: "valid" or "same", as in `conv`.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.
        dilation_rate: Distance of the kernel's elements in the inputs, in each spatial axis.

    Shapes:
        inputs: (n, *s, c), kernel: (*w, c, m) -> (n, *t, c * m), channels last

    Raises:
        ShapeError: If the shapes don't go together.

    Example:
        >>> x, kernel = [[[1.0, 2.0], [3.0, 4.0]]], [[[1.0], [10.0]]]
        >>> depthwise_conv(x, kernel, data_format="channels_last")
        Array([[[ 1., 20.],
                [ 3., 40.]]], dtype=float32)
    """
    x, kernel = promote(inputs, kernel)
    n = _check("depthwise_conv", x, kernel)
    first = format_of(data_format)
    steps, gaps = _strides_and_dilation("depthwise_conv", strides, dilation_rate, n)
    x = to_channels_last(x, first)
    *window, channels, multiplier = shape_of(kernel)
    if not isinstance(channels, int) or not same_dim(channels, shape_of(x)[-1]):
        raise ShapeError(
            "depthwise_conv",
            "the second-to-last axis of the kernel must be the channels of the inputs",
            inputs=x,
            kernel=kernel,
        )
    y = primitive.conv(
        x,
        reshape(kernel, shape=(*window, 1, channels * multiplier)),
        strides=steps,
        padding=one_of("depthwise_conv", "padding", padding, "valid", "same"),
        dilation=gaps,
        groups=channels,
    )
    return to_channels_first(y, first)


@op
def separable_conv(
    inputs: ArrayLike,
    depthwise_kernel: ArrayLike,
    pointwise_kernel: ArrayLike,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Tensor:
    """Convolve each channel on its own, then mix the channels point by point.

    Args:
        inputs: Array with batch, spatial and channel axes.
        depthwise_kernel: Array of the axes (*window, c, m).
        pointwise_kernel: Array of the axes (1, ..., 1, c * m, f).
        strides: Step of the first convolution in each spatial axis.
        padding: "valid" or "same", as in `conv`.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.
        dilation_rate: Distance of the kernel's elements in the inputs, in each spatial axis.

    Shapes:
        inputs: (n, *s, c) -> (n, *t, f), channels last

    Raises:
        ShapeError: If the shapes don't go together.

    References:
        Chollet 2017, "Xception: Deep Learning with Depthwise Separable Convolutions",
        arXiv:1610.02357.

    Example:
        >>> x = [[[1.0, 2.0], [3.0, 4.0]]]
        >>> separable_conv(x, [[[1.0], [10.0]]], [[[1.0], [1.0]]], data_format="channels_last")
        Array([[[21.],
                [43.]]], dtype=float32)
    """
    y = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(y, pointwise_kernel, padding="valid", data_format=data_format)


@op
def conv_transpose(
    inputs: ArrayLike,
    kernel: ArrayLike,
    strides: Sizes = 1,
    padding: str = "valid",
    output_padding: Sizes | None = None,
    data_format: str | None = None,
    dilation_rate: Sizes = 1,
) -> Tensor:
    """Spread each input over a window of results: the gradient of a convolution.

    Args:
        inputs: Array with batch, spatial and channel axes.
        kernel: Array of the axes (*window, f, c): that of the convolution from f channels to c.
        strides: Distance of the windows of neighbouring inputs, in each spatial axis.
        padding: "valid" or "same". With k = (w - 1) * dilation_rate + 1, the sizes of the result
            are (s - 1) * strides + max(k, strides), or s * strides for "same".
        output_padding: Overrides that by (s - 1) * strides + k + output_padding for "valid" and
            (s - 1) * strides + k % 2 + output_padding for "same"; less than `strides`.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.
        dilation_rate: Distance of the kernel's elements in the results, in each spatial axis.

    Shapes:
        inputs: (n, *s, c), kernel: (*w, f, c) -> (n, *t, f), channels last

    Raises:
        ShapeError: If the shapes don't go together.
        ArgumentError: If `output_padding` isn't below the strides.

    References:
        Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning",
        arXiv:1603.07285.

    Example:
        >>> conv_transpose([[[1.0], [2.0]]], [[[1.0]], [[1.0]]], 2, data_format="channels_last")
        Array([[[1.],
                [1.],
                [2.],
                [2.]]], dtype=float32)
    """
    name = "conv_transpose"
    x, kernel = promote(inputs, kernel)
    n = _check(name, x, kernel)
    first = format_of(data_format)
    steps, gaps = _strides_and_dilation(name, strides, dilation_rate, n)
    extra: Sequence[int | None] = [None] * n
    if output_padding is not None:
        extra = each(name, "output_padding", output_padding, n, least=0)
    x = to_channels_last(x, first)
    one_of(name, "padding", padding, "valid", "same")
    spatial: list[DimLike] = []
    sides = []
    for size, w, s, d, more in zip(
        shape_of(x)[1:-1], shape_of(kernel)[:-2], steps, gaps, extra, strict=True
    ):
        if more is not None and more >= s:
            raise ArgumentError(
                name, "`output_padding` must be below `strides`", output_padding=more, strides=s
            )
        k = (int(w) - 1) * d + 1
        low, high = _transposed_sides(k, s, padding, more)
        spatial.append((size - 1) * s + low + high - k + 2)
        # The convolution that this is the gradient of: what it doesn't reach is no padding of it.
        sides.append((k - 1 - low, max(k - 1 - high, 0)))
    y = primitive.conv_grad_input(
        x,
        kernel,
        input_shape=(shape_of(x)[0], *spatial, shape_of(kernel)[-2]),
        strides=steps,
        padding=tuple(sides),
        dilation=gaps,
        groups=1,
    )
    return to_channels_first(y, first)


def _transposed_sides(k: int, stride: int, padding: str, extra: int | None) -> tuple[int, int]:
    """Return the padding of the inputs, spread by the stride, that gives the sizes documented."""
    if padding == "valid":
        more = max(stride - k, 0) if extra is None else extra
        return k - 1, k - 1 + more
    total = k + stride - 2 if extra is None else k + k % 2 - 2 + extra
    low = min(total - total // 2, k - 1)
    return low, total - low
