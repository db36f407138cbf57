"""Primitives that cut arrays and put them together: slice, pad, concatenate, split and others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import ShapeError
from cornu.graph.dim import Dim, DimLike, Shape, is_known, same_dim
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec, same_dtype, shape_of
from cornu.primitives.elementwise import subtract
from cornu.primitives.rules import INTEGER, NDArray, Tensor, check_axes, check_kind, constant
from cornu.primitives.shape import reduce_sum, zeros_like

__all__ = [
    "concatenate",
    "dynamic_slice",
    "dynamic_update_slice",
    "pad",
    "split",
    "static_slice",
]


# slice and pad: each other's gradient


def _per_axis(name: str, x: Spec, **attrs: Sequence[DimLike]) -> None:
    for word, values in attrs.items():
        if len(values) != x.ndim:
            raise ShapeError(name, f"`{word}` needs one entry per axis, it is {values}", x=x)


def _slice_rule(x: Spec, *, start: Shape, stop: Shape, step: tuple[int, ...]) -> Spec:
    _per_axis("slice", x, start=start, stop=stop, step=step)
    shape: list[DimLike] = []
    for axis, (d, a, b, s) in enumerate(zip(x.shape, start, stop, step, strict=True)):
        bad = s < 1 or (isinstance(a, int) and a < 0)
        if not isinstance(a, Dim) and not isinstance(b, Dim):
            bad = bad or b < a or (isinstance(d, int) and b > d)
        if bad:
            raise ShapeError(
                "slice", f"[{a}:{b}:{s}] isn't a part of axis {axis}, which has {d} elements", x=x
            )
        shape.append((b - a + (s - 1)) // s)
    return Spec(tuple(shape), x.dtype)


def _slice(
    x: NDArray, *, start: tuple[int, ...], stop: tuple[int, ...], step: tuple[int, ...]
) -> NDArray:
    return x[tuple(map(slice, start, stop, step))]


def _slice_gradient(
    g: Tensor, y: Tensor, x: Tensor, *, start: Shape, stop: Shape, step: tuple[int, ...]
) -> tuple[Tensor]:
    high: list[DimLike] = []
    for d, n, a, s in zip(shape_of(x), shape_of(g), start, step, strict=True):
        # What is left beyond the last element that was taken; n may be 0.
        spread = n if s == 1 else _spread(n, s)
        high.append(d - a - spread)
    interior = tuple(s - 1 for s in step)
    return (pad(g, constant(0.0, g), low=start, high=tuple(high), interior=interior),)


def _spread(n: DimLike, step: int) -> DimLike:
    """Return the length of n elements with step - 1 others between each two."""
    if not isinstance(n, Dim) and n == 0:
        return 0
    return (n - 1) * step + 1


static_slice: Primitive = Primitive(
    "slice", rule=_slice_rule, reference=_slice, gradient=_slice_gradient
)


def _pad_rule(x: Spec, value: Spec, *, low: Shape, high: Shape, interior: tuple[int, ...]) -> Spec:
    _per_axis("pad", x, low=low, high=high, interior=interior)
    if value.ndim != 0:
        raise ShapeError("pad", "the value must be 0-d", x=x, value=value)
    shape: list[DimLike] = []
    for axis, (d, a, b, i) in enumerate(zip(x.shape, low, high, interior, strict=True)):
        n = _spread(d, i + 1) + a + b
        if i < 0 or (isinstance(n, int) and n < 0):
            raise ShapeError(
                "pad", f"axis {axis} would get {n} elements by low={a}, high={b}, interior={i}", x=x
            )
        shape.append(n)
    return Spec(tuple(shape), same_dtype("pad", x, value))


def _pad(
    x: NDArray,
    value: NDArray,
    *,
    low: tuple[int, ...],
    high: tuple[int, ...],
    interior: tuple[int, ...],
) -> NDArray:
    if np.ndim(value):
        raise ValueError("the value isn't 0-d")  # the rule says it better
    shape, into, out_of = [], [], []
    for d, a, b, i in zip(x.shape, low, high, interior, strict=True):
        step = i + 1
        n = _spread(d, step) + a + b
        shape.append(n)
        # Element j lands at a + j * step; the first and the last that stay inside:
        first = max(-(a // step), 0)
        last = min((n - 1 - a) // step, d - 1) if n > 0 else -1
        out_of.append(slice(first, max(last + 1, first)))
        into.append(slice(a + first * step, max(a + last * step + 1, a + first * step), step))
    if np.any(value):
        y = np.full(shape, value, x.dtype)
    else:
        y = np.zeros(shape, x.dtype)
    y[tuple(into)] = x[tuple(out_of)]
    return y


def _pad_gradient(
    g: Tensor,
    y: Tensor,
    x: Tensor,
    value: Tensor,
    *,
    low: Shape,
    high: Shape,
    interior: tuple[int, ...],
) -> tuple[Tensor, Tensor]:
    """What was put in is cut out again; what was cropped gets zeros; the rest is the value's."""
    cut, zeros = constant(0.0, g), (0,) * len(low)
    whole = g
    crops = [tuple(-a if isinstance(a, int) and a < 0 else 0 for a in side) for side in (low, high)]
    if any(crops[0]) or any(crops[1]):
        whole = pad(g, cut, low=crops[0], high=crops[1], interior=zeros)
    start = tuple(a + c for a, c in zip(low, crops[0], strict=True))
    stop = tuple(
        a + _spread(d, i + 1) for a, d, i in zip(start, shape_of(x), interior, strict=True)
    )
    towards_x = static_slice(whole, start=start, stop=stop, step=tuple(i + 1 for i in interior))
    axes = tuple(range(len(low)))
    towards_value = subtract(reduce_sum(g, axes=axes), reduce_sum(towards_x, axes=axes))
    return towards_x, towards_value


