"""Primitives that move, cut, join or create values on PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.backends.torch.tensors import DTYPES

__all__ = ["TABLE"]

Ints = tuple[int, ...]


def _pad(x: Tensor, value: Any, *, low: Ints, high: Ints, interior: Ints) -> Tensor:
    if x.dim() == 0:
        return x
    needs_gradient = isinstance(value, Tensor) and value.requires_grad
    if not any(interior) and not needs_gradient:
        pairs = [n for pair in zip(reversed(low), reversed(high), strict=True) for n in pair]
        constant = value.item() if hasattr(value, "item") else value
        if x.dtype is torch.bool:
            return F.pad(x.byte(), pairs, value=float(bool(constant))).bool()
        return F.pad(x, pairs, value=constant)
    # The spread-out form, from which negative padding is cut afterwards.
    shape, place, cut = [], [], []
    for n, lo, hi, gap in zip(x.shape, low, high, interior, strict=True):
        spread = n + max(n - 1, 0) * gap
        before, after = max(lo, 0), max(hi, 0)
        shape.append(before + spread + after)
        place.append(slice(before, before + spread, gap + 1))
        cut.append(slice(max(-lo, 0), before + spread + after - max(-hi, 0)))
    y = torch.as_tensor(value, dtype=x.dtype, device=x.device).expand(shape).clone()
    y[tuple(place)] = x
    return y[tuple(cut)]


def _iota(*, size: int, dtype: str) -> Tensor:
    if dtype in ("bool", "uint16", "uint32", "uint64"):
        return torch.arange(size).to(DTYPES[dtype])  # not offered directly
    return torch.arange(size, dtype=DTYPES[dtype])


def _places(x: Tensor, starts: Sequence[Any], sizes: Sequence[int]) -> tuple[slice, ...]:
    begins = [
        min(max(int(s), 0), n - size) for s, n, size in zip(starts, x.shape, sizes, strict=True)
    ]
    return tuple(slice(b, b + size) for b, size in zip(begins, sizes, strict=True))


def _dynamic_update_slice(x: Tensor, update: Tensor, *starts: Any) -> Tensor:
    y = x.clone()
    y[_places(x, starts, update.shape)] = update
    return y


TABLE: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, *, shape: x.reshape(shape),
    "transpose": lambda x, *, axes: x.permute(axes),
    "broadcast_to": lambda x, *, shape: x.expand(shape),
    "reverse": lambda x, *, axes: x.flip(axes),
    "slice": lambda x, *, start, stop, step: x[tuple(map(slice, start, stop, step))],
    "pad": _pad,
    "concatenate": lambda *xs, axis: torch.cat(xs, axis),
    "split": lambda x, *, sizes, axis: torch.split(x, sizes, axis),
    "full": lambda *, shape, value, dtype: torch.full(shape, value, dtype=DTYPES[dtype]),
    "iota": _iota,
    "dim_size": lambda x, *, axis: torch.tensor(x.shape[axis], dtype=torch.int32),
    "dynamic_slice": lambda x, *starts, sizes: x[_places(x, starts, sizes)],
    "dynamic_update_slice": _dynamic_update_slice,
}
