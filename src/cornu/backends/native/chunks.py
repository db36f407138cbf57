"""Batch runs: a stretch of the graph that goes through a batch becomes one loop over its chunks.

Instruction by instruction, a batch's activations go out to memory and come back, and threads meet
after each. In a batch run a thread carries one chunk through all of the stretch, in memory of its
own that stays in its cache, and then takes the next chunk. The loop is a `scan` that carries
nothing: its body is the stretch on one chunk, planned like any other graph. How many chunks there
are follows from shapes alone, so that results have the same bits on any number of threads.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any

from cornu.backends.native.steps import StepWriter
from cornu.graph.batches import Batch
from cornu.graph.rewrite import copy_graph, simplify, with_nodes
from cornu.graph.trace import Graph, Node, Tracer, known_shape
from cornu.graph.workload import bytes_of, is_heavy, seconds

__all__ = ["in_chunks"]

_MOST = 16  # chunks
_LEAST = 150e-6  # seconds of one thread that are worth a run
_INSTRUCTION = 2e-6  # seconds: less work than this in an instruction isn't worth its call
_SHARE = 0.1  # of a run's time: as much should memory save
_BYTES = 35e9  # a second, from and to the cache that all share
_CACHE = 768 << 10  # bytes of a thread's own second-level cache
_ROWS = 8  # of a product in a loop: fewer leave the multipliers idle


def in_chunks(graph: Graph, given: int) -> Graph:
    """Return the graph with its batch runs, or the graph itself if none is worth while.

    Args:
        graph: A clean graph of known shapes.
        given: How many of its first inputs are arguments; the others are state.
    """
    if sum(map(seconds, graph.nodes)) < _LEAST:
        return graph
    inputs = [t for t in graph.inputs[:given] if known_shape(t)]
    samples = known_shape(inputs[0])[0] if inputs else 0
    chunks = next((c for c in range(_MOST, 1, -1) if samples and samples % c == 0), 1)
    if chunks == 1:
        return graph
    return _Runs(graph, [t for t in inputs if known_shape(t)[0] == samples], chunks).split()


class _Run:
    """One stretch.

    Attributes:
        nodes: Its nodes.
        chunks: Into how many parts it is cut.
        crossing: Values of it that are read elsewhere.
    """

    def __init__(self, nodes: list[Node], chunks: int) -> None:
        self.nodes = nodes
        self.chunks = chunks
        self.made = {t for node in nodes for t in node.outputs}
        self.crossing: list[Tracer] = []


class _Runs:
    def __init__(self, graph: Graph, inputs: Sequence[Tracer], chunks: int) -> None:
        self.graph = graph
        self.batch = Batch(graph, inputs, chunks)
        self.readers: dict[Tracer, list[Node]] = {}
        for node in graph.nodes:
            for t in node.inputs:
                self.readers.setdefault(t, []).append(node)
        self.outputs = set(graph.outputs)

    def split(self) -> Graph:
        self._choose_sums()
        stretches: dict[int, list[Node]] = {}
        for node in self.graph.nodes:
            if node in self.batch.stretch:
                stretches.setdefault(self.batch.stretch[node], []).append(node)
        runs = [run for nodes in stretches.values() for run in self._worth(nodes)]
        if not runs:
            return self.graph
        nodes: list[Node] = []
        for item in _in_order(self.graph.nodes, runs):
            nodes += [item] if isinstance(item, Node) else self._written(item)
        return simplify(copy_graph(with_nodes(self.graph, nodes)))

    def _written(self, run: _Run) -> list[Node]:
        axes = self.batch.axes
        return StepWriter(self.graph, run.nodes, axes, run.chunks, run.crossing).nodes

    def _choose_sums(self) -> None:
        """Leave out sums over the batch whose parts would be larger than what they are made of."""
        batch = self.batch
        for node, found in list(batch.cuts.items()):
            if found.combine is not None:
                parts = batch.chunks * sum(map(bytes_of, node.outputs))
                if parts > sum(map(bytes_of, node.inputs)):
                    batch.leave_whole(node)

    def _worth(self, nodes: list[Node]) -> list[_Run]:
        """Return a run of these nodes if it saves more than it costs."""
        run = _Run(nodes, self._chunks(nodes))
        if run.chunks == 1:
            return []
        inside = set(nodes)
        for t in (t for node in nodes for t in node.outputs):
            if t in self.outputs or any(r not in inside for r in self.readers.get(t, ())):
                run.crossing.append(t)
        crossing = set(run.crossing)
        saved = spent = 0
        for node in nodes:
            found = self.batch.cuts[node]
            if found.combine is not None:
                spent += 2 * run.chunks * sum(map(bytes_of, node.outputs))
            if not is_heavy(node):
                continue
            for t, axis in zip(node.inputs, found.operands, strict=True):
                if axis is None:
                    spent += run.chunks * bytes_of(t)
                elif t in run.made and t not in crossing:
                    saved += 2 * bytes_of(t)
            saved += sum(bytes_of(t) for t in node.outputs if t not in crossing)
        loops = [node for node in nodes if node.primitive.name == "scan"]
        if loops:  # nothing else lets threads share their steps
            worth = all(map(self._stays_in_cache, loops))
        else:
            worth = (saved - spent) / _BYTES > _SHARE * sum(map(seconds, nodes))
        return [run] if worth else []

    def _stays_in_cache(self, loop: Node) -> bool:
        """Say whether a thread can keep what a loop's steps multiply by."""
        operands = self.batch.cuts[loop].operands
        whole = [t for t, axis in zip(loop.inputs, operands, strict=True) if axis is None]
        return sum(map(bytes_of, whole)) <= _CACHE

    def _chunks(self, nodes: list[Node]) -> int:
        work = sum(map(seconds, nodes))
        if work < _LEAST:
            return 1
        calls = sum(map(_calls, nodes))
        rows = min((_rows(node, self.batch.axes) for node in nodes), default=_ROWS)
        most = self.batch.chunks
        for chunks in range(most, 1, -1):
            if most % chunks or rows // chunks < _ROWS:
                continue
            if work / chunks / max(calls, 1) >= _INSTRUCTION:
                return chunks
        return 1


