"""One kernel alone: a plan of a single instruction on arrays of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.backends.native.loader import core
from cornu.backends.native.plan import (
    EXTERNAL,
    WRITABLE,
    Buffer,
    Instruction,
    Operand,
    Plan,
    encode,
)

__all__ = ["run_one"]

Arrays = Sequence[np.ndarray[Any, Any]]


def _operand(array: np.ndarray[Any, Any], place: int, flags: int) -> tuple[Operand, Any]:
    """Return the operand of an array, a view perhaps, and the flat memory that it lies in."""
    base = array
    while isinstance(base.base, np.ndarray):
        base = base.base
    if not base.flags.c_contiguous:  # such as a transposed array that owns its memory
        base = base.T
        assert base.flags.c_contiguous, "give a view of row-major memory"
    memory = base.reshape(-1)
    assert memory.dtype == array.dtype
    size = array.itemsize
    start = array.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    buffer = Buffer(EXTERNAL, array.dtype.name, memory.size, place, flags)
    strides = tuple(s // size for s in array.strides)
    return Operand(buffer, array.shape, strides, start // size), memory


def run_one(
    opcode: str, inputs: Arrays, outputs: Arrays, attributes: Sequence[int] = (), times: int = 1
) -> None:
    """Run one instruction; the outputs are written in place.

    Args:
        opcode: The kernel.
        inputs: Arrays, of any strides.
        outputs: Arrays, of any strides.
        attributes: The instruction's integers.
        times: How often to run it.
    """
    plan, memories, operands = Plan(), [], []
    for i, array in enumerate([*inputs, *outputs]):
        operand, memory = _operand(array, i, WRITABLE if i >= len(inputs) else 0)
        plan.add(operand.buffer)
        operands.append(operand)
        memories.append(memory)
    n = len(inputs)
    plan.instructions.append(Instruction(opcode, operands[:n], operands[n:], attributes))
    built = core().Plan(encode(plan, core().opcodes()), [], [])
    for _ in range(times):
        built.run(memories, True)
