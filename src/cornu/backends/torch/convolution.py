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

__all__ = ["TABLE", "channels_first", "channels_last", "check_axes", "pad_spatial", "unpad_spatial"]

Ints = tuple[int, ...]

# (strides, padding, dilation, transposed, what transposing adds, groups): what PyTorch's own
# operators are given behind the tensors.
Window = tuple[Ints, list[int], Ints, bool, list[int], int]


def check_axes(name: str, count: int) -> None:
    """Raise for windows of more spatial axes than PyTorch has."""
    if count > 3:
        raise NotSupportedError(name, f"PyTorch has 1 to 3 spatial axes, but there are {count}")


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


def _settled(
    sizes: Sequence[int],
    window: Ints,
    strides: Ints,
    padding: Padding,
    dilation: Ints,
    groups: int,
) -> tuple[Pairs, Window]:
    """Return the padding that is left to do, and the window: PyTorch pads both sides alike."""
    check_axes("conv", len(window))
    pairs = pad_pairs(padding, sizes, window, strides, dilation)
    inside = [0] * len(pairs)
    if all(low == high >= 0 for low, high in pairs):
        inside, pairs = [low for low, _ in pairs], ((0, 0),) * len(pairs)
    return pairs, (strides, inside, dilation, False, [0] * len(window), groups)


def _conv(x: Tensor, kernel: Tensor, **attrs: Any) -> Tensor:
    pairs, window = _settled(x.shape[1:-1], kernel.shape[:-2], **attrs)
    x = channels_first(x)
    if any(map(any, pairs)):
        x = pad_spatial(x, pairs)
    # (*w, c / groups, f) as (f, c / groups, *w)
    kernel = kernel.permute(-1, -2, *range(kernel.dim() - 2))
    return channels_last(torch.convolution(x, kernel, None, *window))


def _conv_grad_input(g: Tensor, kernel: Tensor, *, input_shape: Ints, **attrs: Any) -> Tensor:
    sizes = input_shape[1:-1]
    pairs, window = _settled(sizes, kernel.shape[:-2], **attrs)
    padded = [n + low + high for n, (low, high) in zip(sizes, pairs, strict=True)]
    like = g.new_zeros(()).expand(g.shape[0], input_shape[-1], *padded)  # only its shape matters
    kernel = kernel.permute(-1, -2, *range(kernel.dim() - 2))
    gradient = torch.ops.aten.convolution_backward(
        channels_first(g), like, kernel, None, *window, [True, False, False]
    )[0]
    return channels_last(unpad_spatial(gradient, pairs, sizes))


def _conv_grad_kernel(x: Tensor, g: Tensor, *, kernel_shape: Ints, **attrs: Any) -> Tensor:
    spatial = kernel_shape[:-2]
    pairs, window = _settled(x.shape[1:-1], spatial, **attrs)
    x = channels_first(x)
    if any(map(any, pairs)):
        x = pad_spatial(x, pairs)
    like = g.new_zeros(()).expand(kernel_shape[-1], kernel_shape[-2], *spatial)
    gradient: Tensor = torch.ops.aten.convolution_backward(
        channels_first(g), x, like, None, *window, [False, True, False]
    )[1]
    return gradient.permute(*range(2, gradient.dim()), 1, 0)


TABLE: dict[str, Callable[..., Any]] = {
    "conv": _conv,
    "conv_grad_input": _conv_grad_input,
    "conv_grad_kernel": _conv_grad_kernel,
}