def _calls(node: Node) -> float:
    """Return about how many instructions a node is."""
    if node.primitive.name == "scan":
        return float(node.attrs["length"] * sum(map(_calls, node.attrs["body"].nodes)))
    if is_heavy(node):
        return 1.0
    return 0.2 if node.primitive.elementwise else 0.0


def _rows(node: Node, axes: dict[Tracer, int]) -> int:
    """Return the samples of a loop's step, or very many if it is no loop."""
    if node.primitive.name != "scan":
        return 1 << 30
    return min(known_shape(t)[axes[t]] for t in node.outputs if t in axes)


def _in_order(nodes: Sequence[Node], runs: Sequence[_Run]) -> list[Node | _Run]:
    """Return nodes and runs, each after what it needs, else in the order of the nodes."""
    owner: dict[Node, Node | _Run] = {node: run for run in runs for node in run.nodes}
    place: dict[Any, int] = {}
    for i, node in enumerate(nodes):
        place.setdefault(owner.get(node, node), i)
    producer = {t: owner.get(node, node) for node in nodes for t in node.outputs}
    waits: dict[Any, set[Any]] = {item: set() for item in place}
    followers: dict[Any, list[Any]] = {item: [] for item in place}
    for node in nodes:
        item = owner.get(node, node)
        for t in node.inputs:
            before = producer.get(t)
            if before is not None and before is not item and before not in waits[item]:
                waits[item].add(before)
                followers[before].append(item)
    left = {item: len(needs) for item, needs in waits.items()}
    heap = [(i, item) for item, i in place.items() if not left[item]]
    heapq.heapify(heap)
    found = []
    while heap:
        _, item = heapq.heappop(heap)
        found.append(item)
        for after in followers[item]:
            left[after] -= 1
            if not left[after]:
                heapq.heappush(heap, (place[after], after))
    return found
