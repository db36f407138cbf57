"""Gradients of our own where JAX has none, or another one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.custom_derivatives import SymbolicZero

from cornu.errors import GradientError
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.spec import spec_of

__all__ = ["fitting", "observer", "with_rule"]

_STOP = "Use `ops.stop_gradient` where no gradient should flow."


def observer() -> tuple[Callable[[list[Array]], list[Array]], set[int]]:
    """Return an identity on lists, and the places in them that a cotangent comes back to.

    JAX gives zeros for what a result doesn't depend on. That this is so, and no zero by chance, can
    be seen on the way back only.
    """
    reached: set[int] = set()
    identity: Any = jax.custom_vjp(lambda xs: xs)

    def forward(xs: list[Any]) -> tuple[list[Array], None]:
        return [x.value for x in xs], None

    def backward(_: None, gs: list[Any]) -> tuple[list[Any]]:
        found = [None if isinstance(g, SymbolicZero) else g for g in gs]
        reached.update(i for i, g in enumerate(found) if g is not None)
        return (found,)

    identity.defvjp(forward, backward, symbolic_zeros=True)
    return identity, reached


def fitting(cotangent: Any, x: Array) -> Any:
    """Return a cotangent in the form that JAX wants for `x`; None means zero."""
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        return np.zeros(x.shape, jax.dtypes.float0)  # what JAX calls no cotangent
    return jnp.zeros_like(x) if cotangent is None else cotangent


def with_rule(name: str, function: Callable[..., Array]) -> Callable[..., Array]:
    """Return `function` with the gradient rule of the primitive `name`, or without any."""

    def run(*args: Array, **attrs: Any) -> Array:
        call: Any = jax.custom_vjp(functools.partial(function, **attrs))

        def forward(*args: Array) -> tuple[Array, Any]:
            y = call(*args)
            return y, (y, args)

        def backward(kept: Any, g: Array) -> tuple[Any, ...]:
            y, args = kept
            rule: Any = PRIMITIVES[name].gradient
            if rule is None:
                received = {f"operand {i}": spec_of(a) for i, a in enumerate(args)}
                what = "it has no gradient, and one was asked for"
                raise GradientError(name, what, fix=_STOP, **received)
            return tuple(map(fitting, rule(g, y, *args, **attrs), args))

        call.defvjp(forward, backward)
        result: Array = call(*args)
        return result

    return run
