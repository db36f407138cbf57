"""Reductions over any axes, and the places of extremes."""

from __future__ import annotations

from collections.abc import Callable

from cornu.backends.native.lower.op import ARITHMETIC, Lower, Op
from cornu.graph.trace import Node

__all__ = ["LOWER"]

_SUM, _PRODUCT, _MAX, _MIN, _ANY, _ALL = range(6)


def _reduce(operation: int) -> Callable[[Node], Op | None]:
    def lower(node: Node) -> Op | None:
        x, y = node.inputs[0]._cornu_spec, node.outputs[0]._cornu_spec
        if x.dtype not in ARITHMETIC:
            return None
        if operation in (_MAX, _MIN) and 0 in x.shape and 0 not in y.shape:
            return None  # nothing has no extreme: the reference raises
        return Op("reduce", (operation, *node.attrs["axes"]))

    return lower


def _place(which: int) -> Callable[[Node], Op | None]:
    def lower(node: Node) -> Op | None:
        x = node.inputs[0]._cornu_spec
        axis = node.attrs["axis"]
        if x.dtype not in ARITHMETIC or x.shape[axis] == 0:
            return None
        return Op("reduce_place", (axis, which))

    return lower


LOWER: dict[str, Lower] = {
    "argmax": _place(0),
    "argmin": _place(1),
    "reduce_all": _reduce(_ALL),
    "reduce_any": _reduce(_ANY),
    "reduce_max": _reduce(_MAX),
    "reduce_min": _reduce(_MIN),
    "reduce_prod": _reduce(_PRODUCT),
    "reduce_sum": _reduce(_SUM),
}
