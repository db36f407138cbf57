"""Pooling on PyTorch; see `convolution` for the memory format."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.backends.torch.convolution import (
    channels_first,
    channels_last,
    check_axes,
    pad_spatial,
    unpad_spatial,
)
from cornu.backends.window import Padding, Pairs, pad_pairs

__all__ = ["TABLE"]

Ints = tuple[int, ...]

_MAX_POOL: list[Callable[..., Any]] = [F.max_pool1d, F.max_pool2d, F.max_pool3d]


def _native(pairs: Pairs, window: Ints) -> bool:
    """Say whether the library can pad by itself: both sides alike, at most half a window."""
    return all(low == high <= w // 2 for (low, high), w in zip(pairs, window, strict=True))


def _max_pool(x: Tensor, *, window: Ints, strides: Ints, padding: Padding) -> tuple[Tensor, Tensor]:
    check_axes("max_pool", len(window))
    pool = _MAX_POOL[len(window) - 1]
    sizes = x.shape[1:-1]
    pairs = pad_pairs(padding, sizes, window, strides)
    x = channels_first(x)
    if _native(pairs, window):
        y, index = pool(x, window, strides, [low for low, _ in pairs], return_indices=True)
    else:
        lowest = -math.inf if x.is_floating_point() else torch.iinfo(x.dtype).min
        y, index = pool(pad_spatial(x, pairs, lowest), window, strides, return_indices=True)
        index = _unpadded(index, pairs, sizes)
    return channels_last(y), channels_last(index).int()


def _unpadded(index: Tensor, pairs: Pairs, sizes: Ints) -> Tensor:
    """Turn flat positions in the padded input to those in the input.

    A window of nothing but -inf answers with a place in the padding: the nearest one counts.
    """
    flat, scale = torch.zeros_like(index), 1
    for (low, high), n in zip(reversed(pairs), reversed(sizes), strict=True):
        padded = low + n + high
        flat += (index % padded - low).clamp_(0, n - 1) * scale
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


# Sums are averages with the divisor one, which PyTorch has over two or three axes: one axis gets a
# second one of size one. Over three axes a CPU sums float32 and float64 only.


def _averaging(x: Tensor, axes: int) -> Tensor:
    x = channels_first(x)
    if axes == 1:
        x = x.unsqueeze(2)
    if not x.is_floating_point():
        return x.double()
    return x.float() if axes == 3 and x.dtype in (torch.float16, torch.bfloat16) else x


def _pool_sum(x: Tensor, *, window: Ints, strides: Ints, padding: Padding) -> Tensor:
    axes = len(window)
    check_axes("pool_sum", axes)
    pairs = pad_pairs(padding, x.shape[1:-1], window, strides)
    y, pads = _averaging(x, axes), [low for low, _ in pairs]
    if not _native(pairs, window):
        y, pads = pad_spatial(y, pairs), [0] * axes
    pool, one = F.avg_pool3d if axes == 3 else F.avg_pool2d, [1] * (axes == 1)
    y = pool(y, [*one, *window], [*one, *strides], [*[0] * len(one), *pads], divisor_override=1)
    return channels_last(y.squeeze(2) if one else y).to(x.dtype)


def _pool_sum_grad(
    g: Tensor, *, input_shape: Ints, window: Ints, strides: Ints, padding: Padding
) -> Tensor:
    axes, sizes = len(window), input_shape[1:-1]
    check_axes("pool_sum_grad", axes)
    pairs = pad_pairs(padding, sizes, window, strides)
    y, one = _averaging(g, axes), [1] * (axes == 1)
    padded = [n + low + high for n, (low, high) in zip(sizes, pairs, strict=True)]
    like = y.new_zeros(()).expand(*y.shape[:2], *one, *padded)  # only its shape matters
    aten = torch.ops.aten
    backward = aten.avg_pool3d_backward if axes == 3 else aten.avg_pool2d_backward
    none = [0] * (len(one) + axes)
    y = backward(y, like, [*one, *window], [*one, *strides], none, False, True, 1)
    return channels_last(unpad_spatial(y.squeeze(2) if one else y, pairs, sizes)).to(g.dtype)


TABLE: dict[str, Callable[..., Any]] = {
    "max_pool": _max_pool,
    "pool_scatter": _pool_scatter,
    "pool_gather": _pool_gather,
    "pool_sum": _pool_sum,
    "pool_sum_grad": _pool_sum_grad,
}
