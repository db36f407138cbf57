"""Pooling primitives, channels last: the maximum with its place, sums, and their gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np

from cornu.errors import ShapeError
from cornu.graph.dim import Shape, same_dim
from cornu.graph.padding import Padding, pad_pairs
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec, shape_of
from cornu.primitives.precision import wide
from cornu.primitives.rules import INTEGER, NUMBER, ORDERED, NDArray, Tensor, check_kind
from cornu.primitives.window import output_sizes, taps

__all__ = ["max_pool", "pool_gather", "pool_scatter", "pool_sum", "pool_sum_grad"]

Ints: TypeAlias = tuple[int, ...]
Part: TypeAlias = tuple[slice, ...]

_ALL = slice(None)


def _pooled(name: str, x: Spec, window: Ints, strides: Ints, padding: Padding) -> Shape:
    sizes = output_sizes(name, x, window, strides, padding, (1,) * len(window))
    return (x.shape[0], *sizes, x.shape[-1])


def _result_shape(shape: Ints, window: Ints, strides: Ints, padding: Padding) -> Ints:
    """Return the known shape of the result."""
    pooled = _pooled("pool", Spec(shape, "float32"), window, strides, padding)
    return tuple(int(d) for d in pooled)


def _taps(
    shape: Ints, result: Ints, window: Ints, strides: Ints, padding: Padding
) -> Iterator[tuple[Ints, Part, Part]]:
    """Yield the place of each tap, the part of the input it reads and that of the result."""
    one = (1,) * len(window)
    pads = pad_pairs(padding, shape[1:-1], window, strides)
    for place, reads, writes in taps(shape[1:-1], result[1:-1], window, strides, pads, one):
        yield place, (_ALL, *reads), (_ALL, *writes)


# max_pool


def _max_rule(x: Spec, *, window: Ints, strides: Ints, padding: Padding) -> tuple[Spec, Spec]:
    check_kind("max_pool", ORDERED, x=x)
    shape = _pooled("max_pool", x, window, strides, padding)
    return Spec(shape, x.dtype), Spec(shape, "int32")


def _max_pool(
    x: NDArray, *, window: Ints, strides: Ints, padding: Padding
) -> tuple[NDArray, NDArray]:
    shape = _result_shape(x.shape, window, strides, padding)
    every = [
        (int(np.ravel_multi_index(place, window)), reads, writes)
        for place, reads, writes in _taps(x.shape, shape, window, strides, padding)
    ]
    dtype = np.dtype(np.uint8 if math.prod(window) <= 256 else np.int32)
    number, reads, writes = every[0]
    won = np.full(shape, number, dtype)  # not 0: taps that only ever meet padding are left out
    if x[reads].shape == shape:
        y = x[reads].copy()
    else:  # the first tap lies in the padding somewhere
        y = np.full(shape, _lowest(x.dtype), x.dtype)
        won[...] = _first_taps(every, shape[1:-1], dtype)
    # Later taps only win when they are greater, so the first of ties stays, and the number of the
    # tap that won only grows: both are running maxima.
    for number, reads, writes in every:
        part, best, winner = x[reads], y[writes], won[writes]
        better = np.greater(part, best)
        np.maximum(part, best, out=best)  # NaN stays NaN
        np.maximum(winner, better.view(np.uint8) * dtype.type(number), out=winner)
    if y.dtype.kind in "fV" and np.isnan(y.max(initial=_lowest(y.dtype))):
        for number, reads, writes in reversed(every):
            here = np.isnan(x[reads])
            np.copyto(won[writes], dtype.type(number), where=here)
    return y, _positions(won, x.shape, shape, window, strides, padding)


def _first_taps(every: list[tuple[int, Part, Part]], sizes: Ints, dtype: np.dtype[Any]) -> NDArray:
    """Return the number of the first tap of each window that isn't padding, for any channel."""
    first = np.zeros(sizes, dtype)
    for number, _, writes in reversed(every):
        first[writes[1:]] = number
    return first[..., None]


def _lowest(dtype: np.dtype[Any]) -> float:
    if dtype.kind in "fV":
        return float("-inf")
    return False if dtype.kind == "b" else int(np.iinfo(dtype).min)


def _positions(
    won: NDArray, shape: Ints, result: Ints, window: Ints, strides: Ints, padding: Padding
) -> NDArray:
    """Turn the numbers of taps into flat positions among the input's spatial ones."""
    spatial = shape[1:-1]
    pads = pad_pairs(padding, spatial, window, strides)
    base = np.zeros((), np.int32)
    offset = np.zeros((), np.int32)
    for axis, (m, w, s, (low, _)) in enumerate(
        zip(result[1:-1], window, strides, pads, strict=True)
    ):
        weight = math.prod(spatial[axis + 1 :])
        base = base[..., None] + np.arange(m, dtype=np.int32) * (s * weight)
        offset = offset[..., None] + (np.arange(w, dtype=np.int32) - low) * weight
    index: NDArray = np.take(offset.reshape(-1).astype(np.int32), won)
    index += base.astype(np.int32)[..., None]
    return index


