"""Random words on JAX: Threefry-2x32-20 in uint32, the same bits as on every backend."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

__all__ = ["TABLE"]


# Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", table 2.
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA


@functools.partial(jax.jit, static_argnames="size")
def _random_bits(key: Array, *, size: int) -> Array:
    first, second = key[0], key[1]
    keys = (first, second, first ^ second ^ jnp.uint32(_PARITY))
    x = jnp.arange((size + 1) // 2, dtype=jnp.uint32) + keys[0]
    y = jnp.zeros_like(x) + keys[1]
    for group in range(5):
        for r in _ROTATIONS[group % 2]:
            x = x + y
            y = (y << r) | (y >> (32 - r))
            y = y ^ x
        x = x + keys[(group + 1) % 3]
        y = y + keys[(group + 2) % 3] + jnp.uint32(group + 1)
    return jnp.stack([x, y], axis=1).reshape(-1)[:size]


TABLE: dict[str, Callable[..., Any]] = {"random_bits": _random_bits}
