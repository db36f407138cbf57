"""Loops for a stage of attention: over samples and heads, then over blocks of queries."""

from __future__ import annotations

from cornu.backends.native.steps import StepWriter
from cornu.graph.axes import axes_through
from cornu.graph.trace import Graph, Node, Tracer, known_shape
from cornu.graph.workload import bytes_of

__all__ = ["in_loops"]

_BLOCK = (
    512 << 10
)  # bytes of scores that are there at once: a thread's cache holds some such values
_ROWS = 8  # queries in a block, at least
_SHARES = 8  # steps at least, so that threads find about equal shares


class _Loop:
    """A loop: over an axis of the scores, in how many steps, and whether sums are carried."""

    def __init__(self, axis: int, steps: int, *, adds: bool = False) -> None:
        self.axis = axis
        self.steps = steps
        self.adds = adds


def in_loops(graph: Graph, root: Node, shared: bool) -> bool:
    """Write a graph as loops, in place, and say whether there are any.

    Args:
        graph: What is done with scores, from small values to small values.
        root: One of its products that make scores.
        shared: Whether threads can share the steps.
    """
    loops = _chosen(graph, root, shared)
    return bool(loops) and _nested(graph, root.outputs[0], loops, root.layer)


def _chosen(graph: Graph, root: Node, shared: bool) -> list[_Loop]:
    value = root.outputs[0]
    shape, size = known_shape(value), bytes_of(value)
    outer: list[_Loop] = []
    for axis in sorted(range(len(root.attrs["batch"])), key=lambda i: -shape[i]):
        steps = shape[axis]
        if steps > 1 and size > _BLOCK and _fits(graph, value, axis, steps):
            outer.append(_Loop(axis, steps))
            size //= steps
    if size <= _BLOCK:
        return outer
    for axis in range(len(root.attrs["batch"]), len(shape)):
        blocks = _blocks(shape[axis], size)
        if blocks == 1 or not _fits(graph, value, axis, blocks):
            continue
        inner = [_Loop(axis, blocks, adds=True)]
        if shared and (outer[0].steps if outer else 1) < _SHARES:
            shares = next((d for d in range(_SHARES, blocks + 1) if blocks % d == 0), blocks)
            inner = [_Loop(axis, blocks // shares, adds=True)] if shares < blocks else []
            outer.insert(0, _Loop(axis, shares))
        return outer + inner
    return outer


def _blocks(rows: int, size: int) -> int:
    """Return into how many equal blocks the queries are cut; 1 if there are no good ones."""
    wanted = max(_BLOCK * rows // size, _ROWS)
    for block in range(min(wanted, rows), max(wanted // 4, _ROWS) - 1, -1):
        if rows % block == 0:
            return rows // block
    return 1


def _fits(graph: Graph, value: Tracer, axis: int, steps: int) -> bool:
    return axes_through(graph, value, axis, steps) is not None


def _nested(graph: Graph, value: Tracer, loops: list[_Loop], layer: str) -> bool:
    if not loops:
        return True
    loop, *others = loops
    axes = axes_through(graph, value, loop.axis, loop.steps)
    if axes is None:
        return False
    writer = StepWriter(graph, graph.nodes, axes, loop.steps, graph.outputs, adds=loop.adds)
    for node in writer.nodes:
        node.layer = layer
    graph.nodes = writer.nodes
    return _nested(writer.body, writer.place[value], others, layer)
