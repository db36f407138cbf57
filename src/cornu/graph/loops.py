"""Shorter loops: what a step of a scan needn't do is done for all steps at once.

Three things leave the body of a `scan`:

- what doesn't depend on the carry: it is computed for all steps together, where it is one large
  product or one pass instead of many small ones;
- sums of products, such as the gradient of a recurrent kernel: their factors are kept and
  multiplied once, over all steps;
- what the loop of a gradient would compute again that the loop before it has computed: that one
  keeps it.

The gradient rule of `scan` recomputes the body, so that it can be differentiated again; this makes
the result as short as a rule by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.graph.rewrite import copy_graph, make_node, simplify
from cornu.graph.spec import Spec
from cornu.graph.trace import Graph, Node, Tracer
from cornu.graph.vectorize import Stacked, vectorized

__all__ = ["shorten_loops"]

_SMALL = 64  # elements of constants that are compared by value


def shorten_loops(graph: Graph) -> None:
    """Rewrite the scans of a graph whose shapes are known, in place."""
    _Shortener(graph).run()
    simplify(graph)


class _Loop:
    """A scan that has been rewritten.

    Attributes:
        node: The scan.
        body: Its body.
        original: All nodes of the body before anything left it.
        given: The value outside of each of the body's inputs; of a carry, its stacked values.
        constants: The body's constants.
        known: What left the body: its value outside.
    """

    def __init__(self, node: Node, body: Graph) -> None:
        self.node = node
        self.body = body
        self.original = list(body.nodes)
        self.constants = dict(body.constants)
        self.carry: int = node.attrs["carry"]
        self.length: int = node.attrs["length"]
        self.known: dict[Tracer, Stacked] = {}
        self.kept: dict[Tracer, Tracer] = {}
        carry, constants = self.carry, node.attrs["constants"]
        before = node.outputs[len(node.outputs) - carry :] if node.attrs["stacked"] else []
        values = [*before, *node.inputs[carry:]] if before else node.inputs[carry:]
        inputs = body.inputs if before else body.inputs[carry:]
        self.given = dict(zip(inputs, values, strict=True))
        self.fixed = set(body.inputs[carry : carry + constants])

    def keep(self, t: Tracer) -> Tracer:
        """Return the stacked values of a body's value, which the loop keeps from now on."""
        known = self.known.get(t)
        if known is not None and known[0]:
            return known[1]
        found = self.kept.get(t)
        if found is None:
            for place, y in enumerate(self.body.outputs[self.carry :]):
                if y is t:
                    found = self.node.outputs[self.carry + place]
        if found is None:
            spec = t._cornu_spec
            found = Tracer(t.trace, Spec((self.length, *spec.shape), spec.dtype))
            self.node.outputs.insert(len(self.body.outputs), found)
            self.body.outputs.append(t)
        self.kept[t] = found
        return found