pad: Primitive = Primitive("pad", rule=_pad_rule, reference=_pad, gradient=_pad_gradient)


# concatenate and split: each other's gradient


def _concatenate_rule(*xs: Spec, axis: int) -> Spec:
    if not xs:
        raise ShapeError("concatenate", "there must be at least one operand")
    check_axes("concatenate", xs[0], (axis,))
    shape = list(xs[0].shape)
    for x in xs[1:]:
        if x.ndim != len(shape) or not all(
            same_dim(d, e) for i, (d, e) in enumerate(zip(x.shape, shape, strict=True)) if i != axis
        ):
            raise ShapeError(
                "concatenate",
                f"all shapes must agree, except along axis {axis}",
                fix=None,
                **{f"operand_{i}": o for i, o in enumerate(xs)},
            )
        for i, d in enumerate(x.shape):
            if i == axis:
                shape[i] = shape[i] + d
            elif isinstance(shape[i], Dim):
                shape[i] = d if isinstance(d, int) else shape[i]
    return Spec(tuple(shape), same_dtype("concatenate", *xs))


def _concatenate_gradient(g: Tensor, y: Tensor, *xs: Tensor, axis: int) -> tuple[Tensor, ...]:
    if len(xs) == 1:
        return (g,)
    parts: tuple[Tensor, ...] = split(g, sizes=tuple(shape_of(x)[axis] for x in xs), axis=axis)
    return parts


concatenate: Primitive = Primitive(
    "concatenate",
    rule=_concatenate_rule,
    reference=lambda *xs, axis: np.concatenate(xs, axis),
    gradient=_concatenate_gradient,
)


def _split_rule(x: Spec, *, sizes: Shape, axis: int) -> tuple[Spec, ...]:
    check_axes("split", x, (axis,))
    total: DimLike = sum(sizes[1:], start=sizes[0]) if sizes else 0
    if not same_dim(total, x.shape[axis]) or (is_known(sizes) and min(sizes, default=0) < 0):
        raise ShapeError("split", f"the sizes {sizes} must add up to axis {axis}", x=x)
    return tuple(Spec((*x.shape[:axis], n, *x.shape[axis + 1 :]), x.dtype) for n in sizes)


