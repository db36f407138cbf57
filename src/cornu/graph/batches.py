"""Which nodes of a graph belong to a batch, sample by sample, and the same nodes on a part of it.

Forward and backward pass go through a batch sample by sample, but where something is summed over
all of them. Between two such sums the work can be done for one chunk of samples after the other, or
for several at once. This file finds those stretches (`Batch`) and writes them down for a chunk
(`on_chunk`); whoever runs the graph decides which of them are worth it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cornu.graph.cutting import Axis, Cut, cut_node
from cornu.graph.rewrite import make_node
from cornu.graph.spec import Spec
from cornu.graph.trace import Graph, Node, Tracer

__all__ = ["Batch", "chunk_of", "cut", "on_chunk"]


class Batch:
    """How a batch runs through a graph.

    Nodes are in stretches, by number: what a stretch needs of the whole batch, such as a mean over
    it, comes from stretches before.

    Args:
        graph: A graph of known shapes.
        inputs: Those of its inputs that have the batch on their first axis.
        chunks: Into how many parts it is cut.

    Attributes:
        axes: Along which axis each value is cut; values that are whole aren't in here.
        cuts: How each node is cut; nodes that work on whole values aren't in here.
        stretch: The number of the stretch that each cut node is in.
    """

    def __init__(self, graph: Graph, inputs: Iterable[Tracer], chunks: int) -> None:
        self.chunks = chunks
        self.axes: dict[Tracer, int] = dict.fromkeys(inputs, 0)
        self.cuts: dict[Node, Cut] = {}
        self.stretch: dict[Node, int] = {}
        self._producer = {t: node for node in graph.nodes for t in node.outputs}
        ready = dict.fromkeys(self.axes, 0)  # from which stretch on there is a value
        given = set(self.axes)
        for node in graph.nodes:
            begin = max((ready.get(t, 0) for t in node.inputs), default=0)
            found = self._cut(node, begin)
            if found is not None:
                self.cuts[node], self.stretch[node] = found, begin
                for t, axis in zip(node.outputs, found.results, strict=True):
                    if axis is not None:
                        self.axes[t] = axis
                    ready[t] = begin + (axis is None)
                continue
            after = (ready.get(t, 0) + (t in self.axes and t not in given) for t in node.inputs)
            ready.update(dict.fromkeys(node.outputs, max(after, default=0)))

    def _cut(self, node: Node, begin: int) -> Cut | None:
        axes = [self.axes.get(t) for t in node.inputs]
        if all(a is None for a in axes):
            return None
        if node.primitive.name == "pool_scatter":
            # Its places can be trusted only beside the `max_pool` that made them.
            made = self._producer.get(node.inputs[1])
            if made is None or self.stretch.get(made) != begin:
                return None
        return cut(node, axes, self.chunks)

    def leave_whole(self, node: Node) -> None:
        """Take a node whose result is combined from the chunks' out of its stretch."""
        del self.cuts[node], self.stretch[node]


def cut(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    """Return how a node is cut, loops included; see `graph.cutting.cut_node`."""
    if node.primitive.name == "scan":
        return _cut_scan(node, axes, chunks)
    return cut_node(node, axes, chunks)


def on_chunk(node: Node, inputs: Sequence[Tracer], attrs: dict[str, Any]) -> Node:
    """Return a node on other operands and with other attributes: those of a chunk.

    Args:
        node: The node.
        inputs: Its operands on the chunk.
        attrs: Its attributes there: `Cut.attrs`.
    """
    trace = node.outputs[0].trace
    return make_node(node.primitive.name, inputs, attrs, layer=node.layer, trace=trace)


def chunk_of(t: Tracer, axis: int, chunks: int) -> Tracer:
    """Return a new value that is a chunk of another."""
    shape, dtype = t._cornu_spec.shape, t._cornu_spec.dtype
    size = shape[axis]
    assert isinstance(size, int)
    return Tracer(t.trace, Spec((*shape[:axis], size // chunks, *shape[axis + 1 :]), dtype))


# Loops


def _cut_scan(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    """Cut a loop whose body goes through the batch sample by sample."""
    attrs = node.attrs
    first_x = attrs["carry"] + attrs["constants"]
    if any(a == 0 for a in axes[first_x:]):
        return None  # the steps
    inner = [*axes[:first_x], *(None if a is None else a - 1 for a in axes[first_x:])]
    body: Graph = attrs["body"]
    known = _through(body, inner, attrs["carry"], chunks)
    if known is None:
        return None
    inner = [known.get(t) for t in body.inputs]
    outer = [known.get(t) for t in body.outputs]
    if any(a is None for a in outer):
        return None  # every chunk would compute the same
    carried = outer[: attrs["carry"]]
    results = [*carried, *(a + 1 for a in outer[attrs["carry"] :] if a is not None)]
    if attrs["stacked"]:
        results += [a + 1 for a in carried if a is not None]
    operands = [*inner[:first_x], *(None if a is None else a + 1 for a in inner[first_x:])]
    return Cut(operands, results, {**attrs, "body": _body_on_chunk(body, known, chunks)})


def _through(
    body: Graph, inner: Sequence[Axis], carry: int, chunks: int
) -> dict[Tracer, int] | None:
    """Follow the batch through a body: the axes of all its values that are cut."""
    given = {t: a for t, a in zip(body.inputs, inner, strict=True) if a is not None}
    own = set(body.inputs)
    while True:
        known, before = dict(given), len(given)
        missing = False
        for node in body.nodes:
            axes = [known.get(t) for t in node.inputs]
            if all(a is None for a in axes):
                continue
            found = cut(node, axes, chunks)
            if found is None or found.combine is not None:
                return None
            for t, has, needs in zip(node.inputs, axes, found.operands, strict=True):
                if has is None and needs is not None:
                    if t in own:
                        if given.setdefault(t, needs) != needs:
                            return None
                    else:
                        missing = True  # perhaps of a carry that turns out to be cut
            results = zip(node.outputs, found.results, strict=True)
            known.update((t, a) for t, a in results if a is not None)
        for t, result in zip(body.inputs[:carry], body.outputs, strict=False):
            a = known.get(result)
            if a is not None and given.setdefault(t, a) != a:
                return None
            if a is None and t in given:
                return None
        if len(given) == before:
            return None if missing else known


def _body_on_chunk(body: Graph, known: dict[Tracer, int], chunks: int) -> Graph:
    copy = Graph()
    place: dict[Tracer, Tracer] = {}
    for t in body.inputs:
        if t in known:
            place[t] = chunk_of(t, known[t], chunks)
    copy.inputs = [place.get(t, t) for t in body.inputs]
    copy.constants = dict(body.constants)
    for node in body.nodes:
        axes = [known.get(t) for t in node.inputs]
        found = None if all(a is None for a in axes) else cut(node, axes, chunks)
        attrs = node.attrs if found is None else found.attrs
        same = on_chunk(node, [place.get(t, t) for t in node.inputs], attrs)
        place.update(zip(node.outputs, same.outputs, strict=True))
        copy.nodes.append(same)
    copy.outputs = [place.get(t, t) for t in body.outputs]
    return copy