class _Shortener:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[Node] = []
        self.replaced: dict[Tracer, Tracer] = {}
        self.loops: dict[Tracer, _Loop] = {}
        self.used = {t for node in graph.nodes for t in node.inputs} | set(graph.outputs)
        self.layer = ""

    def run(self) -> None:
        for node in self.graph.nodes:
            node.inputs = [self.replaced.get(t, t) for t in node.inputs]
            if node.primitive.name == "scan" and isinstance(node.attrs["length"], int):
                self.layer = node.layer
                self._shorten(node)
            else:
                self.nodes.append(node)
        self.graph.nodes = self.nodes
        self.graph.outputs = [self.replaced.get(t, t) for t in self.graph.outputs]

    def _emit(self, name: str, inputs: Sequence[Tracer], attrs: dict[str, Any]) -> list[Tracer]:
        node = make_node(name, inputs, attrs, layer=self.layer)
        self.nodes.append(node)
        return node.outputs

    def _shorten(self, scan: Node) -> None:
        body = simplify(copy_graph(scan.attrs["body"]))
        node = Node(scan.primitive, scan.inputs, {**scan.attrs, "body": body}, scan.layer)
        node.outputs = list(scan.outputs)
        loop = _Loop(node, body)
        sums = self._sums(loop)
        self._hoist(loop, [t for _, term in sums for t in term.inputs])
        self.nodes.append(node)
        self._finish(loop, sums)
        for t in node.outputs:
            self.loops[t] = loop

    # What doesn't depend on the carry

    def _hoist(self, loop: _Loop, wanted: Sequence[Tracer]) -> None:
        body, known = loop.body, loop.known
        for t in body.inputs[loop.carry :]:
            known[t] = (t not in loop.fixed, loop.given[t])
        for t, value in body.constants.items():
            known[t] = (False, t)
            self.graph.constants[t] = value
        twins = _Twins(self, loop)
        stays = []
        for node in body.nodes:
            if twins.take(node):
                continue
            operands = [twins.value(t) for t in node.inputs]
            known_all = bool(operands) and all(o is not None for o in operands)
            if known_all and self._move(loop, node, operands):
                continue
            stays.append(node)
        for node in stays:
            for t in node.inputs:
                twins.value(t)
        for t in (*body.outputs, *wanted):
            twins.value(t)
        body.nodes = stays

    def _move(self, loop: _Loop, node: Node, operands: Any) -> bool:
        if any(isinstance(v, Graph) for v in node.attrs.values()):
            return False
        stacked = any(s for s, _ in operands)
        if stacked:
            found = vectorized(node, operands, loop.length, self._emit)
        else:
            found = self._emit(node.primitive.name, [t for _, t in operands], node.attrs)
        if found is None:
            return False
        for t, value in zip(node.outputs, found, strict=True):
            loop.known[t] = (stacked, value)
        return True

    # Sums over the steps

    def _sums(self, loop: _Loop) -> list[tuple[int, Node]]:
        """Take sums of products out of the body; return the carries and the products."""
        body, found = loop.body, []
        uses: dict[Tracer, int] = {}
        for node in body.nodes:
            for t in node.inputs:
                uses[t] = uses.get(t, 0) + 1
        for t in body.outputs:
            uses[t] = uses.get(t, 0) + 1
        made = {t: node for node in body.nodes for t in node.outputs}
        stacked = loop.node.attrs["stacked"]
        before = loop.node.outputs[len(loop.node.outputs) - loop.carry :] if stacked else []
        for i in range(loop.carry):
            carried, total = body.inputs[i], made.get(body.outputs[i])
            if before and before[i] in self.used:
                continue
            if total is None or total.primitive.name != "add" or uses.get(carried) != 1:
                continue
            a, b = total.inputs
            if uses[total.outputs[0]] != 1 or (a is not carried and b is not carried):
                continue
            term = made.get(b if a is carried else a)
            if term is None or uses[term.outputs[0]] != 1 or term.attrs.get("batch"):
                continue
            if term.primitive.name == "dot" and not {*term.inputs} & {*body.constants, *loop.fixed}:
                found.append((i, term))
                body.nodes = [n for n in body.nodes if n is not total and n is not term]
                body.outputs[i] = carried
        return found

    def _finish(self, loop: _Loop, sums: list[tuple[int, Node]]) -> None:
        node = loop.node
        for i, term in sums:
            a, b = (self._stacked(loop, t) for t in term.inputs)
            contract = ((0, 0), *((p + 1, q + 1) for p, q in term.attrs["contract"]))
            (total,) = self._emit("dot", [a, b], {"contract": contract, "batch": ()})
            start = self.graph.constants.get(node.inputs[i])
            if start is None or np.any(start):
                (total,) = self._emit("add", [node.inputs[i], total], {})
            self.replaced[node.outputs[i]] = total
        self._rebuild(loop, {i for i, _ in sums})

    def _stacked(self, loop: _Loop, t: Tracer) -> Tracer:
        known = loop.known.get(t)
        if known is not None and not known[0]:  # the same each step
            shape = (loop.length, *t._cornu_spec.shape)
            return self._emit("broadcast_to", [known[1]], {"shape": shape})[0]
        carried = set(loop.body.inputs[: loop.carry])
        return loop.given[t] if t in carried and t in loop.given else loop.keep(t)

    def _rebuild(self, loop: _Loop, dropped: set[int]) -> None:
        """Give the scan the inputs and outputs that its shorter body has."""
        node, body, carry, known = loop.node, loop.body, loop.carry, loop.known
        ys = len(body.outputs) - carry
        outputs = list(node.outputs)
        before = outputs[carry + ys :]
        kept = [i for i in range(carry) if i not in dropped]
        kept_ys = []
        for j in range(carry, carry + ys):
            value = known.get(body.outputs[j])
            if value is not None and value[0]:
                self.replaced[outputs[j]] = value[1]  # computed outside
            else:
                kept_ys.append(j)
        body.outputs = [body.outputs[i] for i in (*kept, *kept_ys)]
        needed = {t for n in body.nodes for t in n.inputs} | set(body.outputs)
        carried = [body.inputs[i] for i in kept]
        fixed = [t for t, (s, _) in known.items() if not s and t in needed]
        fixed = [t for t in fixed if t not in loop.constants]
        xs = [t for t, (s, _) in known.items() if s and t in needed]
        body.constants = {t: v for t, v in loop.constants.items() if t in needed}
        body.inputs = [*carried, *fixed, *xs]
        node.inputs = [
            *(node.inputs[i] for i in kept),
            *(known[t][1] for t in fixed),
            *(known[t][1] for t in xs),
        ]
        node.attrs = {**node.attrs, "carry": len(kept), "constants": len(fixed)}
        loop.carry = len(kept)
        node.outputs = [
            *(outputs[i] for i in kept),
            *(outputs[j] for j in kept_ys),
            *([before[i] for i in kept] if before else []),
        ]


