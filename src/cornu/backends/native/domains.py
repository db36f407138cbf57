"""How values lie in the domain of a group: rows x columns, gone through block by block."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cornu.backends.native.items import Group
from cornu.graph.trace import Node, Tracer, known_shape

__all__ = [
    *("LONGEST_ROW", "PLACES", "REDUCTIONS"),
    *("domain_of", "fit", "in_place", "is_reshape", "keeps_order", "placement", "size_of"),
]

Shape = tuple[int, ...]
Fit = tuple[str, int | None, list[Tracer]]

LONGEST_ROW = 2048  # elements: a block holds at least one row, in the first-level cache

# Of a reduction: the operation on rows, and the kind of a result over columns less one.
REDUCTIONS = {
    "reduce_sum": ("row_sum", 0),
    "reduce_max": ("row_max", 2),
    "reduce_min": ("row_min", 4),
}
PLACES = {"argmax": "row_argmax", "argmin": "row_argmin"}

# Primitives whose result has the operand's elements in the same order.
_SAME_ORDER = frozenset(("identity", "stop_gradient", "broadcast_to"))


def placement(shape: Shape, whole: Shape) -> tuple[str, int]:
    """Say how an operand lies in the shape that it is broadcast to.

    Returns:
        ("full", 0), ("scalar", 0), ("col", elements that repeat), ("row", elements that each is
        repeated to) or ("strided", 0).
    """
    total, size = math.prod(whole), math.prod(shape)
    if size == total:
        return "full", 0
    if size == 1:
        return "scalar", 0
    aligned = (1,) * (len(whole) - len(shape)) + shape
    lead = 0
    while aligned[lead] == 1:
        lead += 1
    if aligned[lead:] == whole[lead:]:
        return "col", size
    end = len(aligned)
    while aligned[end - 1] == 1:
        end -= 1
    if aligned[:end] == whole[:end]:
        return "row", total // size
    return "strided", 0


def is_reshape(node: Node) -> bool:
    """Say whether the result has the operand's elements in the same order."""
    name = node.primitive.name
    return name == "reshape" or (
        name in REDUCTIONS and size_of(node.inputs[0]) == size_of(node.outputs[0])
    )


def keeps_order(node: Node) -> bool:
    """Say whether the result is the operand's elements in the same order, in whatever shape."""
    if is_reshape(node):
        return True
    return node.primitive.name in _SAME_ORDER and size_of(node.outputs[0]) == size_of(
        node.inputs[0]
    )


def size_of(t: Tracer) -> int:
    """Return how many elements a value has."""
    return math.prod(known_shape(t))


def in_place(t: Tracer, group: Group, made: Mapping[Tracer, Node]) -> Tracer | None:
    """Return the group's own value that `t` is, in whatever shape, or None."""
    while t not in group.kinds:
        node = made.get(t)
        if node is None or not keeps_order(node):
            return None
        t = node.inputs[0]
    return t


def domain_of(node: Node) -> int:
    """Return how many elements the node goes through."""
    produces = node.primitive.elementwise or node.primitive.name == "random_bits"
    return size_of(node.outputs[0] if produces else node.inputs[0])


def fit(
    group: Group, node: Node, made: Mapping[Tracer, Node], lazy: Mapping[Tracer, Node]
) -> Fit | None:
    """Say how a node would fit into a group.

    Args:
        group: The group.
        node: An element-wise node, a reduction or random bits.
        made: The node that makes each value.
        lazy: Values that each reader computes anew, and their nodes.

    Returns:
        The kind of the result ("V", "R" or "end"), the length of rows from then on, and what would
        be read from memory; None if it doesn't fit.
    """
    name = node.primitive.name
    if node.primitive.elementwise:
        return _fit_elementwise(group, node, made, lazy)
    if name == "random_bits":
        size = node.attrs["size"]
        return ("V", group.cols, list(node.inputs)) if size == group.size else None
    return _fit_reduction(group, node, made)


def _fit_reduction(group: Group, node: Node, made: Mapping[Tracer, Node]) -> Fit | None:
    source = node.inputs[0]
    shape: Shape = known_shape(source)
    size = math.prod(shape)
    own = in_place(source, group, made)
    outside = [] if own is not None else [source]
    kind = "V" if own is None else group.kinds[own]
    axes = (node.attrs["axis"],) if "axis" in node.attrs else node.attrs["axes"]
    if kind == "end" or kind == "S":
        return None
    if size == 1:
        return None
    if kind == "R":
        if len(axes) == len(shape) and group.cols is not None:
            return ("end", group.cols, outside) if "axis" not in node.attrs else None
        return None
    if size != group.size:
        return None
    kept = len(shape) - len(axes)
    if tuple(sorted(axes)) == tuple(range(kept, len(shape))) and kept > 0:
        row = math.prod(shape[kept:])
        if row > LONGEST_ROW or group.cols not in (None, row):
            return None
        return "R", row, outside
    if "axis" in node.attrs:
        return None
    if kept == 0:
        return "end", group.cols, outside
    if tuple(sorted(axes)) != tuple(range(len(axes))):
        return None
    column = math.prod(shape[len(axes) :])
    if column > LONGEST_ROW or group.cols not in (None, column):
        return None
    return "end", column, outside


def _fit_elementwise(
    group: Group, node: Node, made: Mapping[Tracer, Node], lazy: Mapping[Tracer, Node]
) -> Fit | None:
    shape: Shape = known_shape(node.outputs[0])
    size, cols = math.prod(shape), group.cols
    rows = None if cols is None else group.size // cols
    outside: list[Tracer] = []
    if size != group.size:
        if size != rows or size == 1:
            return None
        # One element a row. All operands must be so, or single ones.
        for t in node.inputs:
            own = in_place(t, group, made)
            if own is not None:
                if group.kinds[own] != "R":
                    return None
            elif size_of(t) in (1, rows) and t not in lazy:
                outside.append(t)
            else:
                return None
        # Nothing is gained unless it hangs on a value of the group.
        return ("R", cols, outside) if len(outside) < len(node.inputs) else None
    for t in node.inputs:
        if t in lazy and t not in group.kinds:
            outside += lazy[t].inputs
            if size_of(t) != group.size:
                return None
            continue
        own = in_place(t, group, made)
        where, period = placement(known_shape(t), shape)
        if own is not None:
            kind = group.kinds[own]
            if kind == "end":
                return None
            if kind == "V" and where != "full":
                return None
            if kind == "R" and size != 1 and (where != "row" or period != cols):
                return None
            continue
        outside.append(t)
        if where in ("col", "row") and cols is None and period <= LONGEST_ROW:
            cols = period
    return "V", cols, outside
