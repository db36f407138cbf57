"""Images cut into blocks and put together again."""

from __future__ import annotations

from collections.abc import Sequence

from cornu.errors import ShapeError
from cornu.graph.dim import DimLike, same_dim
from cornu.graph.spec import shape_of
from cornu.ops.layout import each, format_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant
from cornu.primitives.shape import reshape, transpose
from cornu.primitives.slicing import concatenate, pad, split, static_slice

__all__ = ["depth_to_space", "fold", "space_to_depth", "unfold"]

Sizes = int | Sequence[int]


@op
def depth_to_space(x: ArrayLike, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Spread channels over blocks of pixels: the inverse of `space_to_depth`.

    Args:
        x: Images; block_size**2 must divide their channels.
        block_size: Height and width of a block.
        data_format: "channels_last" or "channels_first".

    Shapes:
        x: (n, h, w, b * b * c) -> (n, h * b, w * b, c), channels last

    Raises:
        ShapeError: If `x` hasn't four axes, or its channels aren't enough.

    References:
        Shi and others 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient
        Sub-Pixel Convolutional Neural Network", arXiv:1609.05158.

    Example:
        >>> depth_to_space([[[[1, 2, 3, 4]]]], 2)[0, :, :, 0]
        Array([[1, 2],
               [3, 4]], dtype=int32)
    """
    x, b = _images("depth_to_space", x), block_size
    first = format_of(data_format)
    n, *middle = shape_of(x)
    c = middle[0] if first else middle[-1]
    if isinstance(c, int) and c % (b * b):
        raise ShapeError("depth_to_space", f"{b * b} must divide the channels", x=x)
    c = c // (b * b)
    if first:
        h, w = middle[1:]
        x = transpose(reshape(x, shape=(n, c, b, b, h, w)), axes=(0, 1, 4, 2, 5, 3))
        return reshape(x, shape=(n, c, h * b, w * b))
    h, w = middle[:2]
    x = transpose(reshape(x, shape=(n, h, w, b, b, c)), axes=(0, 1, 3, 2, 4, 5))
    return reshape(x, shape=(n, h * b, w * b, c))


@op
def space_to_depth(x: ArrayLike, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Stack the pixels of blocks as channels.

    Args:
        x: Images; `block_size` must divide height and width.
        block_size: Height and width of a block.
        data_format: "channels_last" or "channels_first".

    Shapes:
        x: (n, h * b, w * b, c) -> (n, h, w, b * b * c), channels last

    Raises:
        ShapeError: If `x` hasn't four axes, or the blocks don't fit.

    Example:
        >>> space_to_depth([[[[1], [2]], [[3], [4]]]], 2)
        Array([[[[1, 2, 3, 4]]]], dtype=int32)
    """
    x, b = _images("space_to_depth", x), block_size
    first = format_of(data_format)
    n, *middle = shape_of(x)
    h, w = middle[1:] if first else middle[:2]
    if any(isinstance(d, int) and d % b for d in (h, w)):
        raise ShapeError("space_to_depth", f"{b} must divide height and width", x=x)
    h, w = h // b, w // b
    if first:
        c = middle[0]
        x = transpose(reshape(x, shape=(n, c, h, b, w, b)), axes=(0, 1, 3, 5, 2, 4))
        return reshape(x, shape=(n, c * b * b, h, w))
    c = middle[2]
    x = transpose(reshape(x, shape=(n, h, b, w, b, c)), axes=(0, 1, 3, 2, 4, 5))
    return reshape(x, shape=(n, h, w, b * b * c))


def _images(name: str, x: ArrayLike) -> Tensor:
    x = as_tensor(x)
    if len(shape_of(x)) != 4:
        raise ShapeError(name, "`x` must have four axes", x=x)
    return x


class _Windows:
    """Where windows lie on two spatial axes of the given size."""

    def __init__(
        self,
        name: str,
        size: Sequence[DimLike],
        kernel: Sizes,
        dilation: Sizes,
        edge: Sizes,
        stride: Sizes,
    ) -> None:
        self.kernel = each(name, "kernel_size", kernel, 2)
        self.dilation = each(name, "dilation", dilation, 2)
        self.edge = each(name, "padding", edge, 2, least=0)
        self.stride = each(name, "stride", stride, 2)
        self.padded = tuple(d + 2 * e for d, e in zip(size, self.edge, strict=True))
        self.count = tuple(
            (d - (k - 1) * g - 1) // s + 1
            for d, k, g, s in zip(self.padded, self.kernel, self.dilation, self.stride, strict=True)
        )

    def taps(self) -> list[tuple[int, int]]:
        """Return where each element of the window lies in the first one."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return [(i * dh, j * dw) for i in range(kh) for j in range(kw)]


@op
def unfold(
    x: ArrayLike, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Tensor:
    """Return what windows that slide over images see, a column for each.

    Args:
        x: Images, channels first.
        kernel_size: Height and width of the window.
        dilation: Distance of its elements.
        padding: Zeros around the images.
        stride: Step of the window.

    Shapes:
        x: (n, c, h, w) -> (n, c * kh * kw, windows)

    Raises:
        ShapeError: If `x` hasn't four axes.

    Example:
        >>> unfold([[[[1, 2, 3]]]], (1, 2))
        Array([[[1, 2],
                [2, 3]]], dtype=int32)
    """
    x = _images("unfold", x)
    n, c, *size = shape_of(x)
    view = _Windows("unfold", size, kernel_size, dilation, padding, stride)
    x = _padded(x, view.edge)
    steps = [
        static_slice(
            x,
            start=(0, 0, i, j),
            stop=(
                n,
                c,
                i + (view.count[0] - 1) * view.stride[0] + 1,
                j + (view.count[1] - 1) * view.stride[1] + 1,
            ),
            step=(1, 1, *view.stride),
        )
        for i, j in view.taps()
    ]
    length = view.count[0] * view.count[1]
    rows = [reshape(s, shape=(n, c, 1, length)) for s in steps]
    return reshape(concatenate(*rows, axis=2), shape=(n, c * len(rows), length))


def _padded(x: Tensor, edge: tuple[int, ...]) -> Tensor:
    if not any(edge):
        return x
    around = (0, 0, *edge)
    return pad(x, constant(0, x), low=around, high=around, interior=(0,) * 4)


@op
def fold(
    x: ArrayLike,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Sum columns back into the windows that `unfold` takes them from.

    Args:
        x: Columns, one for each window.
        output_size: Height and width of the images.
        kernel_size: Height and width of the window.
        dilation: Distance of its elements.
        padding: Width of the border that is cut off.
        stride: Step of the window.

    Shapes:
        x: (n, c * kh * kw, windows) -> (n, c, *output_size)

    Raises:
        ShapeError: If the number of rows or of columns doesn't fit.

    Example:
        >>> fold([[[1, 2], [2, 3]]], (1, 3), (1, 2))
        Array([[[[1, 4, 3]]]], dtype=int32)
    """
    x = as_tensor(x)
    size = each("fold", "output_size", output_size, 2)
    view = _Windows("fold", size, kernel_size, dilation, padding, stride)
    taps = view.taps()
    shape = shape_of(x)
    oh, ow = view.count
    if (
        len(shape) != 3
        or not same_dim(shape[2], oh * ow)
        or (isinstance(shape[1], int) and shape[1] % len(taps))
    ):
        raise ShapeError(
            "fold", f"`x` must have {oh * ow} columns and a multiple of {len(taps)} rows", x=x
        )
    n, c = shape[0], shape[1] // len(taps)
    parts = split(reshape(x, shape=(n, c, len(taps), oh, ow)), sizes=(1,) * len(taps), axis=2)
    total: Tensor = None
    for (i, j), part in zip(taps, parts, strict=True):
        high = tuple(
            int(d) - at - (int(m) - 1) * s - 1
            for d, at, m, s in zip(view.padded, (i, j), view.count, view.stride, strict=True)
        )
        spread = pad(
            reshape(part, shape=(n, c, oh, ow)),
            constant(0, x),
            low=(0, 0, i, j),
            high=(0, 0, *high),
            interior=(0, 0, *(s - 1 for s in view.stride)),
        )
        total = spread if total is None else p.add(total, spread)
    inner = tuple((e, e + d) for e, d in zip(view.edge, size, strict=True))
    return static_slice(
        total,
        start=(0, 0, *(a for a, _ in inner)),
        stop=(n, c, *(b for _, b in inner)),
        step=(1,) * 4,
    )
