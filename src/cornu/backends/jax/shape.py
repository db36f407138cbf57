"""Primitives that move, cut, join or create values on JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array, lax

from cornu.backends.jax.tensors import native_dtype

__all__ = ["TABLE"]

Ints = tuple[int, ...]


def _slice(x: Array, *, start: Ints, stop: Ints, step: Ints) -> Array:
    # A stop before the start means an empty slice, which lax refuses.
    return lax.slice(x, start, tuple(map(max, start, stop)), step)


def _pad(x: Array, value: Array, *, low: Ints, high: Ints, interior: Ints) -> Array:
    return lax.pad(x, value, list(zip(low, high, interior, strict=True)))


def _split(x: Array, *, sizes: Ints, axis: int) -> tuple[Array, ...]:
    return tuple(lax.split(x, sizes, axis))  # its gradient is one concatenation


def _clamped(x: Array, starts: Sequence[Array], sizes: Ints) -> list[Array]:
    # By itself JAX counts negative starts from the end.
    return [
        jnp.clip(start, 0, n - size) for start, n, size in zip(starts, x.shape, sizes, strict=True)
    ]


def _dynamic_slice(x: Array, *starts: Array, sizes: Ints) -> Array:
    return lax.dynamic_slice(x, _clamped(x, starts, sizes), sizes)


def _dynamic_update_slice(x: Array, update: Array, *starts: Array) -> Array:
    return lax.dynamic_update_slice(x, update, _clamped(x, starts, update.shape))


TABLE: dict[str, Callable[..., Any]] = {
    "reshape": lambda x, *, shape: jnp.reshape(x, shape),
    "transpose": lambda x, *, axes: lax.transpose(x, axes),
    "broadcast_to": lambda x, *, shape: jnp.broadcast_to(x, shape),
    "reverse": lambda x, *, axes: lax.rev(x, axes),
    "slice": _slice,
    "pad": _pad,
    "concatenate": lambda *xs, axis: lax.concatenate(xs, axis),
    "split": _split,
    "full": lambda *, shape, value, dtype: jnp.full(shape, value, native_dtype(dtype)),
    "iota": lambda *, size, dtype: jnp.arange(size).astype(native_dtype(dtype)),
    "dim_size": lambda x, *, axis: jnp.asarray(x.shape[axis], jnp.int32),
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
}
