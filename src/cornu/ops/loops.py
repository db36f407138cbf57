"""Loops: `while_loop`, `fori_loop`, `scan`, and maps over the first axis.

Where the number of steps is known, the loop is a `scan`, which has a gradient. Variables that a
body writes are carried from step to step.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError, ShapeError, StateError
from cornu.graph import effects
from cornu.graph.dim import DimLike, same_dim
from cornu.graph.effects import Cell
from cornu.graph.spec import Spec, shape_of, spec_of
from cornu.graph.trace import Graph, Trace
from cornu.ops.axes import normalize_axis
from cornu.ops.bodies import (
    Body,
    check_same,
    is_abstract,
    keep_for_gradient,
    known_bool,
    rebuild,
    tensors,
    trace_body,
)
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op, to_dtype
from cornu.primitives import control, slicing
from cornu.primitives import elementwise as p
from cornu.primitives import shape as move

__all__ = ["associative_scan", "fori_loop", "map", "scan", "vectorized_map", "while_loop"]


def _leaves(structure: Any) -> list[Tensor]:
    return [leaf for leaf in tree.flatten(structure) if leaf is not None]


def _trace_loop(
    f: Callable[..., Any], carry: Sequence[Spec], slices: Sequence[Spec]
) -> tuple[Body, list[Cell]]:
    """Trace the body of a loop with all cells that it writes among its carry.

    The first time shows which ones that are, the second time they are bound.

    Args:
        f: Takes the carry and the slices.
        carry: Specs of the carry; those of the cells follow.
        slices: Specs of what changes with each step.
    """
    cells: list[Cell] = []
    while True:
        specs = [*carry, *(c._cornu_spec for c in cells), *slices]
        bound = {cell: len(carry) + i for i, cell in enumerate(cells)}
        body = trace_body(f, specs, bound=bound, hoists=True)
        if len(body.cells) == len(cells):
            return body, cells
        cells = body.cells


# Loops over a known number of steps


@op
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Run a function step after step, handing on what it carries and stacking what it yields.

    carry, y[i] = f(carry, x[i])

    Args:
        f: Takes the carry and a slice of `xs`; returns the next carry and a structure of arrays,
            or None. It may write to Variables.
        init: The carry before the first step: a structure of arrays.
        xs: A structure of arrays with the steps on their first axis; `None`: nothing but `length`.
        length: Number of steps, if there are no `xs`.
        reverse: Whether to begin at the last step; the results stay where their inputs were.
        unroll: Steps per iteration of the loop, a hint which isn't needed here.

    Returns:
        The last carry, and the stacked results.

    Shapes:
        init: (...), xs: (n, ...) -> (...), (n, ...)

    Raises:
        ArgumentError: If the number of steps isn't given, or the carry changes its structure.
        ShapeError: If the carry changes a shape or dtype, or the `xs` differ in their length.

    Example:
        >>> scan(lambda total, x: (total + x, total * x), 0, [1, 2, 3])
        (Array(6, dtype=int32), Array([0, 2, 9], dtype=int32))
    """
    if not callable(f):
        raise ArgumentError("scan", "`f` must be a function", f=f)
    carried = tensors(init)
    stacked = tensors(xs) if not isinstance(xs, list) or _is_nest(xs) else as_tensor(xs)
    state, inputs = _leaves(carried), _leaves(stacked)
    steps = _length(inputs, length)
    n, carry = len(state), [spec_of(s) for s in state]

    def step(*values: Tensor) -> tuple[Any, Any]:
        result = f(rebuild(carried, values[:n]), rebuild(stacked, values[n:]))
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ArgumentError(
                "scan", "`f` must return two things, the carry and a result", returned=result
            )
        return result[0], result[1]

    slices = [Spec(s.shape[1:], s.dtype) for s in _with_steps(inputs)]
    body, cells = _trace_loop(step, carry, slices)
    after, ys = body.structure
    many = len(_leaves(after))
    check_same(
        "scan", "the carry before and after a step", carried, after, (carry, body.specs[:many])
    )
    graph, w = body.graph, len(cells)
    outputs = graph.outputs
    graph.outputs = [*outputs[:n], *outputs[body.results :], *outputs[n : body.results]]
    ins, k = graph.inputs, n + w
    graph.inputs = [*ins[:k], *ins[k + len(inputs) :], *ins[k : k + len(inputs)]]
    found = control.scan(
        *state,
        *(as_tensor(effects.read(cell)) for cell in cells),
        *body.captured,
        *inputs,
        body=graph,
        carry=k,
        constants=len(body.captured),
        length=steps,
        reverse=bool(reverse),
        stacked=keep_for_gradient(),
    )
    for cell, value in zip(cells, found[n:k], strict=True):
        effects.write(cell, value)
    return rebuild(carried, found[:n]), rebuild(ys, found[k : k + body.results - n])


