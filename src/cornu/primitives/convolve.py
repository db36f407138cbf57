"""How NumPy convolves: patches gathered block by block into a matrix, and one product for each.

Special ways where they win: a plain product for windows of one element, patches of one row with
up to 32 channels, columns in place of rows with up to four, a sum over the taps of the window where
each channel is a group of its own (depthwise).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cornu.graph.padding import Padding, Pairs, pad_pairs
from cornu.graph.spec import Spec
from cornu.primitives.rules import NDArray
from cornu.primitives.window import output_sizes, taps

__all__ = ["Ints", "convolve", "towards_input", "towards_kernel"]

Ints: TypeAlias = tuple[int, ...]

_ALL = slice(None)
_FEW = 4  # channels, up to which an image is rather read along its rows
_BLOCK_BYTES = 1 << 20  # of the matrix of patches at once: it should stay in the cache


class _Geometry:
    """Where the windows lie: everything that follows from the shapes and the attributes."""

    def __init__(
        self,
        spatial: Ints,
        window: Ints,
        strides: Ints,
        padding: Padding,
        dilation: Ints,
    ) -> None:
        self.spatial = spatial
        self.window = window
        self.strides = strides
        self.dilation = dilation
        self.pads: Pairs = pad_pairs(padding, spatial, window, strides, dilation)
        x = Spec((1, *spatial, 1), "float32")
        sizes = output_sizes("conv", x, window, strides, padding, dilation)
        self.sizes: Ints = tuple(int(d) for d in sizes)

    @property
    def is_pointwise(self) -> bool:
        """Whether the window is one element and nothing is padded."""
        return math.prod(self.window) == 1 and not any(map(any, self.pads))

    def taps(self) -> Iterator[tuple[Ints, tuple[slice, ...], tuple[slice, ...]]]:
        """Yield the place of each tap, the part of the input it reads and that of the result."""
        found = taps(self.spatial, self.sizes, self.window, self.strides, self.pads, self.dilation)
        for place, reads, writes in found:
            yield place, (_ALL, *reads), (_ALL, *writes)

    def padded(self, x: NDArray) -> NDArray:
        """Return x with zeros around its spatial axes."""
        if not any(map(any, self.pads)):
            return x
        spatial = [n + low + high for n, (low, high) in zip(self.spatial, self.pads, strict=True)]
        y = np.zeros((x.shape[0], *spatial, x.shape[-1]), x.dtype)
        inner = (slice(low, low + n) for n, (low, _) in zip(self.spatial, self.pads, strict=True))
        y[(_ALL, *inner)] = x
        return y

    def patches(self, x: NDArray) -> NDArray:
        """Return the windows of padded images as a view (n, *sizes, *window, c)."""
        n, c = x.shape[0], x.shape[-1]
        first, *inner, last = x.strides
        moves = [s * by for s, by in zip(inner, self.strides, strict=True)]
        steps = [s * by for s, by in zip(inner, self.dilation, strict=True)]
        return as_strided(
            x,
            (n, *self.sizes, *self.window, c),
            (first, *moves, *steps, last),
            writeable=False,
        )

    def columns(self, x: NDArray) -> NDArray:
        """Return the windows of padded images as columns: (window and c, n and sizes).

        Copying them runs along whole rows of the image, where `patches` runs along the channels.
        """
        turned = np.ascontiguousarray(np.moveaxis(x, -1, 0))
        channel, first, *inner = turned.strides
        moves = [s * by for s, by in zip(inner, self.strides, strict=True)]
        steps = [s * by for s, by in zip(inner, self.dilation, strict=True)]
        view = as_strided(
            turned,
            (*self.window, x.shape[-1], x.shape[0], *self.sizes),
            (*steps, channel, first, *moves),
            writeable=False,
        )
        return view.reshape(math.prod(self.window) * x.shape[-1], -1)

    def has_short_rows(self, c: int) -> bool:
        """Whether `row_patches` are for this: images with few channels, and no gaps."""
        return (
            len(self.window) == 2
            and self.window[0] > 1
            and max(*self.strides, *self.dilation) == 1
            and c <= 32
            and math.prod(self.sizes) >= 96
        )

    def row_patches(self, x: NDArray) -> Iterator[tuple[int, NDArray]]:
        """Yield blocks of images as matrices of patches one row high: (images, rows, width)."""
        padded = self.padded(x)
        n, height, _, c = padded.shape
        rows, width = height * self.sizes[1], self.window[1] * c
        a, b, along, last = padded.strides
        spread = as_strided(
            padded,
            (n, height, self.sizes[1], self.window[1], c),
            (a, b, along, along, last),
            writeable=False,
        )
        count = max(_BLOCK_BYTES // max(rows * width * x.itemsize, 1), 1)
        for start in range(0, n, count):
            yield start, spread[start : start + count].reshape(-1, rows, width)

    def blocks(self, images: int, width: int, itemsize: int) -> Iterator[tuple[int, int]]:
        """Yield ranges of images whose rows of `width` numbers fill about one block."""
        rows = max(math.prod(self.sizes) * width * itemsize, 1)
        count = max(_BLOCK_BYTES // rows, 1)
        for start in range(0, images, count):
            yield start, min(start + count, images)


def convolve(
    x: NDArray,
    kernel: NDArray,
    *,
    strides: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> NDArray:
    """Return the convolution of x (n, *spatial, c) with the kernel (*window, c / groups, f)."""
    at = _Geometry(x.shape[1:-1], kernel.shape[:-2], strides, padding, dilation)
    n, c, f = x.shape[0], x.shape[-1], kernel.shape[-1]
    y = np.zeros((n, *at.sizes, f), x.dtype)
    if not y.size or not x.size:
        return y
    if groups == 1:
        _plain(at, x, kernel, y)
    elif groups == c:
        _depthwise(at, x, kernel, y)
    else:
        for xs, fs in _groups(groups, c, f):
            part = np.empty((n, *at.sizes, fs.stop - fs.start), x.dtype)
            _plain(at, x[..., xs], kernel[..., fs], part)
            y[..., fs] = part
    return y


def towards_input(
    g: NDArray,
    kernel: NDArray,
    *,
    input_shape: Ints,
    strides: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> NDArray:
    """Return the cotangent of x, given that of the result."""
    at = _Geometry(tuple(input_shape[1:-1]), kernel.shape[:-2], strides, padding, dilation)
    c, f = input_shape[-1], kernel.shape[-1]
    x = np.zeros(input_shape, g.dtype)
    if not x.size or not g.size:
        return x
    if groups == 1:
        _plain_towards_input(at, g, kernel, x)
    elif groups == c:
        _depthwise_towards_input(at, g, kernel, x)
    else:
        for xs, fs in _groups(groups, c, f):
            part = np.zeros((*x.shape[:-1], xs.stop - xs.start), g.dtype)
            _plain_towards_input(at, np.ascontiguousarray(g[..., fs]), kernel[..., fs], part)
            x[..., xs] = part
    return x


def towards_kernel(
    x: NDArray,
    g: NDArray,
    *,
    kernel_shape: Ints,
    strides: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> NDArray:
    """Return the cotangent of the kernel, given that of the result."""
    at = _Geometry(x.shape[1:-1], tuple(kernel_shape[:-2]), strides, padding, dilation)
    c, f = x.shape[-1], kernel_shape[-1]
    kernel = np.zeros(kernel_shape, x.dtype)
    if not x.size or not g.size:
        return kernel
    if groups == 1:
        _plain_towards_kernel(at, x, g, kernel)
    elif groups == c:
        _depthwise_towards_kernel(at, x, g, kernel)
    else:
        for xs, fs in _groups(groups, c, f):
            part = np.zeros((*kernel_shape[:-1], fs.stop - fs.start), x.dtype)
            _plain_towards_kernel(at, x[..., xs], np.ascontiguousarray(g[..., fs]), part)
            kernel[..., fs] = part
    return kernel


def _groups(groups: int, c: int, f: int) -> Iterator[tuple[slice, slice]]:
    """Yield the channels that each group reads and those that it writes."""
    for i in range(groups):
        yield (
            slice(i * c // groups, (i + 1) * c // groups),
            slice(i * f // groups, (i + 1) * f // groups),
        )


def _strided(at: _Geometry, x: NDArray) -> NDArray:
    """Return what windows of one element read."""
    return x[(_ALL, *(slice(None, None, s) for s in at.strides))]


# One group: a matrix of patches.


def _plain(at: _Geometry, x: NDArray, kernel: NDArray, y: NDArray) -> None:
    f = kernel.shape[-1]
    matrix = kernel.reshape(-1, f)
    if at.is_pointwise:
        np.matmul(_strided(at, x).reshape(-1, x.shape[-1]), matrix, out=y.reshape(-1, f))
        return
    width = matrix.shape[0]
    if x.shape[-1] <= _FEW:
        padded = at.padded(x)
        for i, j in at.blocks(x.shape[0], width, x.itemsize):
            np.matmul(at.columns(padded[i:j]).T, matrix, out=y[i:j].reshape(-1, f))
        return
    if at.has_short_rows(x.shape[-1]):
        _by_rows(at, x, kernel, y)
        return
    patches = at.patches(at.padded(x))
    for i, j in at.blocks(x.shape[0], width, x.itemsize):
        rows = patches[i:j].reshape(-1, width)
        np.matmul(rows, matrix, out=y[i:j].reshape(-1, f))


def _by_rows(at: _Geometry, x: NDArray, kernel: NDArray, y: NDArray) -> None:
    """One product for each row of the window, on patches one row high.

    They are copied once, not once for every row of the window: with few channels the copy takes as
    long as the product, so that this is a third faster.
    """
    height, f = at.window[0], kernel.shape[-1]
    step, count = at.sizes[1], math.prod(at.sizes)
    factors = kernel.reshape(height, -1, f)
    part = np.empty((count, f), x.dtype)
    for i, rows in at.row_patches(x):
        for image, result in zip(rows, y[i : i + len(rows)].reshape(-1, count, f), strict=True):
            np.matmul(image[:count], factors[0], out=result)
            for t in range(1, height):
                np.matmul(image[t * step : t * step + count], factors[t], out=part)
                result += part


def _plain_towards_input(at: _Geometry, g: NDArray, kernel: NDArray, x: NDArray) -> None:
    f, c = kernel.shape[-1], x.shape[-1]
    if at.is_pointwise:
        product = g.reshape(-1, f) @ kernel.reshape(c, f).T
        _strided(at, x)[...] = product.reshape(*g.shape[:-1], c)
        return
    if max(at.strides) == 1 and c >= f:
        _as_convolution(at, g, kernel, x)
        return
    every = list(at.taps())
    for i, j in at.blocks(x.shape[0], c, x.itemsize):
        rows = g[i:j].reshape(-1, f)
        part = x[i:j]
        product = np.empty((*g[i:j].shape[:-1], c), x.dtype)
        for place, reads, writes in every:
            np.matmul(rows, kernel[place].T, out=product.reshape(-1, c))
            part[reads] += product[writes]


def _as_convolution(at: _Geometry, g: NDArray, kernel: NDArray, x: NDArray) -> None:
    """Without strides it is the convolution with the turned kernel: a fifth faster than by taps."""
    turned = np.flip(kernel, tuple(range(len(at.window)))).swapaxes(-1, -2)
    pads = []
    crops = [_ALL]
    for w, d, n, (low, high) in zip(at.window, at.dilation, at.spatial, at.pads, strict=True):
        reach = (w - 1) * d
        # Padding beyond the reach of the window gave results that no input has a part in.
        pads.append((max(reach - low, 0), max(reach - high, 0)))
        first = max(low - reach, 0)
        crops.append(slice(first, first + n))
    back = _Geometry(at.sizes, at.window, at.strides, tuple(pads), at.dilation)
    if back.sizes == at.spatial:
        _plain(back, g, np.ascontiguousarray(turned), x)
    else:
        whole = np.empty((x.shape[0], *back.sizes, x.shape[-1]), x.dtype)
        _plain(back, g, np.ascontiguousarray(turned), whole)
        x[...] = whole[tuple(crops)]


def _plain_towards_kernel(at: _Geometry, x: NDArray, g: NDArray, kernel: NDArray) -> None:
    f = kernel.shape[-1]
    matrix = kernel.reshape(-1, f)
    if at.is_pointwise:
        np.matmul(_strided(at, x).reshape(-1, x.shape[-1]).T, g.reshape(-1, f), out=matrix)
        return
    width = matrix.shape[0]
    if x.shape[-1] <= _FEW:
        padded = at.padded(x)
        for i, j in at.blocks(x.shape[0], width, x.itemsize):
            matrix += at.columns(padded[i:j]) @ g[i:j].reshape(-1, f)
        return
    if at.has_short_rows(x.shape[-1]):
        height, step, count = at.window[0], at.sizes[1], math.prod(at.sizes)
        factors = kernel.reshape(height, -1, f)
        for i, rows in at.row_patches(x):
            for image, result in zip(rows, g[i : i + len(rows)].reshape(-1, count, f), strict=True):
                for t in range(height):
                    factors[t] += image[t * step : t * step + count].T @ result
        return
    patches = at.patches(at.padded(x))
    for i, j in at.blocks(x.shape[0], width, x.itemsize):
        matrix += patches[i:j].reshape(-1, width).T @ g[i:j].reshape(-1, f)


# Each channel a group of its own: a sum over the taps, of products by channel.


def _by_channel(x: NDArray, c: int) -> NDArray:
    """Return (..., f) as (..., c, f / c), the results of each channel apart; (..., c) if f = c."""
    m = x.shape[-1] // c
    return x if m == 1 else x.reshape(*x.shape[:-1], c, m)


def _along_rows(factors: NDArray, like: NDArray) -> NDArray:
    """Repeat factors by channel along the last spatial axis.

    NumPy then multiplies whole rows at once instead of the channels of one element, which is four
    times as fast.
    """
    row = like.shape[-1 - factors.ndim]
    return np.repeat(factors[None], row, 0)


def _depthwise(at: _Geometry, x: NDArray, kernel: NDArray, y: NDArray) -> None:
    c, f = x.shape[-1], y.shape[-1]
    y, kernel = _by_channel(y, c), _by_channel(kernel[..., 0, :], c)
    x = x if c == f else x[..., None]
    taps_ = [(r, w, _along_rows(kernel[p], y[w])) for p, r, w in at.taps()]
    for i, j in at.blocks(x.shape[0], f, x.itemsize):
        images, results = x[i:j], y[i:j]
        for reads, writes, factors in taps_:
            results[writes] += images[reads] * factors


def _depthwise_towards_input(at: _Geometry, g: NDArray, kernel: NDArray, x: NDArray) -> None:
    c, f = x.shape[-1], g.shape[-1]
    g, kernel = _by_channel(g, c), _by_channel(kernel[..., 0, :], c)
    taps_ = [(r, w, _along_rows(kernel[p], g[w])) for p, r, w in at.taps()]
    for i, j in at.blocks(x.shape[0], f, x.itemsize):
        images, results = x[i:j], g[i:j]
        for reads, writes, factors in taps_:
            product = results[writes] * factors
            images[reads] += product if c == f else product.sum(-1)


def _depthwise_towards_kernel(at: _Geometry, x: NDArray, g: NDArray, kernel: NDArray) -> None:
    c, f = x.shape[-1], g.shape[-1]
    g, kernel = _by_channel(g, c), _by_channel(kernel[..., 0, :], c)
    x = x if c == f else x[..., None]
    every = list(at.taps())
    for i, j in at.blocks(x.shape[0], f, x.itemsize):
        images, results = x[i:j], g[i:j]
        for place, reads, writes in every:
            rows = (images[reads] * results[writes]).reshape(-1, f)
            # A product with ones is the fastest sum over leading axes that NumPy has.
            total = np.ones(rows.shape[0], rows.dtype) @ rows
            kernel[place] += total.reshape(kernel.shape[len(at.window) :])
