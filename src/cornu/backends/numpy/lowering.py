"""From a graph's node to the NumPy function that its instruction calls.

By default the primitive's reference with its attributes bound. Here stand the cases where a plan
knows more than the reference: shapes are concrete, so axes and GEMM forms are chosen once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from cornu.backends.numpy.choosing import lower_select
from cornu.backends.numpy.reducing import lower_place, lower_sum
from cornu.backends.numpy.rows import lower_rows
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.trace import Graph, Node

__all__ = ["FRESH", "VIEWS", "lower"]

Function = Callable[..., Any]

# Primitives whose result may share memory with the first operand.
VIEWS = frozenset(
    (
        *("reshape", "transpose", "broadcast_to", "reverse", "slice", "split", "dynamic_slice"),
        "check_labels",
    )
)
# Primitives, besides element-wise ones, whose result is always memory of its own.
FRESH = frozenset(
    (
        *("dot", "conv", "conv_grad_input", "conv_grad_kernel", "take", "take_along_axis"),
        *("gather_nd", "scatter_nd", "scatter_along_axis", "concatenate", "pad"),
        *("pool_sum", "pool_sum_grad", "pool_scatter", "pool_gather"),
    )
)


def lower(node: Node, graph: Graph) -> Function:
    """Return the function of the node's operands alone."""
    if node.primitive.name == "select":
        return lower_select(node, graph)
    special = _SPECIAL.get(node.primitive.name)
    if special is None and node.primitive.elementwise:
        special = lower_rows
    if special is not None:
        found = special(node)
        if found is not None:
            return found
    if node.attrs:
        return partial(node.primitive.reference, **node.attrs)
    return node.primitive.reference


def _reshape(node: Node) -> Function:
    shape = node.attrs["shape"]
    return lambda x: x.reshape(shape)


def _transpose(node: Node) -> Function:
    axes = node.attrs["axes"]
    return lambda x: x.transpose(axes)


def _cast(node: Node) -> Function | None:
    if node.inputs[0]._cornu_spec.dtype == "bfloat16" or node.attrs["dtype"] == "bfloat16":
        return None
    dtype = numpy_dtype(node.attrs["dtype"])
    # A NumPy scalar (a reduction's result) has `astype` too.
    return lambda x: x.astype(dtype)


def _sigmoid(node: Node) -> Function | None:
    """The reference's arithmetic without its checks; no warning leaves a plan anyway."""
    spec = node.inputs[0]._cornu_spec
    if spec.dtype not in ("float32", "float64") or not spec.shape:
        return None
    one = np.ones((), spec.dtype)

    def run(x: Any, out: Any = None) -> Any:
        y = np.negative(x, out=out)
        np.exp(y, out=y)
        np.add(y, one, out=y)
        return np.reciprocal(y, out=y)

    return run


def _dot(node: Node) -> Function | None:
    contract, batch = node.attrs["contract"], node.attrs["batch"]
    a, b = (i._cornu_spec for i in node.inputs)
    if batch or len(contract) != 1 or a.dtype not in ("float32", "float64"):
        return None
    ((i, j),) = contract
    if a.ndim == 2 and b.ndim == 2:
        # The method is called in half the time of `np.matmul`.
        if (i, j) == (1, 0):
            return lambda x, y: x.dot(y)
        if (i, j) == (1, 1):
            return lambda x, y: x.dot(y.T)
        if (i, j) == (0, 0):
            return lambda x, y: x.T.dot(y)
        return lambda x, y: x.T.dot(y.T)
    if b.ndim == 2 and i == a.ndim - 1 and a.ndim > 2:
        lead, inner = a.shape[:-1], a.shape[-1]
        rows = math.prod(lead)
        shape = (*lead, b.shape[1 - j])
        if j == 0:
            return lambda x, y: x.reshape(rows, inner).dot(y).reshape(shape)
        return lambda x, y: x.reshape(rows, inner).dot(y.T).reshape(shape)
    return None


_SPECIAL: dict[str, Callable[[Node], Function | None]] = {
    "argmax": lower_place,
    "argmin": lower_place,
    "cast": _cast,
    "dot": _dot,
    "reduce_sum": lower_sum,
    "reshape": _reshape,
    "sigmoid": _sigmoid,
    "transpose": _transpose,
}