class _Twins:
    """Values of a gradient's body that the body of the loop before it has computed already."""

    def __init__(self, shortener: _Shortener, loop: _Loop) -> None:
        self.loop = loop
        self.other: _Loop | None = None
        for t in loop.given.values():
            other = shortener.loops.get(t)
            if (
                other is not None
                and other.length == loop.length
                and other.node.attrs["reverse"] != loop.node.attrs["reverse"]
            ):
                self.other = other
        self.twin: dict[Tracer, Tracer] = {}
        self.index: dict[Any, Node] = {}
        if self.other is not None:
            outside = {id(v): t for t, v in self.other.given.items()}
            carried = set(loop.body.inputs[: loop.carry])
            for t, value in loop.given.items():
                if t in carried:
                    continue
                same = outside.get(id(value))
                if same is not None:
                    self.twin[t] = same
            for node in self.other.original:
                self.index[_key(node, node.inputs, self.other.constants)] = node

    def take(self, node: Node) -> bool:
        """Find the other loop's node that computes the same."""
        if self.other is None:
            return False
        constants = self.loop.constants
        inputs = [t if t in constants else self.twin.get(t) for t in node.inputs]
        if any(t is None for t in inputs):
            return False
        same = self.index.get(_key(node, inputs, {**constants, **self.other.constants}))
        if same is None:
            return False
        self.twin.update(zip(node.outputs, same.outputs, strict=True))
        return True

    def value(self, t: Tracer) -> Stacked | None:
        """Return a value outside of the loop, or None if it depends on the carry."""
        known = self.loop.known.get(t)
        if known is None and self.other is not None and t in self.twin:
            twin = self.twin[t]
            left = self.other.known.get(twin)
            known = self.loop.known[t] = left or (True, self.other.keep(twin))
        return known


def _key(node: Node, inputs: Sequence[Any], constants: dict[Tracer, Any]) -> Any:
    names: list[Any] = []
    for t in inputs:
        value = constants.get(t)
        if value is not None and value.size <= _SMALL:
            names.append((value.dtype.str, value.shape, value.tobytes()))
        else:
            names.append(id(t))
    return node.primitive.name, tuple(names), tuple(node.attrs.items())