def _split(x: NDArray, *, sizes: tuple[int, ...], axis: int) -> tuple[NDArray, ...]:
    if sum(sizes) != x.shape[axis]:
        raise ValueError("sizes don't add up")  # the rule says it better
    before = (slice(None),) * axis
    parts, start = [], 0
    for n in sizes:
        parts.append(x[(*before, slice(start, start + n))])
        start += n
    return tuple(parts)


def _split_gradient(
    g: tuple[Tensor | None, ...], y: tuple[Tensor, ...], x: Tensor, *, sizes: Shape, axis: int
) -> tuple[Tensor]:
    parts = [zeros_like(part) if h is None else h for h, part in zip(g, y, strict=True)]
    return (concatenate(*parts, axis=axis),)


split: Primitive = Primitive(
    "split", rule=_split_rule, reference=_split, gradient=_split_gradient, multiple=True
)


# Slices whose place is data


def _dynamic_rule(name: str, x: Spec, starts: Sequence[Spec], sizes: Shape) -> None:
    if len(starts) != x.ndim or len(sizes) != x.ndim or any(s.ndim for s in starts):
        raise ShapeError(name, "there must be one 0-d start and one size per axis", x=x)
    check_kind(name, INTEGER, **{f"start_{i}": s for i, s in enumerate(starts)})
    for d, n in zip(x.shape, sizes, strict=True):
        if isinstance(d, int) and isinstance(n, int) and not 0 <= n <= d:
            raise ShapeError(name, f"a part of the shape {sizes} doesn't fit into `x`", x=x)


def _dynamic_slice_rule(x: Spec, *starts: Spec, sizes: Shape) -> Spec:
    _dynamic_rule("dynamic_slice", x, starts, sizes)
    return Spec(sizes, x.dtype)


def _window(x: NDArray, starts: Sequence[Any], sizes: Sequence[int]) -> tuple[slice, ...]:
    """Return the slices, each start clamped so that its part fits."""
    window = []
    for d, s, n in zip(x.shape, starts, sizes, strict=True):
        if n > d:
            raise ValueError("the part is too large")  # the rule says it better
        first = min(max(int(s), 0), d - n)
        window.append(slice(first, first + n))
    return tuple(window)


def _dynamic_slice(x: NDArray, *starts: NDArray, sizes: tuple[int, ...]) -> NDArray:
    return x[_window(x, starts, sizes)]


def _dynamic_slice_gradient(
    g: Tensor, y: Tensor, x: Tensor, *starts: Tensor, sizes: Shape
) -> tuple[Tensor | None, ...]:
    return dynamic_update_slice(zeros_like(x), g, *starts), *(None for _ in starts)


dynamic_slice: Primitive = Primitive(
    "dynamic_slice",
    rule=_dynamic_slice_rule,
    reference=_dynamic_slice,
    gradient=_dynamic_slice_gradient,
)


def _dynamic_update_rule(x: Spec, update: Spec, *starts: Spec) -> Spec:
    _dynamic_rule("dynamic_update_slice", x, starts, update.shape)
    return Spec(x.shape, same_dtype("dynamic_update_slice", x, update))


def _dynamic_update(x: NDArray, update: NDArray, *starts: NDArray) -> NDArray:
    y = x.copy()
    y[_window(x, starts, update.shape)] = update
    return y


def _dynamic_update_gradient(
    g: Tensor, y: Tensor, x: Tensor, update: Tensor, *starts: Tensor
) -> tuple[Tensor | None, ...]:
    towards_x = dynamic_update_slice(g, zeros_like(update), *starts)
    towards_update = dynamic_slice(g, *starts, sizes=shape_of(update))
    return towards_x, towards_update, *(None for _ in starts)


dynamic_update_slice: Primitive = Primitive(
    "dynamic_update_slice",
    rule=_dynamic_update_rule,
    reference=_dynamic_update,
    gradient=_dynamic_update_gradient,
)
