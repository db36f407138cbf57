"""Gather and scatter on JAX.

Negative indices wrap. Indices whose values are known (outside of `jit`) are checked first; inside,
JAX's own rule holds: reading out of range gives NaN (the lowest integer), writing there is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from cornu.backends.jax.gradients import with_rule
from cornu.backends.jax.tensors import is_concrete
from cornu.graph.indices import label_error, out_of_range

__all__ = ["TABLE"]


def _check(name: str, indices: Array, axis: int, size: int) -> None:
    if not is_concrete(indices):
        return
    error = out_of_range(name, np.asarray(indices), axis, size)
    if error is not None:
        raise error


def _check_columns(name: str, indices: Array, shape: tuple[int, ...]) -> None:
    if is_concrete(indices):
        for axis in range(indices.shape[-1]):
            _check(name, indices[..., axis], axis, shape[axis])


def _check_labels(labels: Array, *, classes: int) -> Array:
    if is_concrete(labels):
        error = label_error(np.asarray(labels), classes)
        if error is not None:
            raise error
    return jnp.where(labels < 0, classes, labels)  # NaN inside of `jit`, as JAX does it


def _take(x: Array, indices: Array, *, axis: int) -> Array:
    _check("take", indices, axis, x.shape[axis])
    return jnp.take(x, indices, axis, mode="fill")


def _take_along_axis(x: Array, indices: Array, *, axis: int) -> Array:
    _check("take_along_axis", indices, axis, x.shape[axis])
    return jnp.take_along_axis(x, indices, axis, mode="fill")


def _columns(indices: Array) -> tuple[Array, ...]:
    return tuple(indices[..., i] for i in range(indices.shape[-1]))


def _gather_nd(x: Array, indices: Array) -> Array:
    if indices.shape[-1] == 0:
        return jnp.broadcast_to(x, (*indices.shape[:-1], *x.shape))
    _check_columns("gather_nd", indices, x.shape)
    return x.at[_columns(indices)].get(mode="fill")


def _write(x: Array, place: tuple[Any, ...], updates: Array, mode: str) -> Array:
    target = x.at[place]
    write = {
        "set": target.set,
        "add": target.add,
        "multiply": target.multiply,
        "max": target.max,
        "min": target.min,
    }[mode]
    return write(updates, mode="drop")


def _scatter_nd(x: Array, indices: Array, updates: Array, *, mode: str) -> Array:
    _check_columns("scatter_nd", indices, x.shape)
    depth = indices.shape[-1]
    if depth == 0:  # each update meets all of x
        x, updates = x[None], jnp.reshape(updates, (-1, *x.shape))
        return _write(x, (jnp.zeros(updates.shape[0], jnp.int32),), updates, mode)[0]
    return _write(x, _columns(indices), updates, mode)


def _scatter_along_axis(x: Array, indices: Array, updates: Array, *, axis: int, mode: str) -> Array:
    _check("scatter_along_axis", indices, axis, x.shape[axis])
    place = [lax.broadcasted_iota(jnp.int32, indices.shape, i) for i in range(x.ndim)]
    place[axis] = indices
    return _write(x, tuple(place), updates, mode)


def _or_product(name: str, scatter: Callable[..., Array]) -> Callable[..., Array]:
    """JAX has no gradient of products that meet in one place; the primitive's rule has."""
    product = with_rule(name, scatter)
    return lambda *args, mode, **attrs: (product if mode == "multiply" else scatter)(
        *args, mode=mode, **attrs
    )


TABLE: dict[str, Callable[..., Any]] = {
    "check_labels": _check_labels,
    "take": _take,
    "take_along_axis": _take_along_axis,
    "gather_nd": _gather_nd,
    "scatter_nd": _or_product("scatter_nd", _scatter_nd),
    "scatter_along_axis": _or_product("scatter_along_axis", _scatter_along_axis),
}
