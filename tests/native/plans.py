"""Small plans for the tests of the executor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cornu.backends.native.loader import core
from cornu.backends.native.plan import (
    ARENA,
    CONSTANT,
    EXTERNAL,
    WRITABLE,
    Buffer,
    Instruction,
    Operand,
    Plan,
    contiguous_strides,
    encode,
)

__all__ = ["Draft", "typed"]

Array = np.ndarray[Any, Any]
Function = Callable[..., None]


def typed(dtype: str, function: Callable[..., Any]) -> Function:
    """Return a callback that computes its only output, all of one dtype, by a function."""

    def callback(*views: memoryview) -> None:
        *inputs, output = (np.frombuffer(v, dtype) for v in views)
        output[:] = function(*inputs)

    return callback


class Draft:
    """A plan in the making, its constants and its callbacks.

    Nested plans are drafts that share the callbacks: `draft.nested()`.
    """

    def __init__(self, callbacks: list[Function] | None = None) -> None:
        self.plan = Plan()
        self.callbacks: list[Function] = [] if callbacks is None else callbacks
        self.constants: list[Array] = []

    def nested(self) -> Draft:
        return Draft(self.callbacks)

    def external(
        self, place: int, shape: Sequence[int], dtype: str = "float32", *, write: bool = False
    ) -> Operand:
        flags = WRITABLE if write else 0
        return self._whole(EXTERNAL, shape, dtype, place, flags)

    def arena(self, shape: Sequence[int], dtype: str = "float32") -> Operand:
        place = self.plan.arena_bytes
        operand = self._whole(ARENA, shape, dtype, place, 0)
        size = operand.size * np.dtype(dtype).itemsize
        self.plan.arena_bytes += -(-size // 64) * 64
        return operand

    def constant(self, value: Array) -> Operand:
        self.constants.append(value)
        return self._whole(CONSTANT, value.shape, value.dtype.name, len(self.constants) - 1, 0)

    def _whole(
        self, kind: int, shape: Sequence[int], dtype: str, place: int, flags: int
    ) -> Operand:
        count = int(np.prod(shape, dtype=np.int64))
        buffer = self.plan.add(Buffer(kind, dtype, count, place, flags))
        return Operand(buffer, tuple(shape), contiguous_strides(shape))

    def add(
        self,
        opcode: str,
        inputs: Sequence[Operand],
        outputs: Sequence[Operand],
        attributes: Sequence[int] = (),
        *,
        bodies: Sequence[Draft] = (),
        late: bool = False,
    ) -> None:
        nested = [body.plan for body in bodies]
        self.plan.instructions.append(
            Instruction(opcode, inputs, outputs, attributes, nested=nested, late=late)
        )

    def call(
        self,
        function: Callable[..., Any],
        inputs: Sequence[Operand],
        output: Operand,
        *,
        late: bool = False,
    ) -> None:
        """Add a callback that computes one output from inputs of its dtype."""
        self.callbacks.append(typed(output.dtype, function))
        self.add("python", inputs, [output], [len(self.callbacks) - 1], late=late)

    def words(self) -> Any:
        return encode(self.plan, core().opcodes())

    def build(self) -> Any:
        return core().Plan(self.words(), self.constants, self.callbacks)
