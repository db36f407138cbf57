"""Scores: values with a row for each of many queries and a column for each of many keys.

Attention makes such a value from two much smaller ones by a product, and another product soon makes
a small one of it again. Nobody else reads it; so it needn't ever exist as a whole. This file finds
these values and what is done with them, in stages: what a later stage (the backward pass) needs of
an earlier one's large values it computes again from the small ones, such as maxima and sums of
rows, which are kept. `score_loops` then does each stage for a block of queries after the other.

References: Rabe and Staats 2021, "Self-attention Does Not Need O(n^2) Memory", arXiv:2112.05682.
Dao and others 2022, "FlashAttention: Fast and Memory-Efficient Exact Attention with
IO-Awareness", arXiv:2205.14135.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from cornu.backends.native.score_loops import in_loops
from cornu.graph.rewrite import copy_graph, simplify, with_bodies, with_nodes
from cornu.graph.spec import spec_of
from cornu.graph.trace import Graph, Node, Tracer, known_shape
from cornu.graph.workload import bytes_of

__all__ = ["in_blocks"]

_LARGE = 8 << 20  # bytes: smaller scores stay in the cache that all threads share
_RATIO = 4  # times as large as what they are made of

_MOVES = frozenset(("broadcast_to", "reshape", "transpose"))


def in_blocks(graph: Graph, *, shared: bool = True) -> Graph:
    """Return the graph with its scores in blocks, or the graph itself if there are none.

    Args:
        graph: A clean graph of known shapes.
        shared: Whether threads can share the blocks; in a step of a `map` they can't.
    """
    graph = _with_bodies(graph, shared)
    tried: set[Tracer] = set()
    while True:
        roots = (node.outputs[0] for node in graph.nodes if _is_root(node))
        root = next((t for t in roots if t not in tried), None)
        if root is None:
            return graph
        scores = _Scores(graph, root)
        tried |= scores.large
        graph = scores.rewritten(shared) or graph


def _with_bodies(graph: Graph, shared: bool) -> Graph:
    """Rewrite the bodies of loops and branches."""
    nodes = []
    for node in graph.nodes:
        inner = shared and (node.primitive.name != "scan" or node.attrs["carry"] > 0)
        nodes.append(with_bodies(node, partial(in_blocks, shared=inner)))
    return graph if nodes == graph.nodes else with_nodes(graph, nodes)


def _is_root(node: Node) -> bool:
    """Say whether a product makes scores."""
    if node.primitive.name != "dot":
        return False
    size = bytes_of(node.outputs[0])
    return size >= _LARGE and size >= _RATIO * sum(map(bytes_of, node.inputs))


def _is_inside(node: Node) -> bool:
    """Say whether a node can be done for a block of scores, as far as its name tells."""
    name = node.primitive.name
    return (
        node.primitive.elementwise or name == "dot" or name in _MOVES or name.startswith("reduce_")
    )


class _Scores:
    """The scores that one product makes, and what is computed from them and beside them.

    Attributes:
        large: Values of as many elements.
        nodes: Those that read or make such a value, and what lies between them.
        stage: Of each node the number of its stage. What comes from the last product of a stage,
            whatever way, is there only in the next one.
    """

    def __init__(self, graph: Graph, root: Tracer) -> None:
        self.graph = graph
        self.count = math.prod(known_shape(root))
        self.producer = {t: node for node in graph.nodes for t in node.outputs}
        self.readers: dict[Tracer, list[Node]] = {}
        for node in graph.nodes:
            for t in node.inputs:
                self.readers.setdefault(t, []).append(node)
        self.large = {root}
        self.nodes = self._between(self._beside(self._touching(root)))
        self.stage: dict[Node, int] = {}
        self._find_stages()

    def _is_large(self, t: Tracer) -> bool:
        return math.prod(known_shape(t)) == self.count

    def _is_exit(self, node: Node) -> bool:
        return node.primitive.name == "dot" and not self._is_large(node.outputs[0])

    def _touching(self, root: Tracer) -> set[Node]:
        """Return the nodes that are connected with the root by large values."""
        found: set[Node] = set()
        queue = [root]
        while queue:
            t = queue.pop()
            near = list(self.readers.get(t, ()))
            if t in self.producer:
                near.append(self.producer[t])
            for node in near:
                if node in found or not _is_inside(node):
                    continue
                found.add(node)
                for other in (*node.inputs, *node.outputs):
                    if self._is_large(other) and other not in self.large:
                        self.large.add(other)
                        queue.append(other)
        return found

    def _beside(self, touching: set[Node]) -> set[Node]:
        """Leave out what is made without any scores, such as a mask: it comes from outside."""
        kept: set[Node] = set()
        for node in self.graph.nodes:
            if node in touching:
                own = any(self.producer.get(t) in kept for t in node.inputs)
                if own or (node.primitive.name == "dot" and not self._is_exit(node)):
                    kept.add(node)
        return kept

    def _between(self, touching: set[Node]) -> set[Node]:
        """Add what leads from scores to scores by small values: maxima and sums of rows."""
        after: set[Node] = set(touching)
        for node in self.graph.nodes:
            if node not in after and _is_inside(node) and node.primitive.name != "dot":
                makers = (self.producer.get(t) for t in node.inputs)
                if any(m in after and not self._is_exit(m) for m in makers if m is not None):
                    after.add(node)
        found = set(touching)
        needed = {t for node in touching for t in node.inputs}
        for node in reversed(self.graph.nodes):
            if node in after and not needed.isdisjoint(node.outputs):
                found.add(node)
                needed.update(node.inputs)
        return found

    def _has_softmax(self) -> bool:
        """Say whether rows of scores are compared: a wide hidden layer isn't worth doing twice."""
        maxima = (node for node in self.nodes if node.primitive.name == "reduce_max")
        return any(t in self.large for node in maxima for t in node.inputs)

    def _find_stages(self) -> None:
        ready: dict[Tracer, int] = {}
        for node in self.graph.nodes:
            first = 0
            for t in node.inputs:
                maker = self.producer.get(t)
                if maker in self.nodes and maker is not None:
                    done = node not in self.nodes or self._is_exit(maker)
                    first = max(first, self.stage[maker] + done)
                else:
                    first = max(first, ready.get(t, 0))
            if node in self.nodes:
                self.stage[node] = first
            else:
                ready.update(dict.fromkeys(node.outputs, first))

    def rewritten(self, shared: bool) -> Graph | None:
        """Return the graph with each stage as a loop, or None if that can't be."""
        outputs = set(self.graph.outputs)
        crossing: dict[int, dict[Tracer, None]] = {}
        if not self._has_softmax():
            return None
        for node in self.graph.nodes:
            if node not in self.nodes:
                continue
            for t in node.outputs:
                if t in outputs or any(r not in self.nodes for r in self.readers.get(t, ())):
                    if t in self.large:
                        return None  # somebody wants them whole
                    crossing.setdefault(self.stage[node], {})[t] = None
        graph = with_nodes(self.graph, [])
        written: list[Node] = []
        for number in range(max(self.stage.values()), -1, -1):
            if number in crossing:
                stage = _Stage(self, number, crossing)
                root = next((n for n in stage.graph.nodes if self._makes_scores(n)), None)
                if root is None or not in_loops(stage.graph, root, shared):
                    return None
                graph.constants.update(stage.graph.constants)
                written = [*stage.nodes(), *written]
        rest = [node for node in self.graph.nodes if node not in self.nodes]
        graph.nodes = _in_order([*rest, *written], graph)
        return simplify(copy_graph(graph))

    def _makes_scores(self, node: Node) -> bool:
        return node.primitive.name == "dot" and not self._is_exit(node)


