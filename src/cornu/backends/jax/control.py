"""Control flow on JAX: closed graphs run by `lax.cond`, `lax.while_loop`, `lax.scan`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from cornu.backends.jax.gradients import fitting
from cornu.backends.jax.tensors import is_concrete
from cornu.graph.primitive import Run
from cornu.graph.trace import Graph, Tracer, interpret

__all__ = ["control_table"]

Arrays = tuple[Array, ...]


def _form(x: Any) -> Hashable:
    """Return what an attribute says, as a key: equal for graphs that were traced alike."""
    if isinstance(x, float):
        return repr(x)  # 0.0 and -0.0 are equal
    if not isinstance(x, Graph):
        found: Hashable = x
        return found
    places: dict[Tracer, int] = {}

    def place(t: Tracer) -> int:
        return places.setdefault(t, len(places))

    return (
        tuple((place(t), t._cornu_spec) for t in x.inputs),
        tuple((place(t), t._cornu_spec, value.tobytes()) for t, value in x.constants.items()),
        tuple(
            (
                node.primitive.name,
                tuple(map(place, node.inputs)),
                tuple(map(place, node.outputs)),
                tuple((name, _form(value)) for name, value in node.attrs.items()),
            )
            for node in x.nodes
        ),
        tuple(map(place, x.outputs)),
    )


class _Loop:
    """A loop with its attributes, equal to others that compute the same."""

    __slots__ = ("attrs", "form", "function")

    def __init__(self, function: Callable[..., Arrays], attrs: dict[str, Any]) -> None:
        self.function = function
        self.attrs = attrs
        self.form = (function, *((name, _form(value)) for name, value in attrs.items()))

    def __hash__(self) -> int:
        return hash(self.form)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Loop) and self.form == other.form


@functools.lru_cache(256)
def _compiled(loop: _Loop) -> Callable[..., Arrays]:
    """Return the loop compiled; JAX alone would compile it anew in each call."""
    compiled: Callable[..., Arrays] = jax.jit(functools.partial(loop.function, **loop.attrs))
    return compiled


def _compiled_once(function: Callable[..., Arrays]) -> Callable[..., Arrays]:
    def run(*operands: Array, **attrs: Any) -> Arrays:
        if all(map(is_concrete, operands)):
            return _compiled(_Loop(function, attrs))(*operands)
        return function(*operands, **attrs)  # a part of what is compiled

    return run


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
        "while_loop": _compiled_once(while_loop),
        "scan": _compiled_once(scan),
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
