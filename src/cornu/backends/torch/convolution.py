"""Convolution on PyTorch: channels-last values are handed over as channels-first views.

A view of a channels-last tensor is what PyTorch calls the memory format `channels_last`; its
kernels recognize it and answer in the same format, so that nothing is copied on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.backends.window import Padding, Pairs, pad_pairs
from cornu.errors import NotSupportedError

__all__ = ["TABLE", "channels_first", "channels_last", "pad_spatial", "unpad_spatial"]

Ints = tuple[int, ...]

_CONV: dict[int, Callable[..., Tensor]] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED: dict[int, Callable[..., Tensor]] = {
    1: F.conv_transpose1d,
    2: F.conv_transpose2d,
    3: F.conv_transpose3d,
}


def channels_first(x: Tensor) -> Tensor:
    """View (n, *s, c) as (n, c, *s)."""
    return x.movedim(-1, 1)


def channels_last(x: Tensor) -> Tensor:
    """View (n, c, *s) as (n, *s, c)."""
    return x.movedim(1, -1)


def pad_spatial(x: Tensor, pairs: Pairs, value: float = 0.0) -> Tensor:
    """Pad the spatial axes of a channels-first tensor; negative padding crops."""
    return F.pad(x, [n for pair in reversed(pairs) for n in pair], value=value)


def unpad_spatial(x: Tensor, pairs: Pairs, sizes: Sequence[int]) -> Tensor:
    """Cut the spatial axes of a channels-first tensor to `sizes`, from the low padding on."""
    for axis, ((low, _), n) in enumerate(zip(pairs, sizes, strict=True), start=2):
        if low or x.shape[axis] != n:
            x = x.narrow(axis, low, n)
    return x


def _supported(name: str, table: dict[int, Callable[..., Tensor]], ndim: int) -> Any:
    found = table.get(ndim)
    if found is None:
        raise NotSupportedError(name, f"PyTorch has 1 to 3 spatial axes, but there are {ndim}")
    return found


def _kernel(kernel: Tensor) -> Tensor:
    """View (*w, c / groups, f) as (f, c / groups, *w)."""
    n = kernel.dim()
    return kernel.permute(n - 1, n - 2, *range(n - 2))


def _symmetric(pairs: Pairs) -> bool:
    return all(low == high >= 0 for low, high in pairs)


def _conv(
    x: Tensor, kernel: Tensor, *, strides: Ints, padding: Padding, dilation: Ints, groups: int
) -> Tensor:
    window = kernel.shape[:-2]
    conv = _supported("conv", _CONV, len(window))
    pairs = pad_pairs(padding, x.shape[1:-1], window, strides, dilation)
    x = channels_first(x)
    amounts = [low for low, _ in pairs]
    if not _symmetric(pairs):
        x, amounts = pad_spatial(x, pairs), [0] * len(pairs)
    return channels_last(conv(x, _kernel(kernel), None, strides, amounts, dilation, groups))


def _conv_grad_input(
    g: Tensor,
    kernel: Tensor,
    *,
    input_shape: Ints,
    strides: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> Tensor:
    window, sizes = kernel.shape[:-2], input_shape[1:-1]
    transposed = _supported("conv_grad_input", _TRANSPOSED, len(window))
    pairs = pad_pairs(padding, sizes, window, strides, dilation)
    symmetric = _symmetric(pairs)
    amounts = [low if symmetric else 0 for low, _ in pairs]
    # What the strides left over at the end of the padded input got no gradient.
    rest = [
        n + low + high - (out - 1) * s - (w - 1) * d - 1
        for n, (low, high), out, s, w, d in zip(
            sizes, pairs, g.shape[1:-1], strides, window, dilation, strict=True
        )
    ]
    y = transposed(
        channels_first(g), _kernel(kernel), None, strides, amounts, rest, groups, dilation
    )
    return channels_last(y if symmetric else unpad_spatial(y, pairs, sizes))


def _conv_grad_kernel(
    x: Tensor,
    g: Tensor,
    *,
    kernel_shape: Ints,
    strides: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> Tensor:
    window = kernel_shape[:-2]
    _supported("conv_grad_kernel", _CONV, len(window))
    pairs = pad_pairs(padding, x.shape[1:-1], window, strides, dilation)
    x = channels_first(x)
    amounts = [low for low, _ in pairs]
    if not _symmetric(pairs):
        x, amounts = pad_spatial(x, pairs), [0] * len(pairs)
    # Only the shape of the kernel matters.
    like = g.new_zeros(()).expand(kernel_shape[-1], kernel_shape[-2], *window)
    _, gradient, _ = torch.ops.aten.convolution_backward(
        channels_first(g), x, like, None, strides, amounts, dilation, False,
        [0] * len(window), groups, [False, True, False],
    )  # fmt: skip
    result: Tensor = gradient
    return result.permute(*range(2, result.dim()), 1, 0)


TABLE: dict[str, Callable[..., Any]] = {
    "conv": _conv,
    "conv_grad_input": _conv_grad_input,
    "conv_grad_kernel": _conv_grad_kernel,
}