def _with_steps(values: Sequence[Tensor]) -> list[Spec]:
    """Return the Specs of inputs, which must have a first axis.

    Raises:
        ShapeError: If one has no axis.
    """
    specs = [spec_of(v) for v in values]
    for s in specs:
        if not s.ndim:
            raise ShapeError("scan", "every input must have the steps on its first axis", x=s)
    return specs


def _is_nest(xs: Sequence[Any]) -> bool:
    """Say whether a list holds arrays, rather than being the data of one."""
    return any(hasattr(x, "shape") or isinstance(x, (dict, tuple)) for x in xs)


def _length(inputs: Sequence[Tensor], length: int | None) -> DimLike:
    sizes: list[DimLike] = [s.shape[0] for s in _with_steps(inputs)]
    if length is not None:
        sizes.append(operator.index(length))
    if not sizes:
        raise ArgumentError("scan", "there must be `xs` or a `length`")
    known = [d for d in sizes if isinstance(d, int)]
    if not all(same_dim(d, sizes[0]) for d in sizes) or len(set(known)) > 1:
        raise ShapeError("scan", f"the inputs differ in their number of steps: {sizes}")
    return known[0] if known else sizes[0]


@op
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """Apply a function to each slice along the first axis, one after the other.

    y[i] = f(x[i])

    Args:
        f: Takes a structure like `xs`, without the first axis; returns a structure of arrays.
        xs: A structure of arrays with equal first axes.

    Returns:
        The results, stacked.

    Shapes:
        xs: (n, ...) -> (n, ...)

    Example:
        >>> map(lambda x: x * x, [1, 2, 3])
        Array([1, 4, 9], dtype=int32)
    """
    _, ys = scan(lambda carry, x: (carry, f(x)), (), xs)
    return ys


@op
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """Apply a function to each slice along the first axis; the order isn't defined.

    y[i] = function(x[i])

    Args:
        function: Takes a structure like `elements`, without the first axis; returns a structure of
            arrays.
        elements: A structure of arrays with equal first axes.

    Returns:
        The results, stacked.

    Shapes:
        elements: (n, ...) -> (n, ...)

    Example:
        >>> vectorized_map(lambda x: x + 1, [1, 2, 3])
        Array([2, 3, 4], dtype=int32)
    """
    return map(function, elements)


@op
def fori_loop(
    lower: ArrayLike, upper: ArrayLike, body_fun: Callable[[Any, Any], Any], init_val: Any
) -> Any:
    """Run a function for each integer of a range.

    for i in range(lower, upper): value = body_fun(i, value)

    Args:
        lower: First integer.
        upper: One more than the last. If both are known when the loop is made, it has a gradient.
        body_fun: Takes the integer and the value; returns the next value. It may write to
            Variables.
        init_val: The value before the first step: a structure of arrays.

    Returns:
        The last value.

    Raises:
        ArgumentError: If the value changes its structure.
        ShapeError: If the value changes a shape or dtype.

    Example:
        >>> fori_loop(0, 4, lambda i, total: total + i, 10)
        Array(16, dtype=int32)
    """
    first, stop = as_tensor(lower, "int32"), as_tensor(upper, "int32")
    start = tensors(init_val)
    if lower.__class__ is int and upper.__class__ is int and is_abstract(*_leaves(start)):
        numbers = p.add(move.iota(size=max(upper - lower, 0), dtype="int32"), first)
        last, _ = scan(lambda value, i: (body_fun(i, value), None), start, numbers)
        return last
    _, last = while_loop(
        lambda i, _: p.less(i, stop),
        lambda i, value: (p.add(i, as_tensor(1)), body_fun(i, value)),
        (first, start),
    )
    return last


