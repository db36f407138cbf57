"""One primitive for many steps at once: the rules by which an axis of steps is put in front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cornu.graph.trace import Node, Tracer, known_shape

__all__ = ["Emit", "Stacked", "vectorized"]

# A value of the loop as it is outside of it: with an axis of steps in front, or the same each step.
Stacked = tuple[bool, Tracer]
# Makes a node and returns its outputs.
Emit = Callable[[str, Sequence[Tracer], dict[str, Any]], list[Tracer]]
Found = list[Tracer] | None


def vectorized(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> Found:
    """Compute a node of a loop's body for all steps at once.

    Args:
        node: The node.
        operands: Its operands outside of the loop; at least one is stacked.
        length: How many steps there are.
        emit: Makes the nodes.

    Returns:
        The results, stacked; None if there is no rule for this node.
    """
    if node.primitive.elementwise:
        return _elementwise(node, operands, emit)
    rule = _RULES.get(node.primitive.name)
    return None if rule is None else rule(node, operands, length, emit)


def _elementwise(node: Node, operands: Sequence[Stacked], emit: Emit) -> list[Tracer]:
    rank = node.outputs[0]._cornu_spec.ndim
    given = []
    for stacked, t in operands:
        missing = rank + 1 - t._cornu_spec.ndim
        if stacked and missing:
            shape = (known_shape(t)[0], *[1] * missing, *known_shape(t)[1:])
            (t,) = emit("reshape", [t], {"shape": shape})
        given.append(t)
    return emit(node.primitive.name, given, node.attrs)


def _dot(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> list[Tracer]:
    (in_a, a), (in_b, b) = operands
    shift_a, shift_b = int(in_a), int(in_b)

    def moved(pairs: Any) -> tuple[tuple[int, int], ...]:
        return tuple((i + shift_a, j + shift_b) for i, j in pairs)

    contract, batch = moved(node.attrs["contract"]), moved(node.attrs["batch"])
    if in_a and in_b:
        return emit("dot", [a, b], {"contract": contract, "batch": ((0, 0), *batch)})
    found = emit("dot", [a, b], {"contract": contract, "batch": batch})
    at = len(batch)
    if in_b:  # behind the free axes of a
        at = node.inputs[0]._cornu_spec.ndim - len(contract)
    if at == 0:
        return found
    rank = found[0]._cornu_spec.ndim
    axes = (at, *(i for i in range(rank) if i != at))
    return emit("transpose", found, {"axes": axes})


def _on_axis(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> Found:
    if not all(stacked for stacked, _ in operands):
        return None
    attrs = {**node.attrs, "axis": node.attrs["axis"] + 1}
    return emit(node.primitive.name, [t for _, t in operands], attrs)


def _on_axes(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> list[Tracer]:
    attrs = {**node.attrs, "axes": tuple(a + 1 for a in node.attrs["axes"])}
    return emit(node.primitive.name, [operands[0][1]], attrs)


def _transpose(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> list[Tracer]:
    axes = (0, *(a + 1 for a in node.attrs["axes"]))
    return emit("transpose", [operands[0][1]], {"axes": axes})


def _reshape(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> list[Tracer]:
    return emit("reshape", [operands[0][1]], {"shape": (length, *node.attrs["shape"])})


def _slice(node: Node, operands: Sequence[Stacked], length: int, emit: Emit) -> list[Tracer]:
    attrs = node.attrs
    attrs = {
        "start": (0, *attrs["start"]),
        "stop": (length, *attrs["stop"]),
        "step": (1, *attrs["step"]),
    }
    return emit("slice", [operands[0][1]], attrs)


_RULES: dict[str, Callable[..., list[Tracer] | None]] = {
    "argmax": _on_axis,
    "argmin": _on_axis,
    "concatenate": _on_axis,
    "dot": _dot,
    "reduce_max": _on_axes,
    "reduce_min": _on_axes,
    "reduce_sum": _on_axes,
    "reshape": _reshape,
    "reverse": _on_axes,
    "slice": _slice,
    "split": _on_axis,
    "transpose": _transpose,
}
