"""Order: sorting, the greatest, binary search."""

from __future__ import annotations

from cornu.backends.native.lower.op import ARITHMETIC, Lower, Op
from cornu.graph.trace import Node

__all__ = ["LOWER"]


def _ordered(node: Node) -> bool:
    return node.inputs[0]._cornu_spec.dtype in ARITHMETIC


def _sort(node: Node) -> Op | None:
    return Op("sort", (node.attrs["axis"],)) if _ordered(node) else None


def _top_k(node: Node) -> Op | None:
    return Op("top_k") if _ordered(node) else None


def _searchsorted(node: Node) -> Op | None:
    return Op("searchsorted", (int(node.attrs["side"] == "right"),)) if _ordered(node) else None


LOWER: dict[str, Lower] = {"searchsorted": _searchsorted, "sort": _sort, "top_k": _top_k}
