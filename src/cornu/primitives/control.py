"""Control flow: branches, loops and custom gradients. Their bodies are closed Graphs.

Gradients recompute the body: the rule of `cond` is a `cond` over the branches' gradient graphs,
that of `scan` a scan that runs backwards. So each can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import GradientError, ShapeError
from cornu.graph.autodiff import gradient_graph
from cornu.graph.dim import DimLike, same_dim
from cornu.graph.dtypes import is_float, numpy_dtype
from cornu.graph.primitive import PRIMITIVES, Primitive, zero
from cornu.graph.spec import Spec, spec_of
from cornu.graph.trace import Graph, close_over, current_trace, interpret

__all__ = ["cond", "custom_gradient", "scan", "stop_gradient", "while_loop"]


def _run(body: Any, args: Sequence[Any]) -> list[Any]:
    """Run a body: an executor passes it compiled, and so callable."""
    return body(args) if callable(body) else interpret(body, args)


def _zeros(spec: Spec) -> Any:
    return PRIMITIVES["full"](shape=spec.shape, value=0, dtype=spec.dtype)


def _filled(gs: Sequence[Any], specs: Sequence[Spec]) -> list[Any]:
    """Return the cotangents of floating values, zeros where none arrived."""
    return [
        _zeros(s) if g is None else g for g, s in zip(gs, specs, strict=True) if is_float(s.dtype)
    ]


def _agree(name: str, what: str, a: Sequence[Spec], b: Sequence[Spec]) -> None:
    fits = len(a) == len(b) and all(
        x.dtype == y.dtype and x.ndim == y.ndim and all(map(same_dim, x.shape, y.shape))
        for x, y in zip(a, b, strict=True)
    )
    if not fits:
        raise ShapeError(name, what, first=str(list(a)), second=str(list(b)))


# Branches


def _cond_rule(predicate: Spec, *operands: Spec, true: Graph, false: Graph) -> tuple[Spec, ...]:
    if predicate.shape != () or predicate.dtype != "bool":
        raise ShapeError("cond", "the predicate must be one boolean", predicate=predicate)
    _agree("cond", "both branches must return equal shapes and dtypes", true.specs, false.specs)
    return tuple(true.specs)


def _cond_numpy(predicate: Any, *operands: Any, true: Any, false: Any) -> tuple[Any, ...]:
    return tuple(_run(true if predicate else false, operands))


def _cond_gradient(
    gs: Sequence[Any], ys: Any, predicate: Any, *operands: Any, true: Graph, false: Graph
) -> tuple[Any, ...]:
    live = [is_float(spec_of(x).dtype) for x in operands]
    if not any(live):
        return (None,) * (1 + len(operands))
    found = iter(
        cond(
            predicate,
            *operands,
            *_filled(gs, true.specs),
            true=gradient_graph(true, live),
            false=gradient_graph(false, live),
        )
    )
    return (None, *(next(found) if needed else None for needed in live))


cond = Primitive(
    "cond", rule=_cond_rule, reference=_cond_numpy, gradient=_cond_gradient, multiple=True
)


# Loops over a known number of steps


def _stacked_spec(length: DimLike, spec: Spec) -> Spec:
    return Spec((length, *spec.shape), spec.dtype)


def _scan_rule(
    *operands: Spec,
    body: Graph,
    carry: int,
    constants: int,
    length: DimLike,
    reverse: bool,
    stacked: bool,
) -> tuple[Spec, ...]:
    xs = operands[carry + constants :]
    for x in xs:
        if not x.shape or not same_dim(x.shape[0], length):
            raise ShapeError("scan", f"every input must have {length} steps on axis 0", x=x)
    slices = [Spec(x.shape[1:], x.dtype) for x in xs]
    given = [*operands[: carry + constants], *slices]
    _agree(
        "scan",
        "the body's inputs must fit what it is given",
        [t._cornu_spec for t in body.inputs],
        given,
    )
    specs = body.specs
    _agree(
        "scan",
        "the body must return its carry with shapes and dtypes unchanged",
        specs[:carry],
        operands[:carry],
    )
    ys = [_stacked_spec(length, s) for s in specs[carry:]]
    before = [_stacked_spec(length, s) for s in operands[:carry]] if stacked else []
    return (*specs[:carry], *ys, *before)


def _scan_numpy(
    *operands: Any, body: Any, carry: int, constants: int, length: int, reverse: bool, stacked: bool
) -> tuple[Any, ...]:
    state = list(operands[:carry])
    fixed = operands[carry : carry + constants]
    xs = operands[carry + constants :]
    specs = body.graph.specs if callable(body) else body.specs
    ys = [np.empty((length, *s.shape), numpy_dtype(s.dtype)) for s in specs[carry:]]
    before = [np.empty((length, *np.shape(c)), c.dtype) for c in state] if stacked else []
    for i in range(length - 1, -1, -1) if reverse else range(length):
        for buffer, value in zip(before, state, strict=False):
            buffer[i] = value
        results = _run(body, [*state, *fixed, *[x[i] for x in xs]])
        state = results[:carry]
        for buffer, value in zip(ys, results[carry:], strict=True):
            buffer[i] = value
    return (*(np.asarray(s) for s in state), *ys, *before)


def _scan_gradient(
    gs: Sequence[Any],
    results: Sequence[Any],
    *operands: Any,
    body: Graph,
    carry: int,
    constants: int,
    length: DimLike,
    reverse: bool,
    stacked: bool,
) -> tuple[Any, ...]:
    """Run the body's gradient graph backwards over the steps.

    It carries the cotangents of the carry and the sums of those of the constants; the cotangents
    of the xs are its stacked results. A cotangent of the stacked carries themselves, which only a
    gradient of a gradient brings, joins at its step.
    """
    if not stacked:
        raise GradientError("scan", "its carries were not kept, so it has no gradient here")
    n_ys = len(body.outputs) - carry
    inputs = [t._cornu_spec for t in body.inputs]
    live = [is_float(s.dtype) for s in inputs]
    carry_specs, constant_specs = inputs[:carry], inputs[carry : carry + constants]
    float_carry = [s for s in carry_specs if is_float(s.dtype)]
    float_constants = [s for s in constant_specs if is_float(s.dtype)]
    before = results[carry + n_ys :]
    fixed = operands[carry : carry + constants]
    xs = operands[carry + constants :]
    y_specs = [_stacked_spec(length, s) for s in body.specs[carry:]]
    g_carry = _filled(gs[:carry], carry_specs)
    g_ys = _filled(gs[carry : carry + n_ys], y_specs)
    stack_specs = [_stacked_spec(length, s) for s in carry_specs]
    g_before = gs[carry + n_ys :]
    some_before = any(g is not None for g in g_before)
    g_before = _filled(g_before, stack_specs) if some_before else []
    back = gradient_graph(body, live)
    add = PRIMITIVES["add"]
    n_c, n_k = len(float_carry), len(float_constants)

    def step(*args: Any) -> list[Any]:
        rest = iter(args)
        g_state = [next(rest) for _ in range(n_c)]
        sums = [next(rest) for _ in range(n_k)]
        held = [next(rest) for _ in range(constants)]
        state = [next(rest) for _ in range(carry)]
        x = [next(rest) for _ in xs]
        g_y = [next(rest) for _ in g_ys]
        g_extra = [next(rest) for _ in g_before]
        found = interpret(back, [*state, *held, *x, *g_state, *g_y])
        g_in, g_held, g_x = found[:n_c], found[n_c : n_c + n_k], found[n_c + n_k :]
        if g_extra:
            g_in = [add(a, b) for a, b in zip(g_in, g_extra, strict=True)]
        sums = [add(a, b) for a, b in zip(sums, g_held, strict=True)]
        return [*g_in, *sums, *g_x]

    slices = [
        *carry_specs,
        *inputs[carry + constants :],
        *(Spec(s.shape[1:], s.dtype) for s in y_specs if is_float(s.dtype)),
        *(float_carry if some_before else []),
    ]
    graph, captured = close_over(step, [*float_carry, *float_constants, *constant_specs, *slices])
    if captured:
        raise AssertionError("the gradient of a closed body captured a value")
    found = scan(
        *g_carry,
        *(_zeros(s) for s in float_constants),
        *fixed,
        *before,
        *xs,
        *g_ys,
        *g_before,
        body=graph,
        carry=n_c + n_k,
        constants=constants,
        length=length,
        reverse=not reverse,
        stacked=current_trace() is not None,
    )
    result = iter(found[: n_c + n_k + sum(live[carry + constants :])])
    return tuple(next(result) if needed else None for needed in live)


scan = Primitive(
    "scan", rule=_scan_rule, reference=_scan_numpy, gradient=_scan_gradient, multiple=True
)


# Loops until a condition fails


def _while_rule(
    *operands: Spec, condition: Graph, body: Graph, carry: int, maximum: int | None
) -> tuple[Spec, ...]:
    if [(s.shape, s.dtype) for s in condition.specs] != [((), "bool")]:
        raise ShapeError(
            "while_loop", "the condition must return one boolean", got=str(condition.specs)
        )
    _agree(
        "while_loop",
        "the body must return its loop variables with shapes and dtypes unchanged",
        body.specs,
        operands[:carry],
    )
    return tuple(body.specs)


def _while_numpy(
    *operands: Any, condition: Any, body: Any, carry: int, maximum: int | None
) -> tuple[Any, ...]:
    state, fixed = list(operands[:carry]), operands[carry:]
    done = 0
    while (maximum is None or done < maximum) and _run(condition, [*state, *fixed])[0]:
        state = _run(body, [*state, *fixed])
        done += 1
    return tuple(np.asarray(s) for s in state)


def _while_gradient(
    gs: Sequence[Any],
    ys: Any,
    *operands: Any,
    condition: Graph,
    body: Graph,
    carry: int,
    maximum: int | None,
) -> tuple[Any, ...]:
    """Differentiate the loop as a scan of `maximum` steps, of which the last ones do nothing."""
    if maximum is None:
        raise GradientError(
            "while_loop",
            "a loop of an unknown number of steps has no gradient in reverse mode",
            fix="Give `maximum_iterations=`, or use `ops.scan` or `ops.fori_loop`.",
        )
    specs = [spec_of(x) for x in operands]
    n = len(operands)

    def step(*args: Any) -> list[Any]:
        (active,) = interpret(condition, args)
        keep = Graph()
        keep.inputs = [*body.inputs]
        keep.outputs = [*body.inputs[:carry]]
        return list(cond(active, *args, true=body, false=keep))

    graph, captured = close_over(step, specs)
    if captured:
        raise AssertionError("the closed body of a loop captured a value")
    attrs: dict[str, Any] = {
        "body": graph,
        "carry": carry,
        "constants": n - carry,
        "length": maximum,
        "reverse": False,
        "stacked": True,
    }
    results = scan(*operands, **attrs)
    filled = [*gs, *[None] * (len(results) - carry)]
    found: tuple[Any, ...] = _scan_gradient(filled, results, *operands, **attrs)
    return found


while_loop = Primitive(
    "while_loop", rule=_while_rule, reference=_while_numpy, gradient=_while_gradient, multiple=True
)


# Gradients by hand


def _custom_gradient(
    g: Any, y: Any, value: Any, *inputs: Any, backward: Any, residuals: int = 0
) -> tuple[Any, ...]:
    kept = inputs[len(inputs) - residuals :]
    return (None, *backward(g, *kept), *(None for _ in kept))


stop_gradient = Primitive("stop_gradient", rule=lambda x: x, reference=lambda x: x, gradient=zero)

# The value itself; its cotangent goes to `backward`, which returns one for each of the inputs. The
# last `residuals` of these are values that `backward` takes besides: in the body of a loop or a
# branch, which runs elsewhere than it was traced, it can't close over them.
custom_gradient = Primitive(
    "custom_gradient",
    rule=lambda value, *inputs, backward, residuals=0: value,
    reference=lambda value, *inputs, backward, residuals=0: value,
    gradient=_custom_gradient,
)
