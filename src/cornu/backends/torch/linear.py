"""Products and factorizations of matrices on PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

__all__ = ["TABLE"]

AxisPairs = tuple[tuple[int, int], ...]


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
