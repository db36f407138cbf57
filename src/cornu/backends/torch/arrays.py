"""Reductions, sorting, moves, products and factorizations on PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cornu.backends.torch.tensors import DTYPES, dtype_of, to_native

__all__ = ["TABLE"]

Ints = tuple[int, ...]
AxisPairs = tuple[tuple[int, int], ...]

# Reductions and sorting


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


# Moves


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
    y = to_native(value, dtype_of(x)).to(x.device).expand(shape).clone()
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


# Matrices


def _dot(a: Tensor, b: Tensor, *, contract: AxisPairs, batch: AxisPairs) -> Tensor:
    """One (batched) matrix product of views in the order batch, free, contracted."""
    if not batch and contract == ((a.dim() - 1, 0),) and b.dim() == 2:
        return _matmul(a, b)
    a_batch, b_batch = [i for i, _ in batch], [j for _, j in batch]
    a_sum, b_sum = [i for i, _ in contract], [j for _, j in contract]
    a_free = [i for i in range(a.dim()) if i not in a_batch and i not in a_sum]
    b_free = [j for j in range(b.dim()) if j not in b_batch and j not in b_sum]
    lead = [a.shape[i] for i in a_batch]
    rows, columns = [a.shape[i] for i in a_free], [b.shape[j] for j in b_free]
    inner = math.prod(a.shape[i] for i in a_sum)
    a = a.permute(*a_batch, *a_free, *a_sum).reshape(*lead, math.prod(rows), inner)
    b = b.permute(*b_batch, *b_sum, *b_free).reshape(*lead, inner, math.prod(columns))
    return _matmul(a, b).reshape([*lead, *rows, *columns])


def _matmul(a: Tensor, b: Tensor) -> Tensor:
    if a.is_cuda and not (a.is_floating_point() or a.is_complex()):
        # Not offered for integers; float64 is exact up to 2**53.
        return torch.matmul(a.double(), b.double()).to(a.dtype)
    return torch.matmul(a, b)


def _wide(function: Callable[..., Any], count: int = 1) -> Callable[..., Any]:
    """Factorize half precision in float32, which is all that LAPACK has.

    A function with several results gives a plain tuple of them.
    """

    def run(*xs: Tensor, **attrs: Any) -> Any:
        dtype = xs[0].dtype
        half = dtype in (torch.float16, torch.bfloat16)
        found = function(*[x.float() for x in xs] if half else xs, **attrs)
        results = [found] if count == 1 else found
        if half:
            results = [r.to(dtype) if r.is_floating_point() else r for r in results]
        return results[0] if count == 1 else tuple(results)

    return run


def _triangular_solve(a: Tensor, b: Tensor, *, lower: bool, transpose: bool) -> Tensor:
    if transpose:
        a, lower = a.mT, not lower
    return torch.linalg.solve_triangular(a, b, upper=not lower)


def _lu(x: Tensor) -> tuple[Tensor, Tensor]:
    lu, pivots = torch.linalg.lu_factor(x)
    return lu, pivots - 1  # LAPACK counts from one


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
    "dot": _dot,
    "cholesky": _wide(torch.linalg.cholesky),
    "qr": _wide(lambda x, full: torch.linalg.qr(x, "complete" if full else "reduced"), 2),
    "svd": _wide(lambda x, full: torch.linalg.svd(x, full), 3),
    "eigh": _wide(torch.linalg.eigh, 2),
    "solve": _wide(torch.linalg.solve),
    "det": _wide(torch.linalg.det),
    "triangular_solve": _wide(_triangular_solve),
    "lu": _wide(_lu, 2),
}