class _Stage:
    """One stage as a graph of its own, with what it computes again."""

    def __init__(
        self, scores: _Scores, number: int, crossing: dict[int, dict[Tracer, None]]
    ) -> None:
        self.scores = scores
        self.graph = Graph()
        self.graph.outputs = list(crossing[number])
        self.outside: dict[Tracer, Tracer] = {}  # of each input
        live: set[Node] = set()
        queue = list(self.graph.outputs)
        while queue:
            t = queue.pop()
            maker = scores.producer.get(t)
            if maker is None or maker not in scores.nodes or maker in live:
                continue
            if scores.stage[maker] == number or t in scores.large:
                live.add(maker)
                queue += maker.inputs
            else:
                crossing.setdefault(scores.stage[maker], {})[t] = None
        made = {t for node in live for t in node.outputs}
        for node in scores.graph.nodes:
            if node in live:
                inputs = [t if t in made else self._input(t, node) for t in node.inputs]
                same = Node(node.primitive, inputs, node.attrs, node.layer)
                same.outputs = node.outputs
                self.graph.nodes.append(same)
        self.graph.inputs = list(self.outside)

    def _input(self, t: Tracer, reader: Node) -> Tracer:
        """Return a value for one use alone: each may be cut along an axis of its own."""
        value = self.scores.graph.constants.get(t)
        if value is None:
            same = Tracer(t.trace, t._cornu_spec)
            self.outside[same] = t
            return same
        if _repeats_one(value) and _has_shape_without(reader, t):
            value = value.reshape(-1)[:1].reshape(())
        same = Tracer(t.trace, spec_of(value))
        self.graph.constants[same] = value
        return same

    def nodes(self) -> list[Node]:
        """Return the nodes on the values that are outside."""
        for node in self.graph.nodes:
            node.inputs = [self.outside.get(t, t) for t in node.inputs]
        return self.graph.nodes


def _repeats_one(value: np.ndarray[Any, Any]) -> bool:
    return value.size > 1 and bool(np.all(value == value.flat[0]))


def _has_shape_without(node: Node, t: Tracer) -> bool:
    """Say whether an element-wise node has its shape from other operands than this one."""
    shape = known_shape(node.outputs[0])
    others = [known_shape(o) for o in node.inputs if o is not t]
    return node.primitive.elementwise and shape in others


def _in_order(nodes: Sequence[Node], graph: Graph) -> list[Node]:
    """Return what the outputs need, each node after those that make its operands."""
    producer = {t: node for node in nodes for t in node.outputs}
    found: list[Node] = []
    done: set[Node] = set()
    stack = [(producer[t], False) for t in reversed(graph.outputs) if t in producer]
    while stack:
        node, ready = stack.pop()
        if ready:
            found.append(node)
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            stack += [(producer[t], False) for t in reversed(node.inputs) if t in producer]
    return found
