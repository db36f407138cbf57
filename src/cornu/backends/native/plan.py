"""Plans as plain data: buffers, instructions over parts of them, and the words the core reads."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.graph.trace import Node

__all__ = [
    "ARENA",
    "CONSTANT",
    "DTYPES",
    "EXTERNAL",
    "WRITABLE",
    "Buffer",
    "Instruction",
    "Operand",
    "Plan",
    "bits_of",
    "contiguous_strides",
    "encode",
    "is_contiguous",
    "whole",
]

_MAGIC, _VERSION = 0x636F726E75, 1

# The core's element types, in its order.
DTYPES = (
    *("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
    *("float16", "bfloat16", "float32", "float64"),
)
_NUMBER = {name: i for i, name in enumerate(DTYPES)}

EXTERNAL, CONSTANT, ARENA = range(3)
WRITABLE = 1  # flag of an external buffer


class Buffer:
    """Memory of one dtype.

    Attributes:
        kind: EXTERNAL (given at each call), CONSTANT or ARENA.
        dtype: Of its elements.
        count: Elements.
        place: Number in the call's list, number of the constant, or offset in the arena in bytes.
        flags: WRITABLE for externals that the plan may write.
    """

    __slots__ = ("count", "dtype", "flags", "kind", "place")

    def __init__(self, kind: int, dtype: str, count: int, place: int = 0, flags: int = 0) -> None:
        self.kind = kind
        self.dtype = dtype
        self.count = count
        self.place = place
        self.flags = flags


class Operand:
    """A part of a buffer as one instruction sees it; offset and strides count elements."""

    __slots__ = ("buffer", "offset", "shape", "strides")

    def __init__(
        self, buffer: Buffer, shape: tuple[int, ...], strides: tuple[int, ...], offset: int = 0
    ) -> None:
        self.buffer = buffer
        self.shape = shape
        self.strides = strides
        self.offset = offset

    @property
    def dtype(self) -> str:
        """The dtype of its elements."""
        return self.buffer.dtype

    @property
    def size(self) -> int:
        """How many elements it has."""
        return math.prod(self.shape)

    @property
    def contiguous(self) -> bool:
        """Whether it is row-major without gaps."""
        return is_contiguous(self.shape, self.strides)

    def __repr__(self) -> str:
        return f"{self.dtype}{list(self.shape)}"


class Instruction:
    """One call of a kernel.

    Attributes:
        opcode: The kernel's name.
        inputs: What it reads.
        outputs: What it writes.
        attributes: Integers that the kernel understands.
        nested: Bodies of control flow.
        late: Whether only the function's own results need it, so that all steps of a run but the
            last may leave it out.
        layer: The path of the layer that it belongs to, for errors and profiles.
        what: What it computes, for people: names of primitives.
        node: The node behind it, whose reference has the words for wrong data; None for a group.
        reuse: Of an output's place, the places of inputs whose memory it may take over.
    """

    __slots__ = (
        *("attributes", "inputs", "late", "layer", "nested", "node", "opcode", "outputs"),
        *("reuse", "what"),
    )

    def __init__(
        self,
        opcode: str,
        inputs: Sequence[Operand],
        outputs: Sequence[Operand],
        attributes: Sequence[int] = (),
        *,
        nested: Sequence[Plan] = (),
        late: bool = False,
        layer: str = "",
        what: str = "",
        node: Node | None = None,
        reuse: dict[int, tuple[int, ...]] | None = None,
    ) -> None:
        self.opcode = opcode
        self.inputs = inputs
        self.outputs = outputs
        self.attributes = attributes
        self.nested = nested
        self.late = late
        self.layer = layer
        self.what = what
        self.node = node
        self.reuse = reuse or {}


class Plan:
    """Instructions in order, and the buffers that they work on."""

    __slots__ = ("arena_bytes", "buffers", "instructions")

    def __init__(self) -> None:
        self.buffers: list[Buffer] = []
        self.instructions: list[Instruction] = []
        self.arena_bytes = 0

    def add(self, buffer: Buffer) -> Buffer:
        """Take a buffer in and return it."""
        self.buffers.append(buffer)
        return buffer


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides, in elements, of a row-major array."""
    strides = []
    step = 1
    for d in reversed(shape):
        strides.append(step)
        step *= d
    return tuple(reversed(strides))


def is_contiguous(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Say whether an array is row-major without gaps; axes of one element may have any stride."""
    expected = 1
    for d, s in zip(reversed(shape), reversed(strides), strict=True):
        if d != 1 and s != expected:
            return False
        expected *= d
    return True


def whole(buffer: Buffer, shape: tuple[int, ...]) -> Operand:
    """Return the whole buffer as a row-major array."""
    return Operand(buffer, shape, contiguous_strides(shape))


def encode(plan: Plan, opcodes: dict[str, int]) -> array[int]:
    """Return the words that the core builds the plan from.

    Args:
        plan: The plan, with its buffers placed.
        opcodes: The core's kernels and their numbers.
    """
    words = array("q")
    _encode(plan, opcodes, words)
    return words


def _encode(plan: Plan, opcodes: dict[str, int], words: array[int]) -> None:
    out: list[int] = [_MAGIC, _VERSION, len(plan.buffers)]
    number: dict[int, int] = {}
    for i, b in enumerate(plan.buffers):
        number[id(b)] = i
        out += (b.kind, _NUMBER[b.dtype], b.count, b.place, b.flags)
    out += (plan.arena_bytes, len(plan.instructions))
    nested: list[Plan] = []
    for ins in plan.instructions:
        operands = (*ins.inputs, *ins.outputs)
        out += (
            opcodes[ins.opcode],
            int(ins.late),
            len(ins.inputs),
            len(ins.outputs),
            len(ins.attributes),
            len(ins.nested),
        )
        for o in operands:
            out += (number[id(o.buffer)], o.offset, len(o.shape))
            out += o.shape
            out += o.strides
        out += ins.attributes
        for body in ins.nested:
            out.append(len(nested))
            nested.append(body)
    out.append(len(nested))
    words.extend(out)
    for body in nested:
        at = len(words)
        words.append(0)
        _encode(body, opcodes, words)
        words[at] = len(words) - at - 1


def bits_of(value: Any, dtype: str) -> int:
    """Return the bytes of one element as a signed 64-bit integer, low bytes first."""
    raw = np.asarray(value, dtype).tobytes().ljust(8, b"\0")
    return int.from_bytes(raw, "little", signed=True)
