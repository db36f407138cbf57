"""Cutting and joining what can't be a view, and new values."""

from __future__ import annotations

import numpy as np

from cornu.backends.native.lower.op import ARITHMETIC, Lower, Op
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.trace import Node

__all__ = ["LOWER"]


def _concatenate(node: Node) -> Op | None:
    return Op("concatenate", (node.attrs["axis"],), contiguous=False)


def _pad(node: Node) -> Op | None:
    return Op("pad", (*node.attrs["low"], *node.attrs["interior"]))


def _dynamic_slice(node: Node) -> Op | None:
    return Op("dynamic_slice", contiguous=False)


def _dynamic_update_slice(node: Node) -> Op | None:
    return Op("dynamic_update_slice", contiguous=False, reuse=(0,))


def _full(node: Node) -> Op | None:
    try:
        value = np.full((), node.attrs["value"], numpy_dtype(node.attrs["dtype"]))
    except OverflowError:
        return None  # the reference says so when it runs
    word = int.from_bytes(value.tobytes().ljust(8, b"\0"), "little", signed=True)
    return Op("full", (word,))


def _iota(node: Node) -> Op | None:
    dtype = node.attrs["dtype"]
    return Op("iota") if dtype in ARITHMETIC and dtype != "bool" else None


LOWER: dict[str, Lower] = {
    "concatenate": _concatenate,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
    "full": _full,
    "iota": _iota,
    "pad": _pad,
}
