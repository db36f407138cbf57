"""Gather and scatter on PyTorch.

Negative indices wrap; the library itself checks the bounds while it reads (on a GPU by an assertion
of the device), and only if it complains the offender is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.backends.torch.recording import call_noted
from cornu.backends.torch.tensors import to_numpy
from cornu.graph.indices import label_error, out_of_range

__all__ = ["TABLE"]

# The names of PyTorch's reductions; the new values always meet the old ones.
_MODES = {"add": "sum", "multiply": "prod", "max": "amax", "min": "amin"}


def _explained(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Let an index out of range be named: those along an axis, or those into the first axes."""
    name = function.__name__.lstrip("_")

    @wraps(function)
    def run(x: Tensor, indices: Tensor, *updates: Tensor, **attrs: Any) -> Tensor:
        try:
            return function(x, indices, *updates, **attrs)
        except (IndexError, RuntimeError) as error:
            axis = attrs.get("axis")
            columns = enumerate(_columns(indices)) if axis is None else [(axis, indices)]
            for axis, column in columns:
                found = out_of_range(name, to_numpy(column), axis, x.shape[axis])
                if found is not None:
                    raise found from None
            raise error

    return run


def _wrapped(indices: Tensor, size: int) -> Tensor:
    indices = indices.long()
    return torch.where(indices < 0, indices + size, indices)


def _check_labels(labels: Tensor, *, classes: int) -> Tensor:
    if not labels.is_cpu:  # no waiting for the device: it asserts when it reads there
        return torch.where(labels < 0, classes, labels)
    return call_noted(_checked_labels, labels, classes)


def _checked_labels(labels: Tensor, classes: int) -> Tensor:
    error = label_error(to_numpy(labels), classes)
    if error is not None:
        raise error
    return labels


@_explained
def _take(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    wrapped = _wrapped(indices, x.shape[axis])
    if axis == 0 and x.dim() == 2 and x.is_floating_point():
        return F.embedding(wrapped, x)  # its gradient is much faster than index_select's
    flat = x.index_select(axis, wrapped.reshape(-1))
    return flat.reshape((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


@_explained
def _take_along_axis(x: Tensor, indices: Tensor, *, axis: int) -> Tensor:
    return x.gather(axis, _wrapped(indices, x.shape[axis]))


@_explained
def _scatter_along_axis(
    x: Tensor, indices: Tensor, updates: Tensor, *, axis: int, mode: str
) -> Tensor:
    places = _wrapped(indices, x.shape[axis])
    if mode == "set":
        return x.scatter(axis, places, updates)
    if mode == "add":
        return x.scatter_add(axis, places, updates)
    return x.scatter_reduce(axis, places, updates, _MODES[mode])


def _columns(indices: Tensor) -> tuple[Tensor, ...]:
    return tuple(indices.long().unbind(-1))


@_explained
def _gather_nd(x: Tensor, indices: Tensor) -> Tensor:
    if indices.shape[-1] == 0:
        return x.expand(*indices.shape[:-1], *x.shape)
    return x[_columns(indices)]


@_explained
def _scatter_nd(x: Tensor, indices: Tensor, updates: Tensor, *, mode: str) -> Tensor:
    depth = indices.shape[-1]
    updates = updates.expand(*indices.shape[:-1], *x.shape[depth:])
    if mode == "set" and depth:
        last = _last_only(x, indices, updates) if updates.requires_grad else updates
        return x.index_put(_columns(indices), last)
    # The indexed axes become one.
    target = x.reshape(math.prod(x.shape[:depth]), -1)
    index = _places(x, indices).reshape(-1, 1).expand(-1, target.shape[1])
    source = updates.reshape(index.shape)
    return _scatter_along_axis(target, index, source, axis=0, mode=mode).reshape(x.shape)


def _last_only(x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Keep those updates from having a gradient that a later one overwrites."""
    flat = _places(x, indices).reshape(-1)
    order = torch.arange(len(flat), device=flat.device)
    last = flat.new_zeros(math.prod(x.shape[: indices.shape[-1]]))
    last = last.scatter_reduce(0, flat, order, "amax", include_self=False)
    wins = (last[flat] == order).reshape(indices.shape[:-1])
    wins = wins.reshape(*wins.shape, *[1] * (updates.dim() - wins.dim()))
    return torch.where(wins, updates, updates.detach())


def _places(x: Tensor, indices: Tensor) -> Tensor:
    """Return indices into the first axes as indices into these axes made one."""
    shape = x.shape[: indices.shape[-1]]
    table = torch.arange(math.prod(shape), device=x.device).reshape(shape)
    return table[_columns(indices)].expand(indices.shape[:-1])


TABLE: dict[str, Callable[..., Any]] = {
    "check_labels": _check_labels,
    "take": _take,
    "take_along_axis": _take_along_axis,
    "gather_nd": _gather_nd,
    "scatter_nd": _scatter_nd,
    "scatter_along_axis": _scatter_along_axis,
}
