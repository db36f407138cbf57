"""Primitives that run along one axis: cumsum, cumprod, cummax, cummin, cumlogsumexp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cornu.graph.dim import DimLike
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec, shape_of
from cornu.primitives.elementwise import (
    add,
    exp,
    greater,
    is_finite,
    less,
    multiply,
    select,
    subtract,
)
from cornu.primitives.index import scatter_along_axis
from cornu.primitives.precision import is_narrow
from cornu.primitives.rules import (
    FLOAT,
    NUMBER,
    ORDERED,
    Kind,
    NDArray,
    Tensor,
    check_axes,
    check_kind,
    constant,
)
from cornu.primitives.shape import broadcast_to, iota, reshape, reverse, zeros_like
from cornu.primitives.slicing import concatenate, static_slice

__all__ = ["cumlogsumexp", "cummax", "cummin", "cumprod", "cumsum", "shifted"]


def _rule(name: str, kind: Kind) -> Callable[..., Spec]:
    def rule(x: Spec, *, axis: int, reverse: bool) -> Spec:
        check_kind(name, kind, x=x)
        check_axes(name, x, (axis,))
        return x

    return rule


def _running(ufunc: np.ufunc) -> Callable[..., Any]:
    """Return the NumPy reference that accumulates with `ufunc`, in the dtype of the operand."""

    def reference(x: NDArray, *, axis: int, reverse: bool) -> Any:
        dtype = np.float32 if is_narrow(x.dtype) else x.dtype
        if reverse:
            y = np.flip(ufunc.accumulate(np.flip(x, axis), axis=axis, dtype=dtype), axis)
        else:
            y = ufunc.accumulate(x, axis=axis, dtype=dtype)
        return y if y.dtype == x.dtype else y.astype(x.dtype)

    return reference


def _part(x: Tensor, axis: int, start: DimLike, stop: DimLike) -> Tensor:
    shape = shape_of(x)
    return static_slice(
        x,
        start=tuple(start if i == axis else 0 for i in range(len(shape))),
        stop=tuple(stop if i == axis else d for i, d in enumerate(shape)),
        step=(1,) * len(shape),
    )


def shifted(x: Tensor, by: int, axis: int, fill: float) -> Tensor:
    """Return x moved along `axis`, element i at i + by; places without one get `fill`."""
    shape = shape_of(x)
    n = shape[axis]
    if isinstance(n, int) and abs(by) >= n:
        return broadcast_to(constant(fill, x), shape=shape)
    edge = broadcast_to(
        constant(fill, x), shape=tuple(abs(by) if i == axis else d for i, d in enumerate(shape))
    )
    if by > 0:
        return concatenate(edge, _part(x, axis, 0, n - by), axis=axis)
    return concatenate(_part(x, axis, -by, n), edge, axis=axis)


def _recurrence(a: Tensor, b: Tensor, axis: int) -> Tensor:
    """Return s with s[i] = b[i] + a[i] s[i + 1], and s = 0 beyond the end.

    By doubling: log2(n) steps without a division, so that zeros are exact and it can be
    differentiated.

    Raises:
        UnknownDimension: If the axis has no known size.
    """
    n = int(shape_of(a)[axis])
    reach = 1
    while reach < n:
        b = add(b, multiply(a, shifted(b, -reach, axis, 0.0)))
        a = multiply(a, shifted(a, -reach, axis, 0.0))
        reach *= 2
    return b


def _either_way(forward: Callable[..., Tensor]) -> Callable[..., tuple[Tensor]]:
    """Make the gradient of a running operation from that of the forward one."""

    def gradient(g: Tensor, y: Tensor, x: Tensor, *, axis: int, reverse: bool) -> tuple[Tensor]:
        if not reverse:
            return (forward(g, y, x, axis),)
        g, y, x = (_reversed(t, axis) for t in (g, y, x))
        return (_reversed(forward(g, y, x, axis), axis),)

    return gradient


def _reversed(x: Tensor, axis: int) -> Tensor:
    return reverse(x, axes=(axis,))


def _cumprod_gradient(g: Tensor, y: Tensor, x: Tensor, axis: int) -> Tensor:
    """The product of all before times s, where s[i] = g[i] + x[i + 1] s[i + 1]."""
    before = shifted(y, 1, axis, 1.0)
    return multiply(before, _recurrence(shifted(x, -1, axis, 0.0), g, axis))


def _cumlogsumexp_gradient(g: Tensor, y: Tensor, x: Tensor, axis: int) -> Tensor:
    """exp(x[i] - y[i]) s[i], where s[i] = g[i] + exp(y[i] - y[i + 1]) s[i + 1]: no overflow."""
    nothing = constant(0.0, x)
    # While all so far is -inf, differences are NaN; exp(x - y) is 0 there in the limit.
    finite = is_finite(y)
    y = select(finite, y, nothing)
    x = select(finite, x, constant(float("-inf"), x))
    step = exp(subtract(y, shifted(y, -1, axis, float("inf"))))
    step = select(finite, step, nothing)
    return multiply(exp(subtract(x, y)), _recurrence(step, g, axis))


def _extreme_gradient(better: Primitive) -> Callable[..., Tensor]:
    """The cotangent goes where the running extreme was first met."""

    def gradient(g: Tensor, y: Tensor, x: Tensor, axis: int) -> Tensor:
        shape = shape_of(x)
        n = shape[axis]
        line = tuple(n if i == axis else 1 for i in range(len(shape)))
        place = broadcast_to(reshape(iota(size=n, dtype="int32"), shape=line), shape=shape)
        worst = float("-inf") if better is greater else float("inf")
        is_new = better(x, shifted(y, 1, axis, worst))
        first = cummax(select(is_new, place, constant(0, place)), axis=axis, reverse=False)
        return scatter_along_axis(zeros_like(x), first, g, axis=axis, mode="add")

    return gradient


cumsum: Primitive = Primitive(
    "cumsum",
    rule=_rule("cumsum", NUMBER),
    reference=_running(np.add),
    gradient=lambda g, y, x, *, axis, reverse: (cumsum(g, axis=axis, reverse=not reverse),),
)
cumprod: Primitive = Primitive(
    "cumprod",
    rule=_rule("cumprod", NUMBER),
    reference=_running(np.multiply),
    gradient=_either_way(_cumprod_gradient),
)
cummax: Primitive = Primitive(
    "cummax",
    rule=_rule("cummax", ORDERED),
    reference=_running(np.maximum),
    gradient=_either_way(_extreme_gradient(greater)),
)
cummin: Primitive = Primitive(
    "cummin",
    rule=_rule("cummin", ORDERED),
    reference=_running(np.minimum),
    gradient=_either_way(_extreme_gradient(less)),
)
cumlogsumexp: Primitive = Primitive(
    "cumlogsumexp",
    rule=_rule("cumlogsumexp", FLOAT),
    reference=_running(np.logaddexp),
    gradient=_either_way(_cumlogsumexp_gradient),
)
