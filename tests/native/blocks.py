"""Block programs written by hand, and run through a plan of one instruction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.backends.native.loader import core
from cornu.backends.native.plan import DTYPES
from tests.native.single import run_one

__all__ = ["ALL", "BOUND", "COLUMN", "CONSTANT", "ONE", "ROW", "SCRATCH", "STRIDED", "Block"]

Array = np.ndarray[Any, Any]

ALL, ROW, ONE = range(3)  # kinds of registers
SCRATCH, BOUND, COLUMN, CONSTANT, STRIDED = range(5)  # where they lie
FOLDS = {"sum": 0, "column sum": 1, "max": 2, "column max": 3, "min": 4, "column min": 5}


class Block:
    """A program on a domain of rows x columns; methods return the numbers of registers."""

    def __init__(self, rows: int, cols: int) -> None:
        self.rows = rows
        self.cols = cols
        self.registers: list[list[int]] = []
        self.prologue: list[list[int]] = []
        self.body: list[list[int]] = []
        self.results: list[list[int]] = []
        self.inputs: list[Array] = []
        self.outputs: list[Array] = []

    def register(self, kind: int, dtype: str, storage: int, index: int) -> int:
        self.registers.append([kind, DTYPES.index(dtype), storage, index])
        return len(self.registers) - 1

    def input(self, array: Array, kind: int = ALL, storage: int = BOUND) -> int:
        self.inputs.append(array)
        return self.register(kind, array.dtype.name, storage, len(self.inputs) - 1)

    def output(self, array: Array, kind: int = ALL, storage: int = BOUND) -> int:
        self.outputs.append(array)  # numbered from -1 downwards until all inputs are known
        return self.register(kind, array.dtype.name, storage, -len(self.outputs))

    def constant(self, value: Any, dtype: str = "float32") -> int:
        memory = np.zeros(8, np.uint8)
        word = np.atleast_1d(np.asarray(value, dtype)).view(np.uint8)
        memory[: word.size] = word
        return self.register(ONE, dtype, CONSTANT, int(memory.view(np.int64)[0]))

    def scratch(self, dtype: str = "float32", kind: int = ALL, slot: int | None = None) -> int:
        return self.register(kind, dtype, SCRATCH, len(self.registers) if slot is None else slot)

    def op(self, name: str, target: int, *operands: int, first: bool = False) -> int:
        """Add an operation; with `first`, to the prologue."""
        code = core().block_ops()[name][0]
        padded = [*operands, *[-1] * (3 - len(operands))]
        (self.prologue if first else self.body).append([code, target, *padded])
        return target

    def result(self, fold: str, source: int, array: Array) -> None:
        self.outputs.append(array)
        self.results.append([FOLDS[fold], source, -len(self.outputs)])

    @property
    def attributes(self) -> list[int]:
        n = len(self.inputs)

        def numbered(index: int, storage: int = BOUND) -> int:
            return n - 1 - index if index < 0 and storage != CONSTANT else index

        words = [self.rows, self.cols]
        parts: Sequence[list[list[int]]] = (
            [[*r[:3], numbered(r[3], r[2])] for r in self.registers],
            self.prologue,
            self.body,
            [[*r[:2], numbered(r[2])] for r in self.results],
        )
        words += [len(part) for part in parts]
        for part in parts:
            for item in part:
                words += item
        return words

    def run(self, times: int = 1) -> None:
        """Write the outputs."""
        run_one("block", self.inputs, self.outputs, self.attributes, times)
