"""Compiling on graph backends: trace a function with its state into one clean graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cornu.graph import effects
from cornu.graph.backend import Function
from cornu.graph.effects import Cell
from cornu.graph.garbage import no_collection
from cornu.graph.rewrite import simplify
from cornu.graph.spec import Spec
from cornu.graph.trace import Graph, Trace, Tracer, open_trace
from cornu.lazy import later

if TYPE_CHECKING:
    from cornu.graph import loops
else:
    loops = later("cornu.graph.loops")

__all__ = ["Step", "trace_step"]


class Step:
    """A traced function with its state.

    Attributes:
        graph: From (arguments, values of `reads`) to (outputs, new values of `writes`).
        reads: Cells whose values are inputs.
        writes: Cells whose new values are outputs.
        results: How many outputs are the function's own.
    """

    __slots__ = ("graph", "reads", "results", "writes")

    def __init__(self, graph: Graph, reads: list[Cell], writes: list[Cell], results: int) -> None:
        self.graph = graph
        self.reads = reads
        self.writes = writes
        self.results = results


def trace_step(f: Function, specs: Sequence[Spec]) -> Step:
    """Trace `f` on abstract values of these specs.

    The state is whatever cells the trace reads or writes: each becomes an input when it is first
    read, so nothing is ever baked into the graph.
    """
    trace = Trace()
    cells: list[Cell] = []
    state: list[Tracer] = []

    def load(cell: Cell) -> Tracer:
        tracer = Tracer(trace, cell._cornu_spec)
        cells.append(cell)
        state.append(tracer)
        return tracer

    with no_collection():
        with open_trace(trace), effects.scope(load) as scope:
            inputs = [trace.input(s) for s in specs]
            outputs = f(list(inputs))
            own = [trace.lift(o) for o in outputs]
            # A cell that was read inside a transform and written back unchanged is no write.
            writes = [c for c, v in scope.written.items() if v is not scope.bound.get(c)]
            new = [trace.lift(scope.written[c]) for c in writes]
        graph = trace.graph
        graph.inputs = [*inputs, *state]
        graph.outputs = [*own, *new]
        simplify(graph)
        if any(node.primitive.name == "scan" for node in graph.nodes):
            loops.shorten_loops(graph)
    used = {i for node in graph.nodes for i in node.inputs} | set(graph.outputs)
    kept = [(c, t) for c, t in zip(cells, state, strict=True) if t in used]
    graph.inputs = [*inputs, *(t for _, t in kept)]
    return Step(graph, [c for c, _ in kept], writes, len(own))


def cells_of(step: Step) -> list[Any]:
    """Return the cells of a step, without repeats."""
    return list(dict.fromkeys([*step.reads, *step.writes]))
