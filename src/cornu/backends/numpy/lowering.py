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

from cornu.graph.dtypes import numpy_dtype
from cornu.graph.trace import Node

__all__ = ["FRESH", "VIEWS", "lower"]

Function = Callable[..., Any]

# Primitives whose result may share memory with the first operand.
VIEWS = frozenset(
    ("reshape", "transpose", "broadcast_to", "reverse", "slice", "split", "dynamic_slice")
)
# Primitives, besides element-wise ones, whose result is always memory of its own.
FRESH = frozenset(
    """dot conv conv_grad_input conv_grad_kernel take take_along_axis gather_nd scatter_nd
    scatter_along_axis concatenate pad pool_sum pool_sum_grad pool_scatter pool_gather""".split()
)


def lower(node: Node) -> Function:
    """Return the function of the node's operands alone."""
    special = _SPECIAL.get(node.primitive.name)
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


def _reduce_sum(node: Node) -> Function | None:
    axes, spec = node.attrs["axes"], node.inputs[0]._cornu_spec
    shape = spec.shape
    if axes == tuple(range(len(axes))) and len(axes) < len(shape) and spec.dtype == "float32":
        # A product with ones is ten times faster than add.reduce here (bias gradients).
        rows = math.prod(shape[: len(axes)])
        tail = shape[len(axes) :]
        columns = math.prod(tail)
        if rows >= 8 and columns >= 8:
            ones = np.ones(rows, "float32")
            return lambda x: (ones @ x.reshape(rows, columns)).reshape(tail)
    return None


def _dot(node: Node) -> Function | None:
    contract, batch = node.attrs["contract"], node.attrs["batch"]
    a, b = (i._cornu_spec for i in node.inputs)
    if batch or len(contract) != 1 or a.dtype not in ("float32", "float64"):
        return None
    ((i, j),) = contract
    if a.ndim == 2 and b.ndim == 2:
        if (i, j) == (1, 0):
            return np.matmul
        if (i, j) == (1, 1):
            return lambda x, y: np.matmul(x, y.T)
        if (i, j) == (0, 0):
            return lambda x, y: np.matmul(x.T, y)
        return lambda x, y: np.matmul(x.T, y.T)
    if b.ndim == 2 and i == a.ndim - 1 and a.ndim > 2:
        lead, inner = a.shape[:-1], a.shape[-1]
        rows = math.prod(lead)
        shape = (*lead, b.shape[1 - j])
        if j == 0:
            return lambda x, y: np.matmul(x.reshape(rows, inner), y).reshape(shape)
        return lambda x, y: np.matmul(x.reshape(rows, inner), y.T).reshape(shape)
    return None


_SPECIAL: dict[str, Callable[[Node], Function | None]] = {
    "cast": _cast,
    "dot": _dot,
    "reduce_sum": _reduce_sum,
    "reshape": _reshape,
    "transpose": _transpose,
}
