"""Gradients that a user gives: `custom_gradient`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from cornu import tree
from cornu.errors import GradientError
from cornu.graph.dim import size
from cornu.graph.dtypes import is_float
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.graph.trace import close_over, interpret
from cornu.ops.bodies import is_abstract
from cornu.ops.op import Tensor, as_tensor, dtype_of, promote_inexact, to_dtype
from cornu.primitives import control, slicing
from cornu.primitives.shape import reshape

__all__ = ["custom_gradient"]


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function a gradient of its own.

    Args:
        f: Returns its value and a function, which takes the cotangent of each array of the value
            and returns those of the arguments of `f` (one alone, or a tuple).

    Returns:
        A function that returns the value.

    Raises:
        GradientError: When a gradient is computed, if there isn't one cotangent per argument.

    Example:
        >>> @custom_gradient
        ... def slow(x):
        ...     return x, lambda upstream: upstream * 0.1
        >>> slow(3.0)
        Array(3., dtype=float32)
    """

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        args = tuple(map(_tensor, args))
        value, backward = f(*args, **kwargs)
        inputs = [x for x in tree.flatten(args) if _is_floating(x)]
        leaves = [x for x in tree.flatten(value) if _is_floating(x)]
        if not inputs or not leaves:
            return value
        whole = _Whole([spec_of(x) for x in leaves], dtype_of(promote_inexact(*leaves, None)[0]))

        def answer(g: Tensor) -> tuple[Any, ...]:
            return _answer(f, backward(*whole.parts(g)), args)

        parts = iter(whole.parts(_attach(whole.join(leaves), inputs, answer)))
        return tree.map_structure(lambda x: next(parts) if _is_floating(x) else x, value)

    return call


def _attach(y: Tensor, inputs: Sequence[Tensor], answer: Callable[..., Any]) -> Tensor:
    if not is_abstract():
        return control.custom_gradient(y, *inputs, backward=answer)
    # A body that is traced runs elsewhere later: what the gradient needs of it must be operands.
    some: list[bool] = []

    def present(g: Tensor) -> list[Tensor]:
        found = answer(g)
        some.extend(x is not None for x in found)
        return [x for x in found if x is not None]

    graph, kept = close_over(present, [spec_of(y)])

    def pull_back(g: Tensor, *residuals: Tensor) -> tuple[Tensor | None, ...]:
        known = iter(interpret(graph, [g, *residuals]))
        return tuple(next(known) if is_there else None for is_there in some)

    return control.custom_gradient(y, *inputs, *kept, backward=pull_back, residuals=len(kept))


def _tensor(x: Any) -> Any:
    def convert(leaf: Any) -> Any:
        is_array = hasattr(leaf, "dtype") or isinstance(leaf, float)
        return as_tensor(leaf) if is_array and leaf.__class__ is not KerasTensor else leaf

    return tree.map_structure(convert, x)


def _is_floating(x: Any) -> bool:
    return hasattr(x, "dtype") and x.__class__ is not KerasTensor and is_float(dtype_of(x))


def _answer(f: Callable[..., Any], found: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the cotangents of the floating arguments, which is what the primitive has."""
    leaves = tree.flatten(args)
    given = tree.flatten(found)
    floating = [_is_floating(x) for x in leaves]
    if len(given) == sum(floating) != len(leaves):
        return tuple(given)  # only for those that can have one
    if len(given) != len(leaves):
        raise GradientError(
            "custom_gradient",
            f"the gradient of {f.__name__} returned {len(given)} cotangents for "
            f"{len(leaves)} arguments",
        )
    return tuple(g for g, x in zip(given, floating, strict=True) if x)


class _Whole:
    """Several arrays as one vector: one value has one cotangent, so that `backward` runs once."""

    def __init__(self, specs: Sequence[Spec], dtype: str) -> None:
        self.specs = specs
        self.dtype = dtype

    def join(self, values: Sequence[Tensor]) -> Tensor:
        if len(values) == 1:
            return values[0]
        flat = [reshape(to_dtype(v, self.dtype), shape=(size(shape_of(v)),)) for v in values]
        return slicing.concatenate(*flat, axis=0)

    def parts(self, whole: Tensor) -> list[Tensor]:
        if len(self.specs) == 1:
            return [whole]
        sizes = tuple(size(s.shape) for s in self.specs)
        rows = slicing.split(whole, sizes=sizes, axis=0)
        return [
            to_dtype(reshape(r, shape=s.shape), s.dtype)
            for r, s in zip(rows, self.specs, strict=True)
        ]
