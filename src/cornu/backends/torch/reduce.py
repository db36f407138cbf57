"""Reductions, cumulative operations and sorting on PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["TABLE"]


def _reduction(function: Callable[..., Tensor], *, one_axis: bool = False) -> Callable[..., Tensor]:
    """Reduce along axes. No axes mean none here, but all to PyTorch."""

    def run(x: Tensor, *, axes: tuple[int, ...]) -> Tensor:
        if one_axis:
            for axis in sorted(axes, reverse=True):
                x = function(x, axis)
            return x
        return function(x, axes) if axes else x

    return run


def _truth(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    # Of uint8, PyTorch would make uint8.
    return lambda x, *, axes: function(x.bool(), axes) if axes else x.bool()


def _place(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda x, *, axis: function(x.byte() if x.dtype is torch.bool else x, axis).int()


def _cumulative(function: Callable[[Tensor, int], Tensor]) -> Callable[..., Tensor]:
    def run(x: Tensor, *, axis: int, reverse: bool) -> Tensor:
        return function(x.flip(axis), axis).flip(axis) if reverse else function(x, axis)

    return run


def _sort(x: Tensor, *, axis: int, descending: bool = False) -> tuple[Tensor, Tensor]:
    values, indices = torch.sort(x, dim=axis, descending=descending, stable=True)
    return values, indices.int()


def _top_k(x: Tensor, *, k: int) -> tuple[Tensor, Tensor]:
    # torch.topk leaves the order of ties open; the first one comes first here.
    values, indices = _sort(x, axis=-1, descending=True)
    return values[..., :k], indices[..., :k]


def _searchsorted(sorted_sequence: Tensor, values: Tensor, *, side: str) -> Tensor:
    right = side == "right"
    return torch.searchsorted(sorted_sequence, values.contiguous(), right=right, out_int32=True)


def _unique(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    values, inverse, counts = torch.unique(x, return_inverse=True, return_counts=True)
    return values, inverse.int(), counts.int()


TABLE: dict[str, Callable[..., Any]] = {
    # PyTorch widens integers unless it is told the dtype.
    "reduce_sum": _reduction(lambda x, axes: torch.sum(x, axes, dtype=x.dtype)),
    "reduce_prod": _reduction(lambda x, axis: torch.prod(x, axis, dtype=x.dtype), one_axis=True),
    "reduce_max": _reduction(torch.amax),  # amax shares the gradient among ties
    "reduce_min": _reduction(torch.amin),
    "reduce_any": _truth(torch.any),
    "reduce_all": _truth(torch.all),
    "argmax": _place(torch.argmax),
    "argmin": _place(torch.argmin),
    "cumsum": _cumulative(lambda x, axis: torch.cumsum(x, axis, dtype=x.dtype)),
    "cumprod": _cumulative(lambda x, axis: torch.cumprod(x, axis, dtype=x.dtype)),
    "cummax": _cumulative(lambda x, axis: torch.cummax(x, axis)[0]),
    "cummin": _cumulative(lambda x, axis: torch.cummin(x, axis)[0]),
    "cumlogsumexp": _cumulative(torch.logcumsumexp),
    "sort": _sort,
    "top_k": _top_k,
    "searchsorted": _searchsorted,
    "nonzero": lambda x: tuple(i.int() for i in torch.nonzero(x, as_tuple=True)),
    "unique": _unique,
}
