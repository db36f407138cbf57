"""Choosing between functions by a value: `cond` and `switch`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cornu.errors import ArgumentError
from cornu.graph import effects
from cornu.graph.effects import Cell
from cornu.graph.spec import shape_of, spec_of
from cornu.graph.trace import Graph, Trace, Tracer
from cornu.ops.bodies import Body, check_same, known_bool, rebuild, tensors, trace_body
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op, to_dtype
from cornu.primitives import control
from cornu.primitives import elementwise as p
from cornu.primitives.shape import reshape

__all__ = ["cond", "switch"]


@op
def cond(pred: ArrayLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Run one of two functions, and only that one.

    Both may write to Variables; a Variable that the function which runs doesn't write keeps its
    value.

    Args:
        pred: One truth value. If it is known now, the function simply runs.
        true_fn: Takes nothing; returns a structure of arrays, or None.
        false_fn: Takes nothing; returns the same structure, shapes and dtypes.

    Returns:
        What the function returned.

    Raises:
        ArgumentError: If the structures of the two results differ.
        ShapeError: If a shape or dtype differs, or `pred` is more than one value.

    Example:
        >>> cond(True, lambda: 1.0, lambda: 2.0)
        Array(1., dtype=float32)
    """
    predicate = as_tensor(pred)
    known = known_bool("cond", "predicate", predicate)
    if known is not None:
        return tensors(true_fn() if known else false_fn())
    predicate = to_dtype(predicate, "bool")
    if shape_of(predicate) != ():
        predicate = reshape(predicate, shape=())
    true, false = trace_body(true_fn, ()), trace_body(false_fn, ())
    check_same("cond", "both branches", true.structure, false.structure, (true.specs, false.specs))
    cells = list(dict.fromkeys([*true.cells, *false.cells]))
    before = {cell: as_tensor(effects.read(cell)) for cell in cells}
    operands = list(
        {id(v): v for v in (*true.captured, *false.captured, *before.values())}.values()
    )
    found = control.cond(
        predicate,
        *operands,
        true=_aligned(true, operands, before),
        false=_aligned(false, operands, before),
    )
    for cell, value in zip(cells, found[true.results :], strict=True):
        effects.write(cell, value)
    return rebuild(true.structure, found[: true.results])


def _aligned(body: Body, operands: Sequence[Tensor], before: dict[Cell, Tensor]) -> Graph:
    """Make a branch's graph take all operands and return all cells, written there or not."""
    graph = body.graph
    own = {id(v): t for v, t in zip(body.captured, graph.inputs, strict=True)}
    empty = Trace()
    inputs: dict[int, Tracer] = {
        id(v): own[id(v)] if id(v) in own else empty.input(spec_of(v)) for v in operands
    }
    new = dict(zip(body.cells, graph.outputs[body.results :], strict=True))
    graph.inputs = list(inputs.values())
    graph.outputs = [
        *graph.outputs[: body.results],
        *(new[cell] if cell in new else inputs[id(v)] for cell, v in before.items()),
    ]
    return graph


@op
def switch(index: ArrayLike, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Run one of several functions, and only that one.

    Args:
        index: Which one, from 0; what is out of range means the first or the last.
        branches: Functions that return the same structure, shapes and dtypes.
        *operands: What the function gets.

    Returns:
        What the function returned.

    Raises:
        ArgumentError: If there are no branches, or the structures of their results differ.
        ShapeError: If a shape or dtype differs.

    Example:
        >>> switch(1, [lambda x: x, lambda x: x * 2], 10)
        Array(20, dtype=int32)
    """
    if not branches:
        raise ArgumentError("switch", "there must be at least one branch")
    place = reshape(as_tensor(index, "int32"), shape=())
    given = tensors(operands)

    def among(first: int, last: int) -> Any:
        if first == last:
            return branches[first](*given)
        middle = (first + last + 1) // 2
        return cond(
            p.less(place, as_tensor(middle)),
            lambda: among(first, middle - 1),
            lambda: among(middle, last),
        )

    return tensors(among(0, len(branches) - 1))
