"""Pooling on JAX by `reduce_window`, any number of spatial axes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from cornu.graph.padding import Padding, Pairs, pad_pairs

__all__ = ["TABLE"]

Ints = tuple[int, ...]


def _windows(
    sizes: Ints, window: Ints, strides: Ints, padding: Padding
) -> tuple[Ints, Ints, Pairs]:
    """The same over all axes, batch and channels included."""
    pairs = pad_pairs(padding, sizes, window, strides)
    return (1, *window, 1), (1, *strides, 1), ((0, 0), *pairs, (0, 0))


def _lowest(dtype: Any) -> Any:
    if jnp.issubdtype(dtype, jnp.floating):
        return np.asarray(-np.inf, dtype)
    return np.asarray(jnp.iinfo(dtype).min, dtype)


def _max_pool(x: Array, *, window: Ints, strides: Ints, padding: Padding) -> tuple[Array, Array]:
    windows = _windows(x.shape[1:-1], window, strides, padding)
    y = lax.reduce_window(x, _lowest(x.dtype), lax.max, *windows)
    # A second, slower pass with places; compiled code drops it where nobody asks for them.
    return y, _places(lax.stop_gradient(x), windows)


@functools.partial(jax.jit, static_argnames="windows")
def _places(x: Array, windows: tuple[Ints, Ints, Pairs]) -> Array:
    spatial = x.shape[1:-1]
    count = math.prod(spatial)
    flat = jnp.arange(count, dtype=jnp.int32).reshape(1, *spatial, 1)

    def first_of_the_largest(a: tuple[Array, Array], b: tuple[Array, Array]) -> tuple[Array, Array]:
        (v, i), (w, j) = a, b
        v_is_nan, w_is_nan = v != v, w != w  # NaN is the largest, as in NumPy
        earlier = i < j
        take_first = jnp.where(v_is_nan & w_is_nan | (v == w), earlier, v_is_nan | (v > w))
        take_first = take_first & ~(w_is_nan & ~v_is_nan)
        return jnp.where(take_first, v, w), jnp.where(take_first, i, j)

    _, index = lax.reduce_window(
        (x, jnp.broadcast_to(flat, x.shape)),
        (_lowest(x.dtype), np.int32(count)),  # padding comes after all real places
        first_of_the_largest,
        *windows,
    )
    result: Array = index
    return result


def _grid(index: Array) -> tuple[Array, Array, Array]:
    """Index (n, places, c) of an (n, places, c) array."""
    n, c = index.shape[0], index.shape[-1]
    return jnp.arange(n)[:, None, None], index.reshape(n, -1, c), jnp.arange(c)


def _pool_scatter(g: Array, index: Array, *, spatial: Ints) -> Array:
    n, c = g.shape[0], g.shape[-1]
    zeros = jnp.zeros((n, math.prod(spatial), c), g.dtype)
    return zeros.at[_grid(index)].add(g.reshape(n, -1, c)).reshape(n, *spatial, c)


def _pool_gather(x: Array, index: Array) -> Array:
    n, c = x.shape[0], x.shape[-1]
    return x.reshape(n, -1, c)[_grid(index)].reshape(index.shape)


def _pool_sum(x: Array, *, window: Ints, strides: Ints, padding: Padding) -> Array:
    windows = _windows(x.shape[1:-1], window, strides, padding)
    return lax.reduce_window(x, np.zeros((), x.dtype), lax.add, *windows)


@functools.partial(jax.jit, static_argnames=("input_shape", "options"))
def _summed(g: Array, input_shape: Ints, options: tuple[Any, ...]) -> Array:
    x = jax.ShapeDtypeStruct(input_shape, g.dtype)
    (result,) = jax.linear_transpose(lambda x: _pool_sum(x, **dict(options)), x)(g)
    array: Array = result
    return array


def _pool_sum_grad(g: Array, *, input_shape: Ints, **options: Any) -> Array:
    return _summed(g, input_shape, tuple(options.items()))


TABLE: dict[str, Callable[..., Any]] = {
    "max_pool": _max_pool,
    "pool_scatter": _pool_scatter,
    "pool_gather": _pool_gather,
    "pool_sum": _pool_sum,
    "pool_sum_grad": _pool_sum_grad,
}
