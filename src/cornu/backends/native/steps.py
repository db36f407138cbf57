"""A stretch of a graph written as one loop: each step does it for a chunk of what is cut.

The loop is a `scan` whose steps don't need one another, or one that adds up from step to step what
is summed over all chunks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cornu.graph.batches import chunk_of, cut, on_chunk
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.rewrite import make_node
from cornu.graph.trace import Graph, Node, Tracer, known_shape

__all__ = ["StepWriter"]


class StepWriter:
    """Writes a loop: what goes in, the loop, what its results are made of.

    Args:
        graph: The graph, for its constants.
        nodes: The stretch.
        axes: Along which axis each value is cut; those that are whole aren't in here.
        chunks: Into how many parts.
        crossing: Values of the stretch that are read elsewhere.
        adds: Whether sums over all chunks are carried from step to step. Otherwise each chunk's
            part is kept, the steps can run at once, and the parts are combined at the end.

    Attributes:
        nodes: What takes the place of the stretch; its results are the very values of `crossing`.
        body: What is done in a step.
        place: The values of the stretch, and what they are in the body.
    """

    def __init__(
        self,
        graph: Graph,
        nodes: Sequence[Node],
        axes: Mapping[Tracer, int],
        chunks: int,
        crossing: Sequence[Tracer],
        *,
        adds: bool = False,
    ) -> None:
        self.constants = graph.constants
        self.trace = nodes[0].outputs[0].trace
        self.axes = axes
        self.chunks = chunks
        self.nodes: list[Node] = []
        self.body = Graph()
        self.place: dict[Tracer, Tracer] = {}
        self.made = {t for node in nodes for t in node.outputs}
        self.whole: dict[Tracer, Tracer] = {}  # to what they are in the body
        self.stacked: list[tuple[Tracer, Tracer]] = []
        self.sliced: dict[tuple[Tracer, int], Tracer] = {}
        self.combine: dict[Tracer, str] = {}
        for node in nodes:
            self._add(node)
        summed = {t for t in crossing if adds and self.combine.get(t) == "reduce_sum"}
        self._write([t for t in crossing if t in summed], [t for t in crossing if t not in summed])

    def _add(self, node: Node) -> None:
        place = self.place
        found = cut(node, [self.axes.get(t) for t in node.inputs], self.chunks)
        assert found is not None
        inputs = []
        for t, axis in zip(node.inputs, found.operands, strict=True):
            if t in self.made:
                inputs.append(place[t])
            else:
                inputs.append(self._constant(t) if axis is None else self._slice(t, axis))
        copy = on_chunk(node, inputs, found.attrs)
        self.body.nodes.append(copy)
        place.update(zip(node.outputs, copy.outputs, strict=True))
        if found.combine is not None:
            self.combine.update(dict.fromkeys(node.outputs, found.combine))

    def _constant(self, t: Tracer) -> Tracer:
        found = self.whole.get(t)
        if found is None:
            if t in self.constants:
                self.body.constants[t] = self.constants[t]
                found = t
            else:
                found = Tracer(t.trace, t._cornu_spec)
            self.whole[t] = found
        return found

    def _slice(self, t: Tracer, axis: int) -> Tracer:
        """Return the chunk of a value from outside of the stretch."""
        found = self.sliced.get((t, axis))
        if found is None:
            found = self.sliced[t, axis] = chunk_of(t, axis, self.chunks)
            self.stacked.append((self._stack(t, axis), found))
        return found

    def _stack(self, t: Tracer, axis: int) -> Tracer:
        """Emit a value with its chunks along a new first axis."""
        shape = known_shape(t)
        chunks = self.chunks
        parts = (*shape[:axis], chunks, shape[axis] // chunks, *shape[axis + 1 :])
        (found,) = self._emit("reshape", [t], {"shape": parts})
        if axis:
            rest = (i for i in range(len(parts)) if i != axis)
            (found,) = self._emit("transpose", [found], {"axes": (axis, *rest)})
        return found

    def _unstack(self, stacked: Tracer, t: Tracer, axis: int) -> None:
        """Emit the whole value from its chunks, in the place of the original."""
        if axis:
            rank = len(known_shape(stacked))
            order = (*range(1, axis + 1), 0, *range(axis + 1, rank))
            (stacked,) = self._emit("transpose", [stacked], {"axes": order})
        self._emit_as(t, "reshape", [stacked], {"shape": known_shape(t)})

    def _emit(self, name: str, inputs: list[Tracer], attrs: dict[str, Any]) -> list[Tracer]:
        node = make_node(name, inputs, attrs, trace=self.trace)
        self.nodes.append(node)
        return node.outputs

    def _emit_as(self, t: Tracer, name: str, inputs: list[Tracer], attrs: dict[str, Any]) -> None:
        node = Node(PRIMITIVES[name], inputs, attrs, "")
        node.outputs = [t]
        self.nodes.append(node)

    def _sum(self, t: Tracer) -> tuple[Tracer, Tracer, Tracer]:
        """Let the body add a step's part to a carry: zeros, the carry, what it is afterwards."""
        part = self.place[t]
        spec = part._cornu_spec
        (zeros,) = self._emit("full", [], {"shape": spec.shape, "value": 0, "dtype": spec.dtype})
        before, after = Tracer(t.trace, spec), Tracer(t.trace, spec)
        node = Node(PRIMITIVES["add"], [before, part], {}, "")
        node.outputs = [after]
        self.body.nodes.append(node)
        return zeros, before, after

    def _write(self, summed: Sequence[Tracer], others: Sequence[Tracer]) -> None:
        body = self.body
        sums = [self._sum(t) for t in summed]
        constants = [(t, inner) for t, inner in self.whole.items() if inner is not t]
        body.inputs = [
            *(before for _, before, _ in sums),
            *(inner for _, inner in constants),
            *(inner for _, inner in self.stacked),
        ]
        body.outputs = [*(after for _, _, after in sums), *(self.place[t] for t in others)]
        attrs = {
            "body": body,
            "carry": len(sums),
            "constants": len(constants),
            "length": self.chunks,
            "reverse": False,
            "stacked": False,
        }
        outside = [
            *(zeros for zeros, _, _ in sums),
            *(t for t, _ in constants),
            *(t for t, _ in self.stacked),
        ]
        results = self._emit("scan", outside, attrs)
        self.nodes[-1].outputs[: len(sums)] = summed
        for t, stacked in zip(others, results[len(sums) :], strict=True):
            axis = self.axes.get(t)
            if axis is not None:
                self._unstack(stacked, t, axis)
            else:
                self._emit_as(t, self.combine[t], [stacked], {"axes": (0,)})
