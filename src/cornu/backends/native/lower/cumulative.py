"""Running sums, products and extremes along an axis."""

from __future__ import annotations

from cornu.backends.native.lower.op import ARITHMETIC, Lower, Op
from cornu.graph.trace import Node

__all__ = ["LOWER"]

_OPERATIONS = ("cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp")


def _cumulative(node: Node) -> Op | None:
    if node.inputs[0]._cornu_spec.dtype not in ARITHMETIC:
        return None
    operation = _OPERATIONS.index(node.primitive.name)
    attributes = (operation, node.attrs["axis"], int(node.attrs["reverse"]))
    return Op("cumulative", attributes, reuse=(0,))


LOWER: dict[str, Lower] = dict.fromkeys(_OPERATIONS, _cumulative)
