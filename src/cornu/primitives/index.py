"""Primitives whose indices are data: take, gather and scatter.

Negative indices count from the end, negative labels are errors. What is out of range raises while
the primitive runs, naming the index and the bound. Where several updates meet in one place, "set"
keeps the last of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Shape, same_dim, size
from cornu.graph.indices import label_error
from cornu.graph.primitive import Primitive, zero
from cornu.graph.spec import Spec, same_dtype, shape_of, spec_of
from cornu.primitives.elementwise import (
    cast,
    divide,
    equal,
    multiply,
    select,
)
from cornu.primitives.rows import along_axis, checked, combine, row_numbers
from cornu.primitives.rules import INTEGER, NDArray, Tensor, check_axes, check_kind, constant
from cornu.primitives.shape import broadcast_to, full, iota, reshape, transpose, zeros_like

__all__ = [
    "check_labels",
    "gather_nd",
    "scatter_along_axis",
    "scatter_nd",
    "take",
    "take_along_axis",
]

MODES = ("set", "add", "multiply", "max", "min")


def _signed(indices: NDArray) -> NDArray:
    """NumPy doesn't take unsigned 64-bit integers as indices."""
    return indices.astype(np.intp) if indices.dtype.kind == "u" else indices


# check_labels


def _labels_rule(labels: Spec, *, classes: int) -> Spec:
    check_kind("check_labels", INTEGER, labels=labels)
    return labels


def _check_labels(labels: NDArray, *, classes: int) -> NDArray:
    # One pass: as an unsigned number, a negative one is larger than any class.
    unsigned = labels.view(f"u{labels.itemsize}")
    if unsigned.size and unsigned.max() >= classes:
        error = label_error(labels, classes)
        if error is not None:
            raise error
    return labels


# The labels themselves. A negative one, which `take_along_axis` would count from the end, raises.
check_labels: Primitive = Primitive(
    "check_labels", rule=_labels_rule, reference=_check_labels, gradient=zero
)


# take


def _take_rule(x: Spec, indices: Spec, *, axis: int) -> Spec:
    check_axes("take", x, (axis,))
    check_kind("take", INTEGER, indices=indices)
    return Spec((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]), x.dtype)


def _take(x: NDArray, indices: NDArray, *, axis: int) -> NDArray:
    try:
        return np.take(x, _signed(indices), axis)
    except IndexError:
        checked("take", indices, x.shape[axis], axis)
        raise


def _take_gradient(
    g: Tensor, y: Tensor, x: Tensor, indices: Tensor, *, axis: int
) -> tuple[Tensor, None]:
    shape, many = shape_of(x), shape_of(indices)
    places = reshape(indices, shape=(*many, 1))
    if axis == 0:
        return scatter_nd(zeros_like(x), places, g, mode="add"), None
    # The axis comes first, is scattered over, and goes back.
    rank, middle = len(shape), len(many)
    taken = tuple(range(axis, axis + middle))
    order = (*taken, *(i for i in range(rank - 1 + middle) if i not in taken))
    zeros = full(
        shape=(shape[axis], *shape[:axis], *shape[axis + 1 :]), value=0, dtype=spec_of(x).dtype
    )
    moved = scatter_nd(zeros, places, transpose(g, axes=order), mode="add")
    return transpose(moved, axes=(*range(1, axis + 1), 0, *range(axis + 1, rank))), None


take: Primitive = Primitive("take", rule=_take_rule, reference=_take, gradient=_take_gradient)


# take_along_axis


def _along_rule(name: str, x: Spec, indices: Spec, axis: int) -> None:
    check_axes(name, x, (axis,))
    check_kind(name, INTEGER, indices=indices)
    if x.ndim != indices.ndim or not all(
        same_dim(d, e)
        for i, (d, e) in enumerate(zip(x.shape, indices.shape, strict=True))
        if i != axis
    ):
        raise ShapeError(
            name, f"the shapes must agree, except along axis {axis}", x=x, indices=indices
        )


def _take_along_rule(x: Spec, indices: Spec, *, axis: int) -> Spec:
    _along_rule("take_along_axis", x, indices, axis)
    return Spec(indices.shape, x.dtype)


