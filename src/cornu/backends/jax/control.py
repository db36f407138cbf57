"""Control flow on JAX: closed graphs run by `lax.cond`, `lax.while_loop`, `lax.scan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from cornu.backends.jax.gradients import fitting
from cornu.backends.jax.tensors import is_concrete
from cornu.graph.primitive import Run
from cornu.graph.trace import Graph, interpret

__all__ = ["control_table"]

Arrays = tuple[Array, ...]


def control_table(run: Run) -> dict[str, Callable[..., Any]]:
    """Return the entries of the control family, whose bodies run their primitives by `run`."""

    def arrays(graph: Graph, args: tuple[Any, ...]) -> Arrays:
        # A constant that is an output comes as an ndarray.
        return tuple(jnp.asarray(y) for y in interpret(graph, args, run))

    def cond(predicate: Array, *operands: Array, true: Graph, false: Graph) -> Arrays:
        if is_concrete(predicate):  # known: nothing to compile
            return arrays(true if bool(predicate) else false, operands)
        result: Arrays = lax.cond(
            predicate, lambda *xs: arrays(true, xs), lambda *xs: arrays(false, xs), *operands
        )
        return result

    def while_loop(
        *operands: Array, condition: Graph, body: Graph, carry: int, maximum: int | None
    ) -> Arrays:
        start, fixed = tuple(operands[:carry]), operands[carry:]

        def goes_on(state: Arrays) -> Array:
            return arrays(condition, (*state, *fixed))[0]

        def advance(state: Arrays) -> Arrays:
            return arrays(body, (*state, *fixed))

        if maximum is None:
            result: Arrays = lax.while_loop(goes_on, advance, start)
            return result

        # JAX has a gradient for loops over a known number of steps only.
        def step(state: Arrays, _: None) -> tuple[Arrays, None]:
            return lax.cond(goes_on(state), advance, lambda same: same, state), None

        final, _ = lax.scan(step, start, None, maximum)
        return tuple(final)

    def scan(
        *operands: Array,
        body: Graph,
        carry: int,
        constants: int,
        length: int,
        reverse: bool,
        stacked: bool,
    ) -> Arrays:
        fixed = operands[carry : carry + constants]

        def step(state: Arrays, xs: Arrays) -> tuple[Arrays, Arrays]:
            results = arrays(body, (*state, *fixed, *xs))
            return results[:carry], (*results[carry:], *(state if stacked else ()))

        final, stacks = lax.scan(
            step, tuple(operands[:carry]), tuple(operands[carry + constants :]), length, reverse
        )
        return (*final, *stacks)

    return {
        "cond": cond,
        "while_loop": while_loop,
        "scan": scan,
        "custom_gradient": custom_gradient,
    }


def custom_gradient(
    y: Array, *inputs: Array, backward: Callable[..., Any], residuals: int = 0
) -> Array:
    """Return `y`; its cotangent goes to `backward`, which answers with those of the inputs.

    The last `residuals` inputs are operands of `backward` instead.
    """
    split = len(inputs) - residuals
    # Values of an outer derivative that `backward` closes over must be operands to JAX.
    answer, hoisted = jax.closure_convert(
        lambda g, *kept: tuple(backward(g, *kept)), y, *inputs[split:]
    )

    def first(y: Array, inputs: Arrays, hoisted: list[Array]) -> Array:
        return y

    def forward(y: Array, inputs: Arrays, hoisted: list[Array]) -> tuple[Array, Any]:
        return y, (inputs, hoisted)

    def back(saved: Any, g: Array) -> tuple[Any, ...]:
        inputs, hoisted = saved
        cotangents = (*answer(g, *inputs[split:], *hoisted), *[None] * residuals)
        fitted = tuple(map(fitting, cotangents, inputs))
        return jnp.zeros_like(g), fitted, [jnp.zeros_like(h) for h in hoisted]

    identity: Any = jax.custom_vjp(first)
    identity.defvjp(forward, back)
    result: Array = identity(lax.stop_gradient(y), inputs, hoisted)
    return result
