"""Products and factorizations of matrices on JAX."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

__all__ = ["TABLE"]

AxisPairs = tuple[tuple[int, int], ...]


def _columns(pairs: AxisPairs) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(i for i, _ in pairs), tuple(j for _, j in pairs)


def _dot(a: Array, b: Array, *, contract: AxisPairs, batch: AxisPairs) -> Array:
    if a.ndim > 2 and b.ndim == 2 and not batch and contract == ((a.ndim - 1, 0),):
        # The gradient of a product of matrices is one too; of this one it would be a product over
        # several axes, for which XLA takes half as long again on a CPU.
        return (a.reshape(math.prod(a.shape[:-1]), a.shape[-1]) @ b).reshape(
            (*a.shape[:-1], b.shape[-1])
        )
    return lax.dot_general(a, b, (_columns(contract), _columns(batch)))


def _wide(function: Callable[..., Any]) -> Callable[..., Any]:
    """Factorize half precision in float32, which is all that LAPACK has."""

    def run(*xs: Array, **attrs: Any) -> Any:
        dtype = xs[0].dtype
        if dtype not in (jnp.float16, jnp.bfloat16):
            return function(*xs, **attrs)
        result = function(*[x.astype(jnp.float32) for x in xs], **attrs)
        return jax.tree.map(
            lambda r: r.astype(dtype) if jnp.issubdtype(r.dtype, jnp.floating) else r, result
        )

    return run


def _qr(x: Array, *, full: bool) -> tuple[Array, Array]:
    q, r = jnp.linalg.qr(x, "complete" if full else "reduced")
    return q, r


def _svd(x: Array, *, full: bool) -> tuple[Array, Array, Array]:
    u, s, vt = jnp.linalg.svd(x, full_matrices=full)
    return u, s, vt


def _symmetric(x: Array) -> Array:
    """Mirror the lower triangle, which alone is read; the gradient is shared by both triangles."""
    mean = (x + x.mT) / 2
    return mean + lax.stop_gradient(jnp.tril(x) + jnp.tril(x, -1).mT - mean)


def _eigh(x: Array) -> tuple[Array, Array]:
    w, v = jnp.linalg.eigh(_symmetric(x), symmetrize_input=False)
    return w, v


def _triangular_solve(a: Array, b: Array, *, lower: bool, transpose: bool) -> Array:
    return lax.linalg.triangular_solve(a, b, left_side=True, lower=lower, transpose_a=transpose)


def _lu(x: Array) -> tuple[Array, Array]:
    lu, pivots, _ = lax.linalg.lu(x)
    return lu, pivots


TABLE: dict[str, Callable[..., Any]] = {
    "dot": _dot,
    "cholesky": _wide(lambda x: lax.linalg.cholesky(_symmetric(x), symmetrize_input=False)),
    "qr": _wide(_qr),
    "svd": _wide(_svd),
    "eigh": _wide(_eigh),
    "solve": _wide(jnp.linalg.solve),
    "det": _wide(jnp.linalg.det),
    "triangular_solve": _wide(_triangular_solve),
    "lu": _wide(_lu),
}
