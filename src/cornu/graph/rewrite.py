"""Rewrites of a finished graph: common subexpressions, identities, constants, dead code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.graph.dim import is_known, size
from cornu.graph.primitive import PRIMITIVES, infer, run_reference
from cornu.graph.trace import Graph, Node, Trace, Tracer

__all__ = [
    "copy_graph",
    "live_nodes",
    "make_node",
    "simplify",
    "with_bodies",
    "with_nodes",
]

# Folding a larger result would trade a cheap instruction for memory held as long as the plan lives.
_LARGEST_FOLDED = 16384  # elements

_SHAPES = frozenset(("reshape", "broadcast_to"))


def simplify(graph: Graph) -> Graph:
    """Clean the graph in place and return it.

    Equal primitives on equal operands become one; primitives that change nothing disappear; those
    whose operands are all constant are computed once; what no output needs is removed.
    """
    replaced: dict[Tracer, Tracer] = {}
    seen: dict[Any, Node] = {}
    nodes: list[Node] = []
    made: dict[Tracer, Node] = {}  # not `Tracer.node`: a copied graph has nodes of its own
    for node in graph.nodes:
        node.inputs = [replaced.get(i, i) for i in node.inputs]
        _look_through(node, made)
        unchanged = _UNCHANGED.get(node.primitive.name)
        same = None if unchanged is None else unchanged(node, graph)
        if same is not None:
            replaced[node.outputs[0]] = same
            continue
        if _fold(node, graph):
            continue
        key = (node.primitive.name, tuple(map(id, node.inputs)), tuple(node.attrs.items()))
        known = seen.setdefault(key, node)
        if known is not node:
            replaced.update(zip(node.outputs, known.outputs, strict=True))
            continue
        nodes.append(node)
        made.update((o, node) for o in node.outputs)
    graph.outputs = [replaced.get(o, o) for o in graph.outputs]
    graph.nodes = nodes
    graph.nodes = live_nodes(graph)
    used = {i for node in graph.nodes for i in node.inputs} | set(graph.outputs)
    graph.constants = {t: v for t, v in graph.constants.items() if t in used}
    return graph


def copy_graph(graph: Graph) -> Graph:
    """Return a copy that a rewrite may change; a gradient may still need the original."""
    copy = Graph()
    copy.inputs = list(graph.inputs)
    copy.constants = dict(graph.constants)
    copy.outputs = list(graph.outputs)
    for node in graph.nodes:
        same = Node(node.primitive, list(node.inputs), node.attrs, node.layer)
        same.outputs = node.outputs
        copy.nodes.append(same)
    return copy


def with_nodes(graph: Graph, nodes: list[Node]) -> Graph:
    """Return a graph of the same inputs, outputs and constants that has other nodes."""
    found = Graph()
    found.inputs, found.outputs = list(graph.inputs), list(graph.outputs)
    found.constants, found.nodes = dict(graph.constants), nodes
    return found


def with_bodies(node: Node, change: Callable[[Graph], Graph]) -> Node:
    """Return a node whose bodies are changed, or the node itself if none of them is."""
    attrs = {k: change(v) if isinstance(v, Graph) else v for k, v in node.attrs.items()}
    if all(attrs[k] is node.attrs[k] for k in attrs):
        return node
    same = Node(node.primitive, node.inputs, attrs, node.layer)
    same.outputs = node.outputs
    return same


def make_node(
    name: str,
    inputs: Sequence[Tracer],
    attrs: dict[str, Any],
    *,
    layer: str = "",
    trace: Trace | None = None,
) -> Node:
    """Return a node of its own, with new values as its results.

    Args:
        name: The primitive's name.
        inputs: Its operands.
        attrs: Its attributes.
        layer: The path of the layer that it belongs to.
        trace: Whose values the results are; by default, that of the first operand.
    """
    primitive = PRIMITIVES[name]
    node = Node(primitive, list(inputs), attrs, layer)
    specs = infer(primitive, inputs, attrs)
    owner = inputs[0].trace if trace is None else trace
    node.outputs = [Tracer(owner, s, node) for s in (specs if primitive.multiple else (specs,))]
    return node


def live_nodes(graph: Graph, outputs: Sequence[Tracer] | None = None) -> list[Node]:
    """Return the nodes that the outputs (all of the graph's by default) need, in order."""
    needed = set(graph.outputs if outputs is None else outputs)
    live = []
    for node in reversed(graph.nodes):
        if not needed.isdisjoint(node.outputs):
            live.append(node)
            needed.update(node.inputs)
    live.reverse()
    return live


def _look_through(node: Node, made: dict[Tracer, Node]) -> None:
    """Take operands from further up where what lies between makes no difference."""
    if node.primitive.name == "reshape":
        before = made.get(node.inputs[0])
        if before is not None and before.primitive.name == "reshape":
            node.inputs = [before.inputs[0]]
    elif node.primitive.elementwise and len(node.inputs) > 1:
        # Element-wise primitives broadcast by themselves.
        for i, t in enumerate(node.inputs):
            before = made.get(t)
            if before is None or before.primitive.name not in _SHAPES or not _pads(before):
                continue
            given = [*node.inputs[:i], before.inputs[0], *node.inputs[i + 1 :]]
            if _joint_shape(given) == node.outputs[0]._cornu_spec.shape:
                node.inputs = given


def _pads(node: Node) -> bool:
    """Say whether element-wise primitives do what this node does: they align shapes themselves."""
    if node.primitive.name == "broadcast_to":
        return True
    shape, old = node.outputs[0]._cornu_spec.shape, node.inputs[0]._cornu_spec.shape
    lead = len(shape) - len(old)
    return lead > 0 and shape[lead:] == old and all(d == 1 for d in shape[:lead])


def _joint_shape(tensors: list[Tracer]) -> tuple[int, ...] | None:
    shapes = [t._cornu_spec.shape for t in tensors]
    if not all(is_known(s) for s in shapes):
        return None
    return np.broadcast_shapes(*shapes)


def _operand(node: Node, graph: Graph) -> Tracer | None:
    return node.inputs[0]


def _if_shape_stays(node: Node, graph: Graph) -> Tracer | None:
    x = node.inputs[0]
    return x if x._cornu_spec.shape == node.outputs[0]._cornu_spec.shape else None


def _if_dtype_stays(node: Node, graph: Graph) -> Tracer | None:
    x = node.inputs[0]
    return x if x._cornu_spec.dtype == node.attrs["dtype"] else None


def _if_axes_stay(node: Node, graph: Graph) -> Tracer | None:
    axes = node.attrs["axes"]
    return node.inputs[0] if axes == tuple(range(len(axes))) else None


def _if_no_axes(node: Node, graph: Graph) -> Tracer | None:
    return None if node.attrs["axes"] else node.inputs[0]


def _if_alone(node: Node, graph: Graph) -> Tracer | None:
    return node.inputs[0] if len(node.inputs) == 1 else None


def _if_zero(node: Node, graph: Graph) -> Tracer | None:
    # x + 0 turns -0.0 into 0.0; no user can tell by a comparison, and gradients are full of it.
    return _neutral(node, graph, 0.0, commutes=node.primitive.name == "add")


def _if_one(node: Node, graph: Graph) -> Tracer | None:
    return _neutral(node, graph, 1.0, commutes=node.primitive.name == "multiply")


# Primitive -> what returns the operand that the result equals, if it does so for every value.
_UNCHANGED: dict[str, Callable[[Node, Graph], Tracer | None]] = {
    "add": _if_zero,
    "broadcast_to": _if_shape_stays,
    "cast": _if_dtype_stays,
    "concatenate": _if_alone,
    "custom_gradient": _operand,
    "divide": _if_one,
    "identity": _operand,
    "multiply": _if_one,
    "reduce_sum": _if_no_axes,
    "reshape": _if_shape_stays,
    "stop_gradient": _operand,
    "subtract": _if_zero,
    "transpose": _if_axes_stay,
}


def _neutral(node: Node, graph: Graph, value: float, *, commutes: bool) -> Tracer | None:
    a, b = node.inputs
    for x, constant in ((a, b), (b, a)) if commutes else ((a, b),):
        known = graph.constants.get(constant)
        if (
            known is not None
            and known.ndim == 0
            and known == value
            and x._cornu_spec == node.outputs[0]._cornu_spec
        ):
            return x
    return None


def _fold(node: Node, graph: Graph) -> bool:
    """Compute the node now if its operands are constants and its result is small."""
    for i in node.inputs:
        if i not in graph.constants:
            return False
    for o in node.outputs:
        shape = o._cornu_spec.shape
        total = size(shape) if is_known(shape) else _LARGEST_FOLDED + 1
        if not isinstance(total, int) or total > _LARGEST_FOLDED:
            return False
    if any(isinstance(v, Graph) for v in node.attrs.values()):
        return False
    values = run_reference(node.primitive, [graph.constants[i] for i in node.inputs], node.attrs)
    if not node.primitive.multiple:
        values = (values,)
    for o, value in zip(node.outputs, values, strict=True):
        graph.constants[o] = np.asarray(value)
    return True
