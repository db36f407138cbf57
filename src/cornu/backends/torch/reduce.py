"""Reductions, cumulative operations and sorting on PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["TABLE"]

Axes = tuple[int, ...]


# An empty tuple of axes means "none" here, but "all" to PyTorch.


def _reduce_sum(x: Tensor, *, axes: Axes) -> Tensor:
    return torch.sum(x, axes, dtype=x.dtype) if axes else x  # PyTorch widens integers


def _reduce_prod(x: Tensor, *, axes: Axes) -> Tensor:
    for axis in sorted(axes, reverse=True):  # torch.prod takes one axis
        x = torch.prod(x, axis, dtype=x.dtype)
    return x


def _reduce_max(x: Tensor, *, axes: Axes) -> Tensor:
    return torch.amax(x, axes) if axes else x  # amax shares the gradient among ties


def _reduce_min(x: Tensor, *, axes: Axes) -> Tensor:
    return torch.amin(x, axes) if axes else x


def _reduce_any(x: Tensor, *, axes: Axes) -> Tensor:
    x = x.bool()  # of uint8, PyTorch would make uint8
    return torch.any(x, axes) if axes else x


def _reduce_all(x: Tensor, *, axes: Axes) -> Tensor:
    x = x.bool()
    return torch.all(x, axes) if axes else x


def _argmax(x: Tensor, *, axis: int) -> Tensor:
    return torch.argmax(x.byte() if x.dtype is torch.bool else x, axis).int()


def _argmin(x: Tensor, *, axis: int) -> Tensor:
    return torch.argmin(x.byte() if x.dtype is torch.bool else x, axis).int()


def _cumulative(function: Callable[[Tensor, int], Tensor]) -> Callable[..., Tensor]:
    def run(x: Tensor, *, axis: int, reverse: bool) -> Tensor:
        if reverse:
            return function(x.flip(axis), axis).flip(axis)
        return function(x, axis)

    return run


def _sort(x: Tensor, *, axis: int) -> tuple[Tensor, Tensor]:
    values, indices = torch.sort(x, dim=axis, stable=True)
    return values, indices.int()


def _top_k(x: Tensor, *, k: int) -> tuple[Tensor, Tensor]:
    # torch.topk leaves the order of ties open; the first one comes first here.
    values, indices = torch.sort(x, dim=-1, descending=True, stable=True)
    return values[..., :k], indices[..., :k].int()


def _searchsorted(sorted_sequence: Tensor, values: Tensor, *, side: str) -> Tensor:
    right = side == "right"
    return torch.searchsorted(sorted_sequence, values.contiguous(), right=right, out_int32=True)


def _nonzero(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(i.int() for i in torch.nonzero(x, as_tuple=True))


def _unique(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True)
    return values, inverse.int(), counts.int()


TABLE: dict[str, Callable[..., Any]] = {
    "reduce_sum": _reduce_sum,
    "reduce_prod": _reduce_prod,
    "reduce_max": _reduce_max,
    "reduce_min": _reduce_min,
    "reduce_any": _reduce_any,
    "reduce_all": _reduce_all,
    "argmax": _argmax,
    "argmin": _argmin,
    "cumsum": _cumulative(lambda x, axis: torch.cumsum(x, axis, dtype=x.dtype)),
    "cumprod": _cumulative(lambda x, axis: torch.cumprod(x, axis, dtype=x.dtype)),
    "cummax": _cumulative(lambda x, axis: torch.cummax(x, axis)[0]),
    "cummin": _cumulative(lambda x, axis: torch.cummin(x, axis)[0]),
    "cumlogsumexp": _cumulative(torch.logcumsumexp),
    "sort": _sort,
    "top_k": _top_k,
    "searchsorted": _searchsorted,
    "nonzero": _nonzero,
    "unique": _unique,
}
