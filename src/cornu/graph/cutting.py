"""Along which axis a batch runs through a graph: rules by which a node's work is cut into chunks.

A value is *cut* if it has an axis whose equal parts belong to the chunks of a batch, one after the
other, and *whole* otherwise. A rule takes a node and the axes along which its operands are cut; it
says along which its results are, and what the node's attributes are on one chunk.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from cornu.graph.trace import Node, known_shape

__all__ = ["Axis", "Cut", "cut_node"]

# The axis along which a value is cut; None if it is whole.
Axis = int | None


class Cut:
    """How a node is done chunk by chunk.

    Attributes:
        operands: The axes along which operands must be cut. One that is whole may have to be cut,
            because the other operands are.
        results: The axes along which results are cut.
        attrs: The node's attributes on a chunk.
        combine: The primitive that makes the whole result of the chunks' results; then `results`
            are None.
    """

    __slots__ = ("attrs", "combine", "operands", "results")

    def __init__(
        self,
        operands: Sequence[Axis],
        results: Sequence[Axis],
        attrs: dict[str, Any],
        combine: str | None = None,
    ) -> None:
        self.operands = tuple(operands)
        self.results = tuple(results)
        self.attrs = attrs
        self.combine = combine


Rule = Callable[[Node, Sequence[Axis], int], "Cut | None"]


def cut_node(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    """Return how a node is cut, or None if it can't be.

    Args:
        node: The node.
        axes: Along which axis each operand is cut; at least one is.
        chunks: Into how many parts.
    """
    if node.primitive.elementwise:
        return _elementwise(node, axes)
    rule = _RULES.get(node.primitive.name)
    return None if rule is None else rule(node, axes, chunks)


def _elementwise(node: Node, axes: Sequence[Axis]) -> Cut | None:
    shape = known_shape(node.outputs[0])
    shapes = [known_shape(t) for t in node.inputs]
    places = {a + len(shape) - len(s) for a, s in zip(axes, shapes, strict=True) if a is not None}
    if len(places) != 1:
        return None
    (k,) = places
    operands: list[Axis] = []
    for s in shapes:
        at = k - (len(shape) - len(s))
        operands.append(at if at >= 0 and s[at] == shape[k] else None)
    return Cut(operands, [k], node.attrs)


def _first_axis(*resized: str) -> Rule:
    """Make the rule for samples on axis 0; of the attributes `resized` the first number changes."""

    def rule(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
        if any(a not in (0, None) for a in axes):
            return None
        attrs = dict(node.attrs)
        for name in resized:
            shape = attrs[name]
            attrs[name] = (shape[0] // chunks, *shape[1:])
        return Cut([0] * len(axes), [0] * len(node.outputs), attrs)

    return rule


def _samples(*resized: str) -> Rule:
    """Make the rule for samples of the first operand, and a second one that belongs to all."""
    rule = _first_axis(*resized)

    def both(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
        found = rule(node, axes, chunks) if axes[1] is None else None
        if found is not None:
            found.operands = (0, None)
        return found

    return both


def _kernel_gradient(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    if any(a not in (0, None) for a in axes):
        return None
    return Cut((0, 0), [None], node.attrs, "reduce_sum")


def _reduction(node: Node, axes: Sequence[Axis], chunks: int) -> Cut:
    a, reduced = _only(axes), node.attrs["axes"]
    if a in reduced:
        return Cut(axes, [None], node.attrs, node.primitive.name)
    return Cut(axes, [a - sum(r < a for r in reduced)], node.attrs)


def _other_axis(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    """Cut what works along another axis, which stays."""
    cut = {a for a in axes if a is not None}
    if len(cut) != 1 or node.attrs["axis"] in cut:
        return None
    (a,) = cut
    return Cut([a] * len(axes), [a] * len(node.outputs), node.attrs)


def _other_axis_goes(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    a, axis = _only(axes), node.attrs["axis"]
    return None if a == axis else Cut(axes, [a - (axis < a)], node.attrs)


def _reverse(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    return None if _only(axes) in node.attrs["axes"] else Cut(axes, axes, node.attrs)


def _transpose(node: Node, axes: Sequence[Axis], chunks: int) -> Cut:
    return Cut(axes, [node.attrs["axes"].index(_only(axes))], node.attrs)


def _reshape(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    """Cut the axis before which there are as many elements as before."""
    before, after = known_shape(node.inputs[0]), known_shape(node.outputs[0])
    a = _only(axes)
    outer = math.prod(before[:a])
    for k, size in enumerate(after):
        if math.prod(after[:k]) == outer and size % chunks == 0 and size > 0:
            return Cut(axes, [k], {"shape": _divided(after, k, chunks)})
    return None


def _broadcast(node: Node, axes: Sequence[Axis], chunks: int) -> Cut:
    shape: tuple[int, ...] = node.attrs["shape"]
    k = _only(axes) + len(shape) - len(known_shape(node.inputs[0]))
    return Cut(axes, [k], {"shape": _divided(shape, k, chunks)})


def _slice(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    a, attrs = _only(axes), node.attrs
    size = known_shape(node.inputs[0])[a]
    if (attrs["start"][a], attrs["stop"][a], attrs["step"][a]) != (0, size, 1):
        return None
    return Cut(axes, [a], {**attrs, "stop": _divided(attrs["stop"], a, chunks)})


def _pad(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    a = axes[0]
    if a is None or axes[1] is not None:
        return None
    if any(node.attrs[name][a] for name in ("low", "high", "interior")):
        return None
    return Cut(axes, [a], node.attrs)


def _gather(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    x, i = axes
    if x is not None or i == len(known_shape(node.inputs[1])) - 1:
        return None
    return Cut(axes, [i], node.attrs)


def _take(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    a, i = axes
    if a is not None or i is None:
        return None
    return Cut(axes, [node.attrs["axis"] + i], node.attrs)


def _dot(node: Node, axes: Sequence[Axis], chunks: int) -> Cut | None:
    a, b = axes
    contract, batch = node.attrs["contract"], node.attrs["batch"]
    for i, pair in enumerate(batch):
        if a == pair[0] or b == pair[1]:
            fits = a in (pair[0], None) and b in (pair[1], None)
            return Cut(pair, [i], node.attrs) if fits else None
    for pair in contract:
        if a == pair[0] or b == pair[1]:
            fits = a in (pair[0], None) and b in (pair[1], None)
            return Cut(pair, [None], node.attrs, "reduce_sum") if fits else None
    if a is not None and b is not None:
        return None
    at = len(batch)
    pairs = [*contract, *batch]
    if a is not None:
        at += sum(i not in (p for p, _ in pairs) for i in range(a))
        return Cut(axes, [at], node.attrs)
    assert b is not None
    at += len(known_shape(node.inputs[0])) - len(pairs)
    at += sum(i not in (q for _, q in pairs) for i in range(b))
    return Cut(axes, [at], node.attrs)


def _only(axes: Sequence[Axis]) -> int:
    (a,) = (a for a in axes if a is not None)
    return a


def _divided(shape: tuple[int, ...], axis: int, chunks: int) -> tuple[int, ...]:
    return (*shape[:axis], shape[axis] // chunks, *shape[axis + 1 :])


_RULES: dict[str, Rule] = {
    "argmax": _other_axis_goes,
    "argmin": _other_axis_goes,
    "broadcast_to": _broadcast,
    "check_labels": _first_axis(),
    "concatenate": _other_axis,
    "conv": _samples(),
    "conv_grad_input": _samples("input_shape"),
    "conv_grad_kernel": _kernel_gradient,
    "cummax": _other_axis,
    "cummin": _other_axis,
    "cumprod": _other_axis,
    "cumsum": _other_axis,
    "dot": _dot,
    "gather_nd": _gather,
    "max_pool": _first_axis(),
    "pad": _pad,
    "pool_scatter": _first_axis(),
    "pool_sum": _first_axis(),
    "pool_sum_grad": _first_axis("input_shape"),
    "reduce_all": _reduction,
    "reduce_any": _reduction,
    "reduce_max": _reduction,
    "reduce_min": _reduction,
    "reduce_prod": _reduction,
    "reduce_sum": _reduction,
    "reshape": _reshape,
    "reverse": _reverse,
    "slice": _slice,
    "scatter_along_axis": _other_axis,
    "split": _other_axis,
    "take": _take,
    "take_along_axis": _other_axis,
    "transpose": _transpose,
}
