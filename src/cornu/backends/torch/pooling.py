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
    pad_spatial,
    unpad_spatial,
)
from cornu.backends.window import Padding, Pairs, pad_pairs
from cornu.errors import NotSupportedError

__all__ = ["TABLE"]

Ints = tuple[int, ...]

_MAX_POOL: dict[int, Callable[..., Any]] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}


def _native(pairs: Pairs, window: Ints) -> bool:
    """Say whether the library can pad by itself: both sides alike, at most half a window."""
    return all(low == high <= w // 2 for (low, high), w in zip(pairs, window, strict=True))


def _max_pool(x: Tensor, *, window: Ints, strides: Ints, padding: Padding) -> tuple[Tensor, Tensor]:
    pool = _MAX_POOL.get(len(window))
    if pool is None:
        raise NotSupportedError("max_pool", f"PyTorch has no windows of {len(window)} axes")
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


# Sums are averages with the divisor one. There is none over one axis: it gets a second of size one.


def _sums(x: Tensor, window: Ints, strides: Ints, pads: list[int]) -> Tensor:
    if len(window) == 1:
        return F.avg_pool2d(
            x.unsqueeze(2), (1, *window), (1, *strides), (0, *pads), divisor_override=1
        ).squeeze(2)
    if len(window) == 2:
        return F.avg_pool2d(x, window, strides, pads, divisor_override=1)
    wide = _wide(x)
    return F.avg_pool3d(wide, window, strides, pads, divisor_override=1).to(x.dtype)


def _wide(x: Tensor) -> Tensor:
    """PyTorch sums over three axes on a CPU in float32 and float64 only."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def _pool_sum(x: Tensor, *, window: Ints, strides: Ints, padding: Padding) -> Tensor:
    if len(window) > 3:
        raise NotSupportedError("pool_sum", f"PyTorch has no windows of {len(window)} axes")
    pairs = pad_pairs(padding, x.shape[1:-1], window, strides)
    y = channels_first(x)
    if not y.is_floating_point():
        y = y.double()
    pads = [low for low, _ in pairs]
    if not _native(pairs, window):
        y, pads = pad_spatial(y, pairs), [0] * len(pairs)
    return channels_last(_sums(y, window, strides, pads)).to(x.dtype)


def _pool_sum_grad(
    g: Tensor, *, input_shape: Ints, window: Ints, strides: Ints, padding: Padding
) -> Tensor:
    if len(window) > 3:
        raise NotSupportedError("pool_sum_grad", f"PyTorch has no windows of {len(window)} axes")
    sizes = input_shape[1:-1]
    pairs = pad_pairs(padding, sizes, window, strides)
    padded = [n + low + high for n, (low, high) in zip(sizes, pairs, strict=True)]
    first = channels_first(g)
    like = g.new_zeros(()).expand(*first.shape[:2], *padded)  # only its shape matters
    none = [0] * len(window)
    if len(window) == 1:
        y = torch.ops.aten.avg_pool2d_backward(
            first.unsqueeze(2), like.unsqueeze(2), (1, *window), (1, *strides), (0, 0),
            False, True, 1,
        ).squeeze(2)  # fmt: skip
    elif len(window) == 2:
        y = torch.ops.aten.avg_pool2d_backward(first, like, window, strides, none, False, True, 1)
    else:
        y = torch.ops.aten.avg_pool3d_backward(
            _wide(first), _wide(like), window, strides, none, False, True, 1
        ).to(g.dtype)
    return channels_last(unpad_spatial(y, pairs, sizes))


TABLE: dict[str, Callable[..., Any]] = {
    "max_pool": _max_pool,
    "pool_scatter": _pool_scatter,
    "pool_gather": _pool_gather,
    "pool_sum": _pool_sum,
    "pool_sum_grad": _pool_sum_grad,
}
