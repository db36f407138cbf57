"""Along which axis each value of a graph must be cut, so that one of them is cut along a given one.

`Batch` follows an axis of inputs forwards. Here the axis is one of any value, and is followed both
ways: to what is made of the value, to what it is made of, and to what is beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

from cornu.graph.batches import cut
from cornu.graph.cutting import Axis, Cut
from cornu.graph.trace import Graph, Node, Tracer, known_shape

__all__ = ["axes_through"]


def axes_through(graph: Graph, value: Tracer, axis: int, chunks: int) -> dict[Tracer, int] | None:
    """Return the axis along which each value is cut; those that are whole aren't in the result.

    Args:
        graph: A graph of known shapes, all of whose nodes shall be cut; sums over the chunks may be
            among its outputs only.
        value: A value of it.
        axis: The axis along which it is cut.
        chunks: Into how many parts.

    Returns:
        The axes, or None if a node can't be cut so.
    """
    return _Axes(graph, value, axis, chunks).solve()


class _Axes:
    def __init__(self, graph: Graph, value: Tracer, axis: int, chunks: int) -> None:
        self.graph = graph
        self.chunks = chunks
        self.axes: dict[Tracer, int] = {value: axis}
        self.fits = True

    def solve(self) -> dict[Tracer, int] | None:
        known = 0
        while self.fits and known != len(self.axes):
            known = len(self.axes)
            for node in (*self.graph.nodes, *reversed(self.graph.nodes)):
                found = self._forwards(node) or self._backwards(node)
                if found is not None:
                    self._note(node.inputs, found.operands)
                    self._note(node.outputs, found.results)
        return self.axes if self.fits and self._all_cut() else None

    def _forwards(self, node: Node) -> Cut | None:
        axes = [self.axes.get(t) for t in node.inputs]
        if all(a is None for a in axes):
            return None
        found = cut(node, axes, self.chunks)
        self.fits &= found is not None
        return found

    def _backwards(self, node: Node) -> Cut | None:
        """Find an axis of an operand that becomes the one along which the result is cut."""
        wanted = [self.axes.get(t) for t in node.outputs]
        if all(a is None for a in wanted):
            return None
        for i, t in enumerate(node.inputs):
            for axis, size in enumerate(known_shape(t)):
                if size == 0 or size % self.chunks:
                    continue
                axes: list[Axis] = [None] * len(node.inputs)
                axes[i] = axis
                found = cut(node, axes, self.chunks)
                if found is not None and all(
                    w in (r, None) for w, r in zip(wanted, found.results, strict=True)
                ):
                    return found
        self.fits = False
        return None

    def _note(self, values: Sequence[Tracer], axes: Sequence[Axis]) -> None:
        for t, axis in zip(values, axes, strict=True):
            if axis is None:
                self.fits &= t not in self.axes
            elif self.axes.setdefault(t, axis) != axis or known_shape(t)[axis] % self.chunks:
                self.fits = False

    def _all_cut(self) -> bool:
        sums: set[Tracer] = set()
        for node in self.graph.nodes:
            axes = [self.axes.get(t) for t in node.inputs]
            if all(a is None for a in axes) or not sums.isdisjoint(node.inputs):
                return False
            found = cut(node, axes, self.chunks)
            if found is None:
                return False
            if found.combine is not None:
                sums.update(node.outputs)
        return True
