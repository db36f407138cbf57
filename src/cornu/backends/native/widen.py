"""16-bit floats: stored as such, computed in float32.

Kernels take float32 and float64, block programs convert on the way. So a node on 16-bit floats
becomes the same node between casts: its result is rounded once, as its reference says, and the
casts join whatever block programs are beside it.
"""

from __future__ import annotations

from cornu.graph.rewrite import copy_graph, make_node, simplify, with_bodies, with_nodes
from cornu.graph.trace import Graph, Node, Tracer

__all__ = ["widened"]

_NARROW = frozenset(("float16", "bfloat16"))
# What moves elements takes them as they are, and block programs convert by themselves.
_COMPUTES = frozenset(
    (
        *("argmax", "argmin", "conv", "conv_grad_input", "conv_grad_kernel", "dot"),
        *("cumlogsumexp", "cummax", "cummin", "cumprod", "cumsum", "max_pool", "pool_gather"),
        *("pool_scatter", "pool_sum", "pool_sum_grad", "reduce_max", "reduce_min", "reduce_prod"),
        *("reduce_sum", "scatter_along_axis", "scatter_nd", "searchsorted", "sort", "top_k"),
    )
)


def widened(graph: Graph) -> Graph:
    """Return the graph with casts around what has no kernel for 16-bit floats.

    The graph itself if there is no such node.
    """
    nodes: list[Node] = []
    wide: dict[Tracer, Tracer] = {}
    for node in graph.nodes:
        if node.primitive.name in _COMPUTES and any(map(_is_narrow, node.inputs)):
            _between_casts(node, nodes, wide)
        else:
            nodes.append(with_bodies(node, widened))
    if nodes == graph.nodes:
        return graph
    return simplify(copy_graph(with_nodes(graph, nodes)))


def _is_narrow(t: Tracer) -> bool:
    return t._cornu_spec.dtype in _NARROW


def _between_casts(node: Node, nodes: list[Node], wide: dict[Tracer, Tracer]) -> None:
    inputs = []
    for t in node.inputs:
        if _is_narrow(t) and t not in wide:
            cast = make_node("cast", [t], {"dtype": "float32"}, layer=node.layer)
            nodes.append(cast)
            wide[t] = cast.outputs[0]
        inputs.append(wide.get(t, t))
    same = make_node(node.primitive.name, inputs, node.attrs, layer=node.layer)
    nodes.append(same)
    for i, t in enumerate(node.outputs):
        if _is_narrow(t):
            narrow = {"dtype": t._cornu_spec.dtype}
            cast = make_node("cast", [same.outputs[i]], narrow, layer=node.layer)
            cast.outputs = [t]
            nodes.append(cast)
        else:
            same.outputs[i] = t
