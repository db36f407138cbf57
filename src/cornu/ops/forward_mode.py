"""Derivatives in a direction: `jvp`, made of two gradients in reverse mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cornu import tree
from cornu.backends import current
from cornu.errors import ArgumentError
from cornu.graph import effects
from cornu.graph.dtypes import is_float
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.ops.bodies import rebuild, tensors
from cornu.ops.op import Tensor, dtype_of, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.shape import full, zeros_like

__all__ = ["jvp"]


def jvp(
    fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """Return the value of a function and its derivative in a direction.

    The gradient of <u, f(x)> is linear in u; its derivative by u, in the direction v, is f'(x) v.

    Args:
        fun: Takes the primals; returns a structure of floating arrays.
        primals: Where: a tuple of structures of floating arrays.
        tangents: In which direction: the same structures.
        has_aux: Whether `fun` returns a pair, of which only the first is differentiated.

    Returns:
        The pair (value, derivative), and the second of the pair if `has_aux`.

    Raises:
        ArgumentError: If primals and tangents differ in their structure, or aren't floating.

    Example:
        >>> jvp(lambda x: x * x, (3.0,), (1.0,))
        (Array(9., dtype=float32), Array(6., dtype=float32))
    """
    given, along = tensors(tuple(primals)), tensors(tuple(tangents))
    xs = tree.flatten(given)
    vs = [to_dtype(v, dtype_of(x)) for v, x in zip(tree.flatten(along), xs, strict=False)]
    if len(tree.flatten(along)) != len(xs) or not all(is_float(dtype_of(x)) for x in xs):
        raise ArgumentError(
            "jvp",
            "there must be one tangent for each primal, all floating",
            primals=xs,
            tangents=vs,
        )
    found: list[Any] = []

    def run(values: Sequence[Tensor]) -> list[Tensor]:
        result = tensors(fun(*rebuild(given, values)))
        found[:] = result if has_aux else (result,)
        return [leaf for leaf in tree.flatten(tuple(found)) if leaf is not None]

    with effects.scope():  # what `fun` writes belongs to no step
        specs = [spec_of(y) for y in run(xs)]
        count = len(tree.flatten(found[0]))
        backend = current("ops.jvp")

        def slope(us: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
            def weighted(values: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
                ys = run(values)
                return _inner(ys[:count], us), ys

            _, ys, grads = backend.value_and_grad(weighted, xs)
            pairs = [(g, v) for g, v in zip(grads, vs, strict=True) if g is not None]
            return _inner([g for g, _ in pairs], [v for _, v in pairs]), ys

        us = [_ones(s) for s in specs[:count]]
        _, ys, derivative = backend.value_and_grad(slope, us)
    directions = [zeros_like(u) if d is None else d for d, u in zip(derivative, us, strict=True)]
    values = rebuild(tuple(found), [backend.wrap(y) for y in ys])
    result = (values[0], rebuild(found[0], [backend.wrap(d) for d in directions]))
    return (*result, values[1]) if has_aux else result


def _ones(spec: Spec) -> Tensor:
    return full(shape=spec.shape, value=1, dtype=spec.dtype)


def _inner(a: Sequence[Tensor], b: Sequence[Tensor]) -> Tensor:
    total: Tensor = full(shape=(), value=0, dtype="float32" if not a else dtype_of(a[0]))
    for x, y in zip(a, b, strict=True):
        part = reduce_sum(p.multiply(x, y), axes=tuple(range(len(shape_of(x)))))
        total = p.add(total, to_dtype(part, dtype_of(total)))
    return total
