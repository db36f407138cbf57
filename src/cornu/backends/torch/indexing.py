"""Gather and scatter on PyTorch.

Negative indices wrap; the library itself checks the bounds while it reads (on a GPU by an assertion
of the device), and only if it complains the offender is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.backends.torch.tensors import to_numpy
from cornu.graph.indices import out_of_range

__all__ = ["TABLE"]

# The names of PyTorch's reductions; the new values always meet the old ones.
_MODES = {"add": "sum", "multiply": "prod", "max": "amax", "min": "amin"}


def _out_of_range(name: str, indices: Tensor, axis: int, size: int) -> Exception | None:
    return out_of_range(name, to_numpy(indices), axis, size)


def _wrapped(indices: Tensor, size: int) -> Tensor:
    if indices.dtype is not torch.int64:
        indices = indices.long()
    return torch.where(indices < 0, indices + size, indices)


def _take(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    size = x.shape[axis]
    wrapped = _wrapped(indices, size)
    try:
        if axis == 0 and x.dim() == 2 and x.is_floating_point():
            return F.embedding(wrapped, x)  # its gradient is much faster than index_select's
        flat = x.index_select(axis, wrapped.reshape(-1))
    except (IndexError, RuntimeError) as error:
        raise _out_of_range("take", indices, axis, size) or error from None
    return flat.reshape((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def _take_along_axis(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    try:
        return x.gather(axis, _wrapped(indices, x.shape[axis]))
    except (IndexError, RuntimeError) as error:
        raise _out_of_range("take_along_axis", indices, axis, x.shape[axis]) or error from None


def _scatter_along_axis(
    x: Tensor, indices: Tensor, updates: Tensor, *, axis: int, mode: str
) -> Tensor:
    places = _wrapped(indices, x.shape[axis])
    try:
        if mode == "set":
            return x.scatter(axis, places, updates)
        if mode == "add":
            return x.scatter_add(axis, places, updates)
        return x.scatter_reduce(axis, places, updates, _MODES[mode])
    except (IndexError, RuntimeError) as error:
        raise _out_of_range("scatter_along_axis", indices, axis, x.shape[axis]) or error from None


def _columns(indices: Tensor) -> tuple[Tensor, ...]:
    return tuple(indices.long().unbind(-1))


def _nd_error(name: str, x: Tensor, indices: Tensor) -> Exception | None:
    for axis, column in enumerate(_columns(indices)):
        error = _out_of_range(name, column, axis, x.shape[axis])
        if error is not None:
            return error
    return None


def _gather_nd(x: Tensor, indices: Tensor) -> Tensor:
    if indices.shape[-1] == 0:
        return x.expand(*indices.shape[:-1], *x.shape)
    try:
        return x[_columns(indices)]
    except (IndexError, RuntimeError) as error:
        raise _nd_error("gather_nd", x, indices) or error from None


def _last_only(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Keep those updates from having a gradient that a later one overwrites."""
    flat = _flat(x, indices).reshape(-1)
    order = torch.arange(len(flat), device=flat.device)
    last = flat.new_zeros(math.prod(x.shape[: indices.shape[-1]]))
    last = last.scatter_reduce(0, flat, order, "amax", include_self=False)
    wins = (last[flat] == order).reshape(indices.shape[:-1])
    wins = wins.reshape(*wins.shape, *[1] * (updates.dim() - wins.dim()))
    return torch.where(wins, updates, updates.detach())


def _flat(x: Tensor, indices: Tensor) -> Tensor:
    """Return indices into the first axes as indices into these axes made one."""
    flat = indices.new_zeros(indices.shape[:-1], dtype=torch.int64)
    for axis, column in enumerate(_columns(indices)):
        flat = flat * x.shape[axis] + _wrapped(column, x.shape[axis])
    return flat


def _scatter_nd(x: Tensor, indices: Tensor, updates: Tensor, *, mode: str) -> Tensor:
    depth = indices.shape[-1]
    updates = updates.expand(*indices.shape[:-1], *x.shape[depth:])
    if mode == "set" and depth and updates.requires_grad:
        updates = _last_only(x, indices, updates)
    if mode in ("set", "add") and depth:
        try:
            return x.index_put(_columns(indices), updates, accumulate=mode == "add")
        except (IndexError, RuntimeError) as error:
            raise _nd_error("scatter_nd", x, indices) or error from None
    # The indexed axes become one, whose indices then can't be checked by the library.
    wrong = _nd_error("scatter_nd", x, indices)
    if wrong is not None:
        raise wrong
    rows = math.prod(x.shape[:depth])
    flat = _flat(x, indices)
    target = x.reshape(rows, -1)
    index = flat.reshape(-1, 1).expand(-1, target.shape[1])
    source = updates.reshape(index.shape)
    if mode == "set":
        return target.scatter(0, index, source).reshape(x.shape)
    return target.scatter_reduce(0, index, source, _MODES[mode]).reshape(x.shape)


TABLE: dict[str, Callable[..., Any]] = {
    "take": _take,
    "take_along_axis": _take_along_axis,
    "gather_nd": _gather_nd,
    "scatter_nd": _scatter_nd,
    "scatter_along_axis": _scatter_along_axis,
}
