"""Reductions, cumulative operations and sorting on JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array, lax

from cornu.backends.jax.gradients import with_rule

__all__ = ["TABLE"]


def _cumulative(function: Callable[..., Array]) -> Callable[..., Array]:
    return lambda x, *, axis, reverse: function(x, axis, reverse=reverse)


def _argmax(x: Array, *, axis: int) -> Array:
    return jnp.argmax(x, axis).astype(jnp.int32)


def _argmin(x: Array, *, axis: int) -> Array:
    return jnp.argmin(x, axis).astype(jnp.int32)


def _sort(x: Array, *, axis: int) -> tuple[Array, Array]:
    places = lax.broadcasted_iota(jnp.int32, x.shape, axis)
    values, indices = lax.sort((x, places), dimension=axis, is_stable=True, num_keys=1)
    return values, indices


def _top_k(x: Array, *, k: int) -> tuple[Array, Array]:
    values, indices = lax.top_k(x, k)
    return values, indices.astype(jnp.int32)


def _searchsorted(sorted_sequence: Array, values: Array, *, side: str) -> Array:
    return jnp.searchsorted(sorted_sequence, values, side=side).astype(jnp.int32)


def _nonzero(x: Array) -> tuple[Array, ...]:
    return tuple(i.astype(jnp.int32) for i in jnp.nonzero(x))


def _unique(x: Array) -> tuple[Array, Array, Array]:
    values, inverse, counts = jnp.unique(x, return_inverse=True, return_counts=True)
    return values, inverse.astype(jnp.int32), counts.astype(jnp.int32)


TABLE: dict[str, Callable[..., Any]] = {
    # jax.numpy widens small integers, so the dtype is said.
    "reduce_sum": lambda x, *, axes: jnp.sum(x, axes, dtype=x.dtype),
    "reduce_prod": lambda x, *, axes: jnp.prod(x, axes, dtype=x.dtype),
    "reduce_max": lambda x, *, axes: jnp.max(x, axes),
    "reduce_min": lambda x, *, axes: jnp.min(x, axes),
    "reduce_any": lambda x, *, axes: jnp.any(x, axes),
    "reduce_all": lambda x, *, axes: jnp.all(x, axes),
    "argmax": _argmax,
    "argmin": _argmin,
    "cumsum": _cumulative(lax.cumsum),
    "cumprod": _cumulative(lax.cumprod),
    "cummax": _cumulative(lax.cummax),
    "cummin": _cumulative(lax.cummin),
    "cumlogsumexp": _cumulative(lax.cumlogsumexp),
    "sort": _sort,
    "top_k": _top_k,
    "searchsorted": _searchsorted,
    "nonzero": _nonzero,
    "unique": with_rule("unique", _unique),
}
