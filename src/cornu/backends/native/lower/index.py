"""Indices that are data: reading and scattering."""

from __future__ import annotations

from cornu.backends.native.lower.op import ARITHMETIC, Lower, Op
from cornu.graph.trace import Node

__all__ = ["LOWER"]

_MODES = ("set", "add", "multiply", "max", "min")  # of scattering, in the kernels' order


def _check_labels(node: Node) -> Op | None:
    return Op("check_labels", (node.attrs["classes"],), reuse=(0,))


def _axis(node: Node) -> Op | None:
    """`take` and `take_along_axis`."""
    return Op(node.primitive.name, (node.attrs["axis"],))


def _gather_nd(node: Node) -> Op | None:
    return Op("gather_nd")


def _scatter(node: Node) -> Op | None:
    """`scatter_nd` and `scatter_along_axis`."""
    mode = node.attrs["mode"]
    dtype = node.inputs[0]._cornu_spec.dtype
    if mode != "set" and (dtype not in ARITHMETIC or dtype == "bool"):
        return None
    axis = (node.attrs["axis"],) if "axis" in node.attrs else ()
    attributes = (*axis, _MODES.index(mode))
    return Op(node.primitive.name, attributes, strided=(0,), reuse=(0,))


LOWER: dict[str, Lower] = {
    "check_labels": _check_labels,
    "gather_nd": _gather_nd,
    "scatter_along_axis": _scatter,
    "scatter_nd": _scatter,
    "take": _axis,
    "take_along_axis": _axis,
}
