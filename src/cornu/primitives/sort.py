"""Primitives that order: sort, top_k, searchsorted; and those of unknown size: nonzero, unique."""

from __future__ import annotations

import numpy as np

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim
from cornu.graph.primitive import Primitive, zero
from cornu.graph.spec import Spec, same_dtype, shape_of
from cornu.primitives.index import scatter_along_axis
from cornu.primitives.precision import wide
from cornu.primitives.rules import (
    ANY,
    ORDERED,
    NDArray,
    Tensor,
    check_axes,
    check_kind,
)
from cornu.primitives.shape import zeros_like

__all__ = ["nonzero", "searchsorted", "sort", "top_k", "unique"]


def _scattered(g: tuple[Tensor | None, ...], y: tuple[Tensor, ...], x: Tensor, axis: int) -> Tensor:
    """Bring the cotangents of sorted values back to where the values came from."""
    if g[0] is None:
        return None
    return scatter_along_axis(zeros_like(x), y[1], g[0], axis=axis, mode="add")


# sort


def _sort_rule(x: Spec, *, axis: int) -> tuple[Spec, Spec]:
    check_kind("sort", ORDERED, x=x)
    check_axes("sort", x, (axis,))
    return x, Spec(x.shape, "int32")


def _sort(x: NDArray, *, axis: int) -> tuple[NDArray, NDArray]:
    order = np.argsort(wide(x), axis, kind="stable")  # NaN last
    return np.take_along_axis(x, order, axis), order.astype(np.int32)


sort: Primitive = Primitive(
    "sort",
    rule=_sort_rule,
    reference=_sort,
    gradient=lambda g, y, x, *, axis: (_scattered(g, y, x, axis),),
    multiple=True,
)


# top_k


def _top_k_rule(x: Spec, *, k: int) -> tuple[Spec, Spec]:
    check_kind("top_k", ORDERED, x=x)
    if x.ndim == 0:
        raise ShapeError("top_k", "`x` must have at least one axis", x=x)
    n = x.shape[-1]
    if k < 0 or (isinstance(n, int) and k > n):
        raise ShapeError("top_k", f"k = {k} must lie between 0 and the size of the last axis", x=x)
    shape = (*x.shape[:-1], k)
    return Spec(shape, x.dtype), Spec(shape, "int32")


def _top_k(x: NDArray, *, k: int) -> tuple[NDArray, NDArray]:
    n = x.shape[-1]
    if not 0 <= k <= n:
        raise ValueError("k is out of range")  # the rule says it better
    if k == 1:
        order = np.argmax(x, -1)[..., None]
    else:
        # Sorting backwards from the end keeps the first of equal values in front.
        order = n - 1 - np.argsort(wide(x)[..., ::-1], -1, kind="stable")[..., ::-1][..., :k]
    return np.take_along_axis(x, order, -1), order.astype(np.int32)


top_k: Primitive = Primitive(
    "top_k",
    rule=_top_k_rule,
    reference=_top_k,
    gradient=lambda g, y, x, *, k: (_scattered(g, y, x, len(shape_of(x)) - 1),),
    multiple=True,
)


# searchsorted


def _searchsorted_rule(ordered: Spec, values: Spec, *, side: str) -> Spec:
    same_dtype("searchsorted", ordered, values)
    check_kind("searchsorted", ORDERED, ordered=ordered)
    if ordered.ndim != 1:
        raise ShapeError("searchsorted", "the sorted values must have one axis", ordered=ordered)
    if side not in ("left", "right"):
        raise ArgumentError("searchsorted", f"the side must be 'left' or 'right', not {side!r}")
    return Spec(values.shape, "int32")


def _searchsorted(ordered: NDArray, values: NDArray, *, side: str) -> NDArray:
    place = np.searchsorted(wide(ordered), wide(values), side)  # type: ignore[call-overload]
    return np.asarray(place, np.int32)


searchsorted: Primitive = Primitive(
    "searchsorted", rule=_searchsorted_rule, reference=_searchsorted, gradient=zero
)


# Results whose size is data


def _nonzero_rule(x: Spec) -> tuple[Spec, ...]:
    check_kind("nonzero", ANY, x=x)
    if x.ndim == 0:
        raise ShapeError("nonzero", "`x` must have at least one axis", x=x)
    n = Dim.fresh()
    return tuple(Spec((n,), "int32") for _ in x.shape)


def _nonzero(x: NDArray) -> tuple[NDArray, ...]:
    return tuple(i.astype(np.int32) for i in np.nonzero(x))


nonzero: Primitive = Primitive(
    "nonzero", rule=_nonzero_rule, reference=_nonzero, gradient=zero, multiple=True, dynamic=True
)


def _unique_rule(x: Spec) -> tuple[Spec, Spec, Spec]:
    check_kind("unique", ORDERED, x=x)
    n = Dim.fresh()
    return Spec((n,), x.dtype), Spec(x.shape, "int32"), Spec((n,), "int32")


def _unique(x: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    values, inverse, counts = np.unique(wide(x), return_inverse=True, return_counts=True)
    return (
        values.astype(x.dtype, copy=False),
        inverse.reshape(x.shape).astype(np.int32),
        counts.astype(np.int32),
    )


unique: Primitive = Primitive(
    "unique", rule=_unique_rule, reference=_unique, gradient=None, multiple=True, dynamic=True
)