def _max_gradient(
    g: tuple[Tensor | None, ...], y: tuple[Tensor, Tensor], x: Tensor, **_: object
) -> tuple[Tensor | None]:
    if g[0] is None:
        return (None,)
    return (pool_scatter(g[0], y[1], spatial=shape_of(x)[1:-1]),)


max_pool: Primitive = Primitive(
    "max_pool", rule=_max_rule, reference=_max_pool, gradient=_max_gradient, multiple=True
)


# pool_scatter and pool_gather: each other's gradient


def _flat(index: NDArray, size: int) -> NDArray:
    """Return flat positions in an array (n, size, c) for an index (n, ..., c)."""
    n, c = index.shape[0], index.shape[-1]
    flat: NDArray = index.reshape(n, math.prod(index.shape[1:-1]), c).astype(np.intp)
    flat *= c
    flat += np.arange(c)
    flat += (np.arange(n) * (size * c))[:, None, None]
    return flat.reshape(-1)


def _check_index(name: str, x: Spec, index: Spec) -> None:
    check_kind(name, INTEGER, index=index)
    if x.ndim < 3 or x.ndim != index.ndim:
        raise ShapeError(name, "both need the axes (n, *spatial, c)", x=x, index=index)


def _scatter_rule(g: Spec, index: Spec, *, spatial: Shape) -> Spec:
    _check_index("pool_scatter", g, index)
    if not all(map(same_dim, g.shape, index.shape)):
        raise ShapeError("pool_scatter", "both shapes must be equal", g=g, index=index)
    return Spec((g.shape[0], *spatial, g.shape[-1]), g.dtype)


def _pool_scatter(g: NDArray, index: NDArray, *, spatial: Ints) -> NDArray:
    size = math.prod(spatial)
    values = wide(g)
    y = np.zeros(g.shape[0] * size * g.shape[-1], values.dtype)
    np.add.at(y, _flat(index, size), values.reshape(-1))
    return y.reshape(g.shape[0], *spatial, g.shape[-1]).astype(g.dtype, copy=False)


pool_scatter: Primitive = Primitive(
    "pool_scatter",
    rule=_scatter_rule,
    reference=_pool_scatter,
    gradient=lambda g, y, x, index, *, spatial: (pool_gather(g, index), None),
)


def _gather_rule(x: Spec, index: Spec) -> Spec:
    _check_index("pool_gather", x, index)
    if not same_dim(x.shape[0], index.shape[0]) or not same_dim(x.shape[-1], index.shape[-1]):
        raise ShapeError("pool_gather", "batch and channels must agree", x=x, index=index)
    return Spec(index.shape, x.dtype)


def _pool_gather(x: NDArray, index: NDArray) -> NDArray:
    size = math.prod(x.shape[1:-1])
    return np.take(x.reshape(-1), _flat(index, size)).reshape(index.shape)


pool_gather: Primitive = Primitive(
    "pool_gather",
    rule=_gather_rule,
    reference=_pool_gather,
    gradient=lambda g, y, x, index: (
        pool_scatter(g, index, spatial=shape_of(x)[1:-1]),
        None,
    ),
)


# pool_sum and pool_sum_grad: each other's gradient


def _sum_rule(x: Spec, *, window: Ints, strides: Ints, padding: Padding) -> Spec:
    check_kind("pool_sum", NUMBER, x=x)
    return Spec(_pooled("pool_sum", x, window, strides, padding), x.dtype)


def _pool_sum(x: NDArray, *, window: Ints, strides: Ints, padding: Padding) -> NDArray:
    shape = _result_shape(x.shape, window, strides, padding)
    values = wide(x)
    y = np.zeros(shape, values.dtype)
    for _, reads, writes in _taps(x.shape, shape, window, strides, padding):
        y[writes] += values[reads]
    return y.astype(x.dtype, copy=False)


def _sum_grad_rule(
    g: Spec, *, input_shape: Shape, window: Ints, strides: Ints, padding: Padding
) -> Spec:
    check_kind("pool_sum_grad", NUMBER, g=g)
    x = Spec(tuple(input_shape), g.dtype)
    expected = _pooled("pool_sum_grad", x, window, strides, padding)
    if g.ndim != len(expected) or not all(map(same_dim, g.shape, expected)):
        raise ShapeError("pool_sum_grad", "`g` must have the shape of the result of `x`", g=g, x=x)
    return x


def _pool_sum_grad(
    g: NDArray, *, input_shape: Ints, window: Ints, strides: Ints, padding: Padding
) -> NDArray:
    values = wide(g)
    x = np.zeros(input_shape, values.dtype)
    for _, reads, writes in _taps(x.shape, g.shape, window, strides, padding):
        x[reads] += values[writes]
    return x.astype(g.dtype, copy=False)


pool_sum: Primitive = Primitive(
    "pool_sum",
    rule=_sum_rule,
    reference=_pool_sum,
    gradient=lambda g, y, x, **attrs: (pool_sum_grad(g, input_shape=shape_of(x), **attrs),),
)
pool_sum_grad: Primitive = Primitive(
    "pool_sum_grad",
    rule=_sum_grad_rule,
    reference=_pool_sum_grad,
    gradient=lambda g, y, x, *, input_shape, **attrs: (pool_sum(g, **attrs),),
)