def _take_along(x: NDArray, indices: NDArray, *, axis: int) -> NDArray:
    try:
        return np.take_along_axis(x, _signed(indices), axis)
    except IndexError:
        if x.ndim == indices.ndim:
            checked("take_along_axis", indices, x.shape[axis], axis)
        raise


take_along_axis: Primitive = Primitive(
    "take_along_axis",
    rule=_take_along_rule,
    reference=_take_along,
    gradient=lambda g, y, x, indices, *, axis: (
        scatter_along_axis(zeros_like(x), indices, g, axis=axis, mode="add"),
        None,
    ),
)


# gather_nd


def _depth(name: str, x: Spec, indices: Spec) -> int:
    """Return k, the number of axes that an index vector names."""
    check_kind(name, INTEGER, indices=indices)
    k = indices.shape[-1] if indices.ndim else None
    if not isinstance(k, int) or k > x.ndim:
        raise ShapeError(
            name,
            "the last axis of `indices` must have a known size, at most the rank of `x`",
            x=x,
            indices=indices,
        )
    return k


def _gather_rule(x: Spec, indices: Spec) -> Spec:
    k = _depth("gather_nd", x, indices)
    return Spec((*indices.shape[:-1], *x.shape[k:]), x.dtype)


def _gather(x: NDArray, indices: NDArray) -> NDArray:
    k = indices.shape[-1]
    rows = x.reshape(math.prod(x.shape[:k]), *x.shape[k:])
    taken = rows[row_numbers("gather_nd", x.shape, indices)]
    return taken.reshape((*indices.shape[:-1], *x.shape[k:]))


gather_nd: Primitive = Primitive(
    "gather_nd",
    rule=_gather_rule,
    reference=_gather,
    gradient=lambda g, y, x, indices: (scatter_nd(zeros_like(x), indices, g, mode="add"), None),
)


# Scatter: the two kinds differ only in how they find the place.

# (values, updates, mode) -> values with the updates; (values) -> what is at the places.
_Scatter = Callable[[Tensor, Tensor, str], Tensor]
_Gather = Callable[[Tensor], Tensor]


def _scatter_gradient(
    g: Tensor, y: Tensor, x: Tensor, u: Tensor, mode: str, scatter: _Scatter, gather: _Gather
) -> tuple[Tensor, None, Tensor]:
    if mode == "add":
        return g, None, gather(g)
    if mode == "set":
        return _set_gradient(g, x, u, scatter, gather)
    if mode == "multiply":
        return _multiply_gradient(g, x, u, scatter, gather)
    # All that are equal to the extreme get equal shares.
    dtype = spec_of(x).dtype
    x_wins, u_wins = equal(x, y), equal(u, gather(y))
    count = scatter(cast(x_wins, dtype=dtype), cast(u_wins, dtype=dtype), "add")
    nothing = constant(0.0, x)
    # A count of zero belongs to NaN, which nobody equals.
    share = divide(g, select(equal(count, nothing), constant(1.0, x), count))
    return select(x_wins, share, nothing), None, select(u_wins, gather(share), nothing)


def _set_gradient(
    g: Tensor, x: Tensor, u: Tensor, scatter: _Scatter, gather: _Gather
) -> tuple[Tensor, None, Tensor]:
    """Only the update that stayed gets the cotangent: each leaves its number to find it."""
    shape = shape_of(u)
    number = reshape(iota(size=size(shape), dtype="int32"), shape=shape)
    stayed = scatter(full(shape=shape_of(x), value=-1, dtype="int32"), number, "set")
    nothing = constant(0.0, g)
    towards_x = scatter(g, broadcast_to(nothing, shape=shape), "set")
    return towards_x, None, select(equal(gather(stayed), number), gather(g), nothing)