# Loops until a condition fails


@op
def while_loop(
    cond: Callable[..., ArrayLike],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """Run a function as long as a condition holds.

    while cond(*loop_vars): loop_vars = body(*loop_vars)

    Args:
        cond: Takes the loop variables; returns one truth value. It may not write to Variables.
        body: Takes the loop variables; returns their next values, with the same structure, shapes
            and dtypes. It may write to Variables.
        loop_vars: A tuple or list of structures of arrays, or one array.
        maximum_iterations: Steps after which the loop ends anyway. It must be given if a gradient
            is asked for inside a compiled step.

    Returns:
        The last values, as `loop_vars`.

    Raises:
        ArgumentError: If the loop variables change their structure.
        ShapeError: If a loop variable changes its shape or dtype.

    Example:
        >>> while_loop(lambda i: i < 5, lambda i: i + 2, (0,))
        (Array(6, dtype=int32),)
    """
    alone = not isinstance(loop_vars, (tuple, list))
    state = tensors((loop_vars,) if alone else tuple(loop_vars))
    left = None if maximum_iterations is None else operator.index(maximum_iterations)

    def advance(*values: Any) -> tuple[Any, ...]:
        found = body(*values)
        return tuple(found) if isinstance(found, (tuple, list)) and not alone else (found,)

    if is_abstract(*_leaves(state)):
        state = _traced_loop(cond, advance, state, left)
    else:
        state = _python_loop(cond, advance, state, left)
    return state[0] if alone else state if isinstance(loop_vars, tuple) else list(state)


def _python_loop(
    cond: Callable[..., Any], advance: Callable[..., Any], state: Any, left: int | None
) -> Any:
    """Loop over values that are known; where the condition turns out not to be, trace the rest."""
    while left is None or left > 0:
        goes_on = known_bool("while_loop", "condition", as_tensor(cond(*state)))
        if goes_on is None:
            return _traced_loop(cond, advance, state, left)
        if not goes_on:
            break
        after = tensors(advance(*state))
        specs = [spec_of(x) for x in _leaves(state)], [spec_of(x) for x in _leaves(after)]
        check_same("while_loop", _CHANGES, state, after, specs)
        state = after
        left = None if left is None else left - 1
    return state


_CHANGES = "the loop variables before and after a step"


def _traced_loop(
    cond: Callable[..., Any], advance: Callable[..., Any], state: Any, left: int | None
) -> Any:
    values = _leaves(state)
    n, specs = len(values), [spec_of(v) for v in values]
    body, cells = _trace_loop(lambda *flat: advance(*rebuild(state, flat)), specs, [])
    check_same("while_loop", _CHANGES, state, body.structure, (specs, body.specs))

    def truth(*flat: Tensor) -> Tensor:
        found = to_dtype(as_tensor(cond(*rebuild(state, flat))), "bool")
        return move.reshape(found, shape=()) if shape_of(found) != () else found

    bound = {cell: n + i for i, cell in enumerate(cells)}
    carry = [*specs, *(c._cornu_spec for c in cells)]
    test = trace_body(truth, carry, bound=bound, hoists=True)
    k = len(carry)
    kept = zip(test.graph.outputs[1:], test.graph.inputs[n:k], strict=False)
    if len(test.cells) > len(cells) or any(after is not before for after, before in kept):
        raise StateError(
            "while_loop",
            "the condition writes to a Variable, perhaps by drawing random numbers",
            fix="Do it in the body, and hand the result on as a loop variable.",
        )
    test.graph.outputs = test.graph.outputs[:1]
    fixed = list({id(v): v for v in (*body.captured, *test.captured)}.values())
    for part in (body, test):
        own = {id(v): t for v, t in zip(part.captured, part.graph.inputs[k:], strict=True)}
        _take_all(part.graph, k, fixed, own)
    found = control.while_loop(
        *values,
        *(as_tensor(effects.read(cell)) for cell in cells),
        *fixed,
        condition=test.graph,
        body=body.graph,
        carry=k,
        maximum=left,
    )
    for cell, value in zip(cells, found[n:], strict=True):
        effects.write(cell, value)
    return rebuild(state, found[:n])


def _take_all(graph: Graph, k: int, fixed: Sequence[Tensor], own: dict[int, Any]) -> None:
    """Make a graph take all captured values after its first `k` inputs, needed or not."""
    empty = Trace()
    given = [own[id(v)] if id(v) in own else empty.input(spec_of(v)) for v in fixed]
    graph.inputs = [*graph.inputs[:k], *given]


# Scans by an associative function


@op
def associative_scan(
    f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0
) -> Any:
    """Combine all elements up to each place by an associative function.

    y[i] = f(f(f(x[0], x[1]), ...), x[i])

    About log2(n) calls of `f` on whole arrays do it.

    Args:
        f: Takes two structures like `elems`, of any size along `axis`, and combines them element by
            element. f(a, f(b, c)) must equal f(f(a, b), c).
        elems: A structure of arrays with equal sizes along `axis`.
        reverse: Whether to begin at the end.
        axis: The axis.

    Returns:
        A structure like `elems`.

    Shapes:
        elems: any -> the same

    Raises:
        ShapeError: If the sizes differ or aren't known.

    References:
        Hillis and Steele 1986, "Data Parallel Algorithms".

    Example:
        >>> associative_scan(lambda a, b: a + b, as_tensor([1, 2, 3, 4]))
        Array([ 1,  3,  6, 10], dtype=int32)
    """
    elements = (
        tensors(elems) if not isinstance(elems, list) or _is_nest(elems) else as_tensor(elems)
    )
    flat = _leaves(elements)
    places = [normalize_axis("associative_scan", axis, len(shape_of(x)), x) for x in flat]
    sizes = [shape_of(x)[i] for x, i in zip(flat, places, strict=True)]
    n = sizes[0] if sizes else 0
    if not isinstance(n, int) or any(s != n for s in sizes):
        raise ShapeError(
            "associative_scan", f"the sizes along axis {axis} must be known and equal: {sizes}"
        )

    def turned(values: Sequence[Tensor]) -> list[Tensor]:
        if not reverse:
            return list(values)
        return [move.reverse(x, axes=(i,)) for x, i in zip(values, places, strict=True)]

    def part(values: Sequence[Tensor], start: int, stop: int) -> list[Tensor]:
        return [_part(x, i, start, stop) for x, i in zip(values, places, strict=True)]

    values, offset = turned(flat), 1
    while offset < n:  # after this round each place holds the 2 * offset elements that end there
        early, late = part(values, 0, n - offset), part(values, offset, n)
        joined = _leaves(tensors(f(rebuild(elements, early), rebuild(elements, late))))
        head = part(values, 0, offset)
        values = [
            slicing.concatenate(a, b, axis=i) for a, b, i in zip(head, joined, places, strict=True)
        ]
        offset *= 2
    return rebuild(elements, turned(values))


def _part(x: Tensor, axis: int, start: int, stop: int) -> Tensor:
    shape = shape_of(x)
    return slicing.static_slice(
        x,
        start=tuple(start if i == axis else 0 for i in range(len(shape))),
        stop=tuple(stop if i == axis else d for i, d in enumerate(shape)),
        step=(1,) * len(shape),
    )
