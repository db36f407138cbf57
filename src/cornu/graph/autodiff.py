"""Reverse-mode autodiff on a trace: the gradient is more nodes of the same graph.

Because gradient rules call primitives on tracers, what they record can be differentiated again, and
a gradient inside a step, a branch or another gradient needs nothing special.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.errors import CornuError, GradientError, add_place
from cornu.graph.dtypes import is_float, numpy_dtype
from cornu.graph.garbage import no_collection
from cornu.graph.primitive import PRIMITIVES, Primitive, zero
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import (
    Graph,
    Node,
    Trace,
    Tracer,
    current_trace,
    interpret,
    layer_path,
    open_trace,
)

__all__ = ["backward", "gradient_graph", "value_and_grad"]


def _identity_gradient(g: Any, y: Any, x: Any) -> tuple[Any]:
    return (g,)


# A value of its own for "the input of this gradient", so that uses of the same value elsewhere in
# the graph don't count. An outer gradient flows through it.
identity = Primitive(
    "identity", rule=lambda x: x, reference=lambda x: x, gradient=_identity_gradient
)


def _unbroadcast(g: Any, spec: Spec) -> Any:
    """Sum a cotangent over the axes along which the operand was broadcast."""
    shape = spec_of(g).shape
    if shape == spec.shape:
        return g
    extra = len(shape) - spec.ndim
    stretched = [
        i + extra
        for i, d in enumerate(spec.shape)
        if isinstance(d, int) and d == 1 and shape[i + extra] != 1
    ]
    axes = (*range(extra), *stretched)
    if axes:
        g = PRIMITIVES["reduce_sum"](g, axes=axes)
    if stretched:
        g = PRIMITIVES["reshape"](g, shape=spec.shape)
    return g


def backward(
    trace: Trace, seeds: Sequence[tuple[Tracer, Any]], wrt: Sequence[Tracer], start: int = 0
) -> list[Any]:
    """Record the gradient of the seeded values with respect to `wrt`.

    Args:
        trace: The open trace that holds the nodes.
        seeds: Values and their cotangents.
        wrt: Values to differentiate with respect to; uses of each count from `start` on.
        start: Index of the first node that can depend on `wrt`.

    Returns:
        One cotangent for each of `wrt`: a value, or None where nothing depends on it.

    Raises:
        GradientError: If the path runs through a primitive that has no gradient.
    """
    nodes = trace.graph.nodes[start:]
    wanted = set(wrt)  # by identity: `==` on tracers is an op
    active = set(wrt)
    relevant: list[Node] = []
    for node in nodes:
        if any(i in active for i in node.inputs) and node.primitive.gradient is not zero:
            relevant.append(node)
            active.update(o for o in node.outputs if is_float(o._cornu_spec.dtype))

    cotangents: dict[Tracer, Any] = {}

    def accumulate(target: Tracer, g: Any) -> None:
        known = cotangents.get(target)
        cotangents[target] = g if known is None else PRIMITIVES["add"](known, g)

    for value, g in seeds:
        if value in active:
            accumulate(value, g)
    for node in reversed(relevant):
        gs = [
            cotangents.pop(o, None) if o not in wanted else cotangents.get(o) for o in node.outputs
        ]
        if all(g is None for g in gs):
            continue
        token = layer_path.set(node.layer)
        try:
            _pull_back(node, gs, active, accumulate)
        except CornuError as error:
            if node.layer:
                add_place(error, node.layer)
            raise
        finally:
            layer_path.reset(token)
    return [cotangents.get(w) for w in wrt]


def _pull_back(
    node: Node, gs: list[Any], active: set[Tracer], accumulate: Callable[[Tracer, Any], None]
) -> None:
    primitive = node.primitive
    rule: Any = primitive.gradient  # `zero` was left out before
    if rule is None:
        raise GradientError(
            primitive.name,
            "it has no gradient, and one was asked for",
            fix="Use `ops.stop_gradient` where no gradient should flow.",
            **{f"operand {i}": t._cornu_spec for i, t in enumerate(node.inputs)},
        )
    if primitive.multiple:
        results = rule(tuple(gs), tuple(node.outputs), *node.inputs, **node.attrs)
    else:
        results = rule(gs[0], node.outputs[0], *node.inputs, **node.attrs)
    if len(results) != len(node.inputs):
        raise GradientError(
            primitive.name,
            f"its gradient rule gave {len(results)} cotangents for {len(node.inputs)} operands.",
        )
    for operand, g in zip(node.inputs, results, strict=True):
        if g is None or operand not in active:
            continue
        if primitive.elementwise:
            g = _unbroadcast(g, operand._cornu_spec)
        accumulate(operand, g)


def value_and_grad(
    f: Callable[[list[Any]], tuple[Any, list[Any]]], values: Sequence[Any]
) -> tuple[Any, list[Any], list[Any]]:
    """Differentiate on graph backends: `Backend.value_and_grad`.

    Inside an open trace the gradient is recorded there; eagerly a concrete trace is made for it.

    Args:
        f: Takes the values as a list; returns a scalar and a list of further values.
        values: Floating values to differentiate with respect to.

    Returns:
        The scalar, the further values, and the gradients (None where nothing depends on it).
    """
    trace = current_trace()
    if trace is not None:
        return _record(trace, f, values)
    with open_trace(Trace(concrete=True)) as trace, no_collection():
        loss, aux, grads = _record(trace, f, values)
    return _value(loss), [_value(a) for a in aux], [_value(g) for g in grads]


def _record(
    trace: Trace, f: Callable[[list[Any]], tuple[Any, list[Any]]], values: Sequence[Any]
) -> tuple[Any, list[Any], list[Any]]:
    start = len(trace.graph.nodes)
    fresh = [trace.emit(identity, (v,), {}) for v in values]
    loss, aux = f(fresh)
    spec = spec_of(loss)
    if spec.shape != ():
        raise GradientError(
            "grad", "the function must return a scalar", returned=spec, fix="Take `ops.mean` of it."
        )
    grads: list[Any] = [None] * len(fresh)
    if isinstance(loss, Tracer) and is_float(spec.dtype):
        loss = trace.lift(loss)
        one = np.ones((), numpy_dtype(spec.dtype))
        grads = backward(trace, [(loss, one)], fresh, start)
    return loss, aux, grads


def _value(x: Any) -> Any:
    return x.value if x.__class__ is Tracer else x


def gradient_graph(body: Graph, live: Sequence[bool]) -> Graph:
    """Return the graph that recomputes `body` and pulls cotangents of its outputs back.

    The one tool for `scan`, `cond` and rematerialization.

    Args:
        body: A closed graph.
        live: Which inputs a cotangent is wanted for.

    Returns:
        A graph from (inputs of body, cotangents of its floating outputs) to the cotangents of the
        live inputs; zeros where nothing depends on one.
    """
    trace = Trace()
    with open_trace(trace):
        xs = [trace.input(t._cornu_spec) for t in body.inputs]
        starts = [trace.emit(identity, (x,), {}) for x in xs]
        ys = interpret(body, starts)
        seeds = []
        for y, t in zip(ys, body.outputs, strict=True):
            if is_float(t._cornu_spec.dtype):
                g = trace.input(t._cornu_spec)
                if isinstance(y, Tracer):
                    seeds.append((y, g))
        wanted = [s for s, needed in zip(starts, live, strict=True) if needed]
        grads = backward(trace, seeds, wanted)
        trace.graph.outputs = [
            trace.lift(_zeros(w._cornu_spec) if g is None else g)
            for w, g in zip(wanted, grads, strict=True)
        ]
    return trace.graph


def _zeros(spec: Spec) -> Any:
    return PRIMITIVES["full"](shape=spec.shape, value=0, dtype=spec.dtype)
