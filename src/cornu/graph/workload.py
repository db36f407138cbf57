"""About how much work a node is: for decisions, not for reports."""

from __future__ import annotations

import math

from cornu.graph.dtypes import numpy_dtype
from cornu.graph.trace import Node, Tracer, known_shape

__all__ = ["bytes_of", "flops", "is_heavy", "seconds"]

_FLOPS = 90e9  # of products, a second on one thread
_ELEMENTS = 5e9  # of element-wise chains, a second

_PRODUCTS = frozenset(("dot", "conv", "conv_grad_input", "conv_grad_kernel"))
_FREE = frozenset(("reshape", "transpose", "broadcast_to", "slice", "split", "reverse"))


def bytes_of(t: Tracer) -> int:
    """Return the bytes of a value."""
    return math.prod(known_shape(t)) * numpy_dtype(t._cornu_spec.dtype).itemsize


def is_heavy(node: Node) -> bool:
    """Say whether a node reads and writes memory: what is fused with its neighbours doesn't."""
    name = node.primitive.name
    return not (node.primitive.elementwise or name in _FREE or name.startswith(("reduce", "arg")))


def flops(node: Node) -> float:
    """Return the multiplications and additions of a product, else 0."""
    name = node.primitive.name
    if name == "dot":
        shape = known_shape(node.inputs[0])
        depth = math.prod(shape[i] for i, _ in node.attrs["contract"])
        return 2.0 * float(depth * math.prod(known_shape(node.outputs[0])))
    if name == "conv":
        taps = known_shape(node.inputs[1])
        return 2.0 * math.prod(taps[:-1]) * math.prod(known_shape(node.outputs[0]))
    if name == "conv_grad_input":
        taps = known_shape(node.inputs[1])
        return 2.0 * math.prod(taps[:-1]) * math.prod(known_shape(node.inputs[0]))
    if name == "conv_grad_kernel":
        taps = known_shape(node.outputs[0])
        return 2.0 * math.prod(taps[:-1]) * math.prod(known_shape(node.inputs[1]))
    return 0.0


def seconds(node: Node) -> float:
    """Return about how long one thread takes for a node."""
    name = node.primitive.name
    if name in _PRODUCTS:
        return flops(node) / _FLOPS
    if name == "scan":
        body = node.attrs["body"]
        return float(node.attrs["length"] * sum(map(seconds, body.nodes)))
    if name in _FREE:
        return 0.0
    most = max((math.prod(known_shape(t)) for t in (*node.inputs, *node.outputs)), default=0)
    return most / _ELEMENTS
