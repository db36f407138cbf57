"""Operands that need no instruction: other shapes, orders and parts of memory that is there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from cornu.backends.native.plan import Operand, contiguous_strides
from cornu.graph.trace import Node, known_shape

__all__ = ["VIEWS", "broadcast", "collapse", "reshape", "view"]

Shape = tuple[int, ...]


def reshape(x: Operand, shape: Shape) -> Operand | None:
    """Return the operand in another shape, or None where that takes a copy."""
    if x.contiguous:
        return Operand(x.buffer, shape, contiguous_strides(shape), x.offset)
    strides = _reshaped_strides(x.shape, x.strides, shape)
    return None if strides is None else Operand(x.buffer, shape, strides, x.offset)


def _reshaped_strides(old: Shape, strides: Shape, new: Shape) -> Shape | None:
    """Cut both shapes into groups of axes with equal products; each must be evenly spaced."""
    if 0 in old:
        return contiguous_strides(new)
    sizes = [(d, s) for d, s in zip(old, strides, strict=True) if d != 1]
    found: list[int] = []
    i = j = 0
    while j < len(new):
        if new[j] == 1:
            found.append(0)
            j += 1
            continue
        start_i, start_j = i, j
        have = want = 1
        while have == 1 or have != want:
            if have <= want and i < len(sizes):
                have *= sizes[i][0]
                i += 1
            elif j < len(new):
                want *= new[j]
                j += 1
            else:
                return None
            if have == want:
                break
        for k in range(start_i, i - 1):
            if sizes[k][1] != sizes[k + 1][0] * sizes[k + 1][1]:
                return None
        step = sizes[i - 1][1]
        part = []
        for d in reversed(new[start_j:j]):
            part.append(step)
            step *= d
        found += reversed(part)
    return tuple(found) if i == len(sizes) else None


def broadcast(x: Operand, shape: Shape) -> Operand:
    """Return the operand repeated to a shape, as NumPy aligns them."""
    lead = len(shape) - len(x.shape)
    strides = [0] * lead
    strides += [
        0 if d == 1 and wanted != 1 else s
        for d, s, wanted in zip(x.shape, x.strides, shape[lead:], strict=True)
    ]
    return Operand(x.buffer, shape, tuple(strides), x.offset)


def collapse(x: Operand, axes: Sequence[int]) -> tuple[int, int] | None:
    """Return (size, stride) of some axes taken as one, or None where they are not evenly spaced."""
    kept = [(x.shape[a], x.strides[a]) for a in axes if x.shape[a] != 1]
    if not kept:
        return 1, 0
    for (_, outer), (size, inner) in itertools.pairwise(kept):
        if outer != size * inner:
            return None
    return math.prod(d for d, _ in kept), kept[-1][1]


def _transpose(x: Operand, node: Node) -> Operand:
    axes = node.attrs["axes"]
    return Operand(
        x.buffer,
        tuple(x.shape[a] for a in axes),
        tuple(x.strides[a] for a in axes),
        x.offset,
    )


def _slice(x: Operand, node: Node) -> Operand:
    starts, steps = node.attrs["start"], node.attrs["step"]
    shape = known_shape(node.outputs[0])
    offset = x.offset
    if 0 not in shape:
        offset += sum(a * s for a, s in zip(starts, x.strides, strict=True))
    strides = tuple(s * step for s, step in zip(x.strides, steps, strict=True))
    return Operand(x.buffer, shape, strides, offset)


def _reverse(x: Operand, node: Node) -> Operand:
    axes, offset, strides = node.attrs["axes"], x.offset, list(x.strides)
    if 0 not in x.shape:
        for a in axes:
            offset += (x.shape[a] - 1) * strides[a]
            strides[a] = -strides[a]
    return Operand(x.buffer, x.shape, tuple(strides), offset)


def _split(x: Operand, node: Node) -> tuple[Operand, ...]:
    axis, offset, parts = node.attrs["axis"], x.offset, []
    for o in node.outputs:
        shape = known_shape(o)
        parts.append(Operand(x.buffer, shape, x.strides, offset if 0 not in shape else x.offset))
        offset += shape[axis] * x.strides[axis]
    return tuple(parts)


# Primitives that are views of their first operand, whatever its strides.
VIEWS: dict[str, Callable[[Operand, Node], Any]] = {
    "broadcast_to": lambda x, node: broadcast(x, known_shape(node.outputs[0])),
    "identity": lambda x, node: x,
    "reverse": _reverse,
    "slice": _slice,
    "split": _split,
    "stop_gradient": lambda x, node: x,
    "transpose": _transpose,
}


def view(x: Operand, node: Node) -> tuple[Operand, ...]:
    """Return the outputs of a node that is a view."""
    found = VIEWS[node.primitive.name](x, node)
    return found if isinstance(found, tuple) else (found,)
