"""Primitives that move elements or make them: reshape, transpose, broadcast, reverse, full, iota.

`reduce_sum` stands here too, because it and `broadcast_to` are each other's gradient; `reduce`
exports it beside its kin.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cornu.errors import ShapeError
from cornu.graph.dim import Dim, DimLike, Shape, is_known, same_dim, size
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.primitive import Primitive, zero
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.primitives.precision import is_narrow
from cornu.primitives.rules import NUMBER, NDArray, Tensor, check_axes, check_kind, without

__all__ = [
    "broadcast_to",
    "dim_size",
    "expand",
    "full",
    "iota",
    "reduce_sum",
    "reshape",
    "reverse",
    "transpose",
    "zeros_like",
]


# reshape


def _reshape_rule(x: Spec, *, shape: Shape) -> Spec:
    if is_known(x.shape) and is_known(shape) and size(x.shape) != size(shape):
        raise ShapeError(
            "reshape", f"{size(x.shape)} elements don't fit into the shape {shape}", x=x
        )
    return Spec(shape, x.dtype)


def _reshape(x: NDArray, *, shape: tuple[int, ...]) -> NDArray:
    return x.reshape(shape)


reshape: Primitive = Primitive(
    "reshape",
    rule=_reshape_rule,
    reference=_reshape,
    gradient=lambda g, y, x, *, shape: (reshape(g, shape=shape_of(x)),),
)


# transpose, reverse


def _transpose_rule(x: Spec, *, axes: tuple[int, ...]) -> Spec:
    if sorted(axes) != list(range(x.ndim)):
        raise ShapeError("transpose", f"axes {axes} must name each axis of `x` once", x=x)
    return Spec(tuple(x.shape[a] for a in axes), x.dtype)


def _transpose_gradient(g: Tensor, y: Tensor, x: Tensor, *, axes: tuple[int, ...]) -> tuple[Tensor]:
    inverse = [0] * len(axes)
    for i, a in enumerate(axes):
        inverse[a] = i
    return (transpose(g, axes=tuple(inverse)),)


transpose: Primitive = Primitive(
    "transpose",
    rule=_transpose_rule,
    reference=lambda x, *, axes: x.transpose(axes),
    gradient=_transpose_gradient,
)


def _reverse_rule(x: Spec, *, axes: tuple[int, ...]) -> Spec:
    check_axes("reverse", x, axes)
    return x


def _reverse(x: NDArray, *, axes: tuple[int, ...]) -> NDArray:
    back = slice(None, None, -1)
    return x[tuple(back if i in axes else slice(None) for i in range(x.ndim))]


reverse: Primitive = Primitive(
    "reverse",
    rule=_reverse_rule,
    reference=_reverse,
    gradient=lambda g, y, x, *, axes: (reverse(g, axes=axes),),
)


# broadcast_to and reduce_sum


def _broadcast_rule(x: Spec, *, shape: Shape) -> Spec:
    offset = len(shape) - x.ndim
    fits = offset >= 0 and all(
        same_dim(d, shape[offset + i]) or d == 1 for i, d in enumerate(x.shape)
    )
    if not fits:
        raise ShapeError("broadcast_to", f"`x` doesn't broadcast to the shape {shape}", x=x)
    return Spec(shape, x.dtype)


def _broadcast_gradient(g: Tensor, y: Tensor, x: Tensor, *, shape: Shape) -> tuple[Tensor]:
    old = shape_of(x)
    offset = len(shape) - len(old)
    axes = tuple(
        i
        for i, d in enumerate(shape)
        if i < offset or (isinstance(old[i - offset], int) and old[i - offset] == 1 != d)
    )
    if not axes:
        return (g,)
    return (reshape(reduce_sum(g, axes=axes), shape=old),)


broadcast_to: Primitive = Primitive(
    "broadcast_to",
    rule=_broadcast_rule,
    reference=lambda x, *, shape: np.broadcast_to(x, shape),
    gradient=_broadcast_gradient,
)


def expand(x: Tensor, axes: tuple[int, ...], shape: Shape) -> Tensor:
    """Put the axes that a reduction took away back, each by repetition, up to `shape`."""
    kept = tuple(1 if i in axes else d for i, d in enumerate(shape))
    return broadcast_to(reshape(x, shape=kept), shape=shape)


def _sum_rule(x: Spec, *, axes: tuple[int, ...]) -> Spec:
    check_kind("reduce_sum", NUMBER, x=x)
    check_axes("reduce_sum", x, axes)
    return Spec(without(x.shape, axes), x.dtype)


# A product with a vector of ones is up to ten times as fast as NumPy's own sum over leading or
# short axes (18,432 x 32 floats over axis 0: 0.03 against 0.30 ms), once it is worth the call.
_PRODUCT_FROM = 1024
# Over a longer row NumPy's pairwise sum is fast itself, and more exact.
_LONGEST_ROW = 4096


def _sum(x: NDArray, *, axes: tuple[int, ...]) -> Any:
    if is_narrow(x.dtype):
        return np.add.reduce(x, axis=axes, dtype=np.float32).astype(x.dtype)
    if axes and x.size >= _PRODUCT_FROM and x.dtype.char in "fd" and x.flags.c_contiguous:
        first, k = min(axes), len(axes)
        before, after = x.shape[:first], x.shape[first + k :]
        gone = math.prod(x.shape[first : first + k])
        if max(axes) - first == k - 1 and (after or before):
            if not after:
                if gone <= _LONGEST_ROW:
                    return (x.reshape(-1, gone) @ np.ones(gone, x.dtype)).reshape(before)
            else:
                rows = x.reshape(*before, gone, math.prod(after))
                return np.matmul(np.ones(gone, x.dtype), rows).reshape(*before, *after)
    return np.add.reduce(x, axis=axes, dtype=x.dtype)  # integers stay as narrow as they are


reduce_sum: Primitive = Primitive(
    "reduce_sum",
    rule=_sum_rule,
    reference=_sum,
    gradient=lambda g, y, x, *, axes: (expand(g, axes, shape_of(x)),),
)


# New values


def _full(*, shape: tuple[int, ...], value: float, dtype: str) -> NDArray:
    if value == 0 and not math.copysign(1.0, value) < 0:
        return np.zeros(shape, numpy_dtype(dtype))  # pages of zeros cost nothing until touched
    return np.full(shape, value, numpy_dtype(dtype))


full: Primitive = Primitive(
    "full",
    rule=lambda *, shape, value, dtype: Spec(tuple(shape), dtype),
    reference=_full,
    gradient=zero,
)


def zeros_like(x: Tensor) -> Tensor:
    """Return zeros of the shape and dtype of `x`."""
    spec = spec_of(x)
    return full(shape=spec.shape, value=0, dtype=spec.dtype)


def _iota_rule(*, size: DimLike, dtype: str) -> Spec:
    if not isinstance(size, Dim) and size < 0:
        raise ShapeError("iota", f"the size must not be negative, {size} was given")
    return Spec((size,), dtype)


iota: Primitive = Primitive(
    "iota",
    rule=_iota_rule,
    reference=lambda *, size, dtype: np.arange(size).astype(numpy_dtype(dtype)),
    gradient=zero,
)


def _dim_size_rule(x: Spec, *, axis: int) -> Spec:
    check_axes("dim_size", x, (axis,))
    return Spec((), "int32")


dim_size: Primitive = Primitive(
    "dim_size",
    rule=_dim_size_rule,
    reference=lambda x, *, axis: np.asarray(x.shape[axis], np.int32),
    gradient=zero,
)