def _multiply_gradient(
    g: Tensor, x: Tensor, u: Tensor, scatter: _Scatter, gather: _Gather
) -> tuple[Tensor, None, Tensor]:
    """The product of all others, zeros counted apart, since dividing by one is no way to omit it.

    With two zeros among the updates of one place the second derivative misses a term.
    """
    one, nothing = constant(1.0, x), constant(0.0, x)
    ones = broadcast_to(one, shape=shape_of(x))
    towards_x = multiply(g, scatter(ones, u, "multiply"))
    is_zero = equal(u, nothing)
    factors = select(is_zero, one, u)
    product = gather(scatter(x, factors, "multiply"))
    zeros = gather(scatter(zeros_like(x), cast(is_zero, dtype=spec_of(x).dtype), "add"))
    none, single = equal(zeros, nothing), equal(zeros, one)
    others = select(
        is_zero,
        select(single, product, nothing),
        select(none, divide(product, factors), nothing),
    )
    return towards_x, None, multiply(gather(g), others)


def _check_scatter(name: str, x: Spec, updates: Spec, expected: Shape, mode: str) -> Spec:
    if mode not in MODES:
        raise ArgumentError(name, f"the mode must be one of {MODES}, not {mode!r}")
    if updates.ndim != len(expected) or not all(map(same_dim, updates.shape, expected)):
        raise ShapeError(
            name,
            "the shape of `updates` must be that of what is read at `indices`",
            x=x,
            updates=updates,
        )
    return Spec(x.shape, same_dtype(name, x, updates))


def _scatter_rule(x: Spec, indices: Spec, updates: Spec, *, mode: str) -> Spec:
    k = _depth("scatter_nd", x, indices)
    expected = (*indices.shape[:-1], *x.shape[k:])
    return _check_scatter("scatter_nd", x, updates, expected, mode)


def _scatter(x: NDArray, indices: NDArray, updates: NDArray, *, mode: str) -> NDArray:
    k = indices.shape[-1]
    if updates.shape != (*indices.shape[:-1], *x.shape[k:]):
        raise ValueError("shapes don't fit")  # the rule says it better
    y = x.copy()
    width = math.prod(x.shape[k:])
    places = row_numbers("scatter_nd", x.shape, indices)
    rows = y.reshape(math.prod(x.shape[:k]), width)
    combine(rows, places, updates.reshape(places.size, width), mode)
    return y


def _scatter_nd_gradient(
    g: Tensor, y: Tensor, x: Tensor, indices: Tensor, updates: Tensor, *, mode: str
) -> tuple[Tensor, None, Tensor]:
    return _scatter_gradient(
        g,
        y,
        x,
        updates,
        mode,
        lambda t, u, how: scatter_nd(t, indices, u, mode=how),
        lambda t: gather_nd(t, indices),
    )


scatter_nd: Primitive = Primitive(
    "scatter_nd", rule=_scatter_rule, reference=_scatter, gradient=_scatter_nd_gradient
)


def _scatter_along_rule(x: Spec, indices: Spec, updates: Spec, *, axis: int, mode: str) -> Spec:
    _along_rule("scatter_along_axis", x, indices, axis)
    return _check_scatter("scatter_along_axis", x, updates, indices.shape, mode)


def _scatter_along(
    x: NDArray, indices: NDArray, updates: NDArray, *, axis: int, mode: str
) -> NDArray:
    if updates.shape != indices.shape:
        raise ValueError("shapes don't fit")  # the rule says it better
    y = x.copy()
    places = along_axis("scatter_along_axis", x.shape, indices, axis)
    combine(y.reshape(y.size, 1), places, updates.reshape(places.size, 1), mode)
    return y


def _scatter_along_gradient(
    g: Tensor, y: Tensor, x: Tensor, indices: Tensor, updates: Tensor, *, axis: int, mode: str
) -> tuple[Tensor, None, Tensor]:
    return _scatter_gradient(
        g,
        y,
        x,
        updates,
        mode,
        lambda t, u, how: scatter_along_axis(t, indices, u, axis=axis, mode=how),
        lambda t: take_along_axis(t, indices, axis=axis),
    )


scatter_along_axis: Primitive = Primitive(
    "scatter_along_axis",
    rule=_scatter_along_rule,
    reference=_scatter_along,
    gradient=_scatter_along_gradient,
)
