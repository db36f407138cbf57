"""Convolution and pooling on PyTorch.

Channels-last values are handed over as channels-first views. Such a view is what PyTorch calls the
memory format `_channels_last`; its kernels recognize it and answer in the same format, so that
nothing is copied on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.errors import NotSupportedError
from cornu.graph.padding import Padding, Pairs, pad_pairs

__all__ = ["TABLE"]

Ints = tuple[int, ...]


def _check_axes(name: str, count: int) -> None:
    """Raise for windows of more spatial axes than PyTorch has."""
    if count > 3:
        raise NotSupportedError(name, f"PyTorch has 1 to 3 spatial axes, but there are {count}")


def _channels_first(x: Tensor) -> Tensor:
    """View (n, *s, c) as (n, c, *s)."""
    return x.movedim(-1, 1)


def _channels_last(x: Tensor) -> Tensor:
    """View (n, c, *s) as (n, *s, c)."""
    return x.movedim(1, -1)


def _pad_spatial(x: Tensor, pairs: Pairs, value: float = 0.0) -> Tensor:
    """Pad the spatial axes of a channels-first tensor; negative padding crops."""
    return F.pad(x, [n for pair in reversed(pairs) for n in pair], value=value)


def _transposed(f: Callable[[Tensor], Tensor], shape: Ints, g: Tensor, *others: Tensor) -> Tensor:
    """Return the gradient of a linear function, which is the same everywhere.

    The function runs for it; a tape leaves that out. `others` are what it is a function of besides.
    """
    kept = torch.is_grad_enabled() and any(t.requires_grad for t in (g, *others))
    with torch.enable_grad():
        x = g.new_zeros(shape).requires_grad_()
        gradient: Tensor = torch.autograd.grad(f(x), x, g, create_graph=kept)[0]
    return gradient


def _conv(
    x: Tensor, kernel: Tensor, *, strides: Ints, padding: Padding, dilation: Ints, groups: int
) -> Tensor:
    axes = kernel.dim() - 2
    _check_axes("conv", axes)
    pairs = pad_pairs(padding, x.shape[1:-1], kernel.shape[:-2], strides, dilation)
    x, inside = _channels_first(x), [low for low, _ in pairs]
    if any(low != high or low < 0 for low, high in pairs):
        x, inside = _pad_spatial(x, pairs), [0] * axes
    kernel = kernel.permute(-1, -2, *range(axes))  # (f, c / groups, *w)
    y = torch.convolution(x, kernel, None, strides, inside, dilation, False, [0] * axes, groups)
    return _channels_last(y)


def _conv_grad_input(g: Tensor, kernel: Tensor, *, input_shape: Ints, **attrs: Any) -> Tensor:
    return _transposed(lambda x: _conv(x, kernel, **attrs), input_shape, g, kernel)


def _conv_grad_kernel(x: Tensor, g: Tensor, *, kernel_shape: Ints, **attrs: Any) -> Tensor:
    return _transposed(lambda kernel: _conv(x, kernel, **attrs), kernel_shape, g, x)


# Pooling

_MAX_POOL: list[Callable[..., Any]] = [F.max_pool1d, F.max_pool2d, F.max_pool3d]


def _native(pairs: Pairs, window: Ints) -> bool:
    """Say whether the library can pad by itself: both sides alike, at most half a window."""
    return all(low == high <= w // 2 for (low, high), w in zip(pairs, window, strict=True))


def _max_pool(x: Tensor, *, window: Ints, strides: Ints, padding: Padding) -> tuple[Tensor, Tensor]:
    _check_axes("max_pool", len(window))
    pool = _MAX_POOL[len(window) - 1]
    sizes = x.shape[1:-1]
    pairs = pad_pairs(padding, sizes, window, strides)
    x = _channels_first(x)
    if _native(pairs, window):
        y, index = pool(x, window, strides, [low for low, _ in pairs], return_indices=True)
    else:
        lowest = -math.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
        y, index = pool(_pad_spatial(x, pairs, lowest), window, strides, return_indices=True)
        index = _unpadded(index, pairs, sizes)
    return _channels_last(y), _channels_last(index).int()


def _unpadded(index: Tensor, pairs: Pairs, sizes: Ints) -> Tensor:
    """Turn flat positions in the padded input to those in the input.

    A window of nothing but -inf answers with a place in the padding: the nearest one counts.
    """
    flat, scale = torch.zeros_like(index), 1
    for (low, high), n in zip(reversed(pairs), reversed(sizes), strict=True):
        padded = low + n + high
        flat = flat + (index % padded - low).clamp(0, n - 1) * scale
        index = index // padded
        scale *= n
    return flat


def _pool_scatter(g: Tensor, index: Tensor, *, spatial: Ints) -> Tensor:
    n, c = g.shape[0], g.shape[-1]
    zeros = g.new_zeros(n, math.prod(spatial), c)
    places = index.reshape(n, -1, c).long()
    return zeros.scatter_add(1, places, g.reshape(n, -1, c)).reshape(n, *spatial, c)


def _pool_gather(x: Tensor, index: Tensor) -> Tensor:
    n, c = x.shape[0], x.shape[-1]
    return x.reshape(n, -1, c).gather(1, index.reshape(n, -1, c).long()).reshape(index.shape)


def _pool_sum(x: Tensor, *, window: Ints, strides: Ints, padding: Padding) -> Tensor:
    # Sums are averages with the divisor one, which PyTorch has over two or three axes: one axis
    # gets a second one of size one. Over three axes a CPU sums float32 and float64 only.
    axes = len(window)
    _check_axes("pool_sum", axes)
    pairs = pad_pairs(padding, x.shape[1:-1], window, strides)
    y, pads = _channels_first(x), [low for low, _ in pairs]
    if not x.is_floating_point():
        y = y.double()
    elif axes == 3 and x.dtype in (torch.float16, torch.bfloat16):
        y = y.float()
    if not _native(pairs, window):
        y, pads = _pad_spatial(y, pairs), [0] * axes
    if axes == 1:
        y = F.avg_pool2d(
            y.unsqueeze(2), (1, *window), (1, *strides), (0, *pads), divisor_override=1
        ).squeeze(2)
    else:
        pool = F.avg_pool2d if axes == 2 else F.avg_pool3d
        y = pool(y, window, strides, pads, divisor_override=1)
    return _channels_last(y).to(x.dtype)


def _pool_sum_grad(g: Tensor, *, input_shape: Ints, **attrs: Any) -> Tensor:
    return _transposed(lambda x: _pool_sum(x, **attrs), input_shape, g)


TABLE: dict[str, Callable[..., Any]] = {
    "conv": _conv,
    "conv_grad_input": _conv_grad_input,
    "conv_grad_kernel": _conv_grad_kernel,
    "max_pool": _max_pool,
    "pool_scatter": _pool_scatter,
    "pool_gather": _pool_gather,
    "pool_sum": _pool_sum,
    "pool_sum_grad": _pool_sum_grad,
}
