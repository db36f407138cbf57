"""A step on PyTorch: op by op at first, then as a tape of kernels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch import tensors
from cornu.backends.torch.recording import Recorder, Tape
from cornu.graph import effects
from cornu.graph.backend import Compiled, Function
from cornu.graph.effects import Cell

__all__ = ["TorchCompiled", "depth", "in_step", "setting"]

# How many gradients are being taken around the code that runs, and whether a compiled step runs.
depth: ContextVar[int] = ContextVar("gradient_depth", default=0)
in_step: ContextVar[bool] = ContextVar("in_step", default=False)

# Recordings of one step before it is left as it is. The first often differs: it makes variables.
_MOST = 4


@contextlib.contextmanager
def setting(variable: ContextVar[Any], value: Any) -> Iterator[None]:
    """Let a context variable have a value in the block."""
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


class _Run:
    """What one run of a step did.

    Attributes:
        outputs: The tensors that the function returned.
        cells: The cells that it wrote.
        values: Their new values.
        copied: Whether each new value shares memory with something else, so that it must be copied.
    """

    __slots__ = ("cells", "copied", "outputs", "values")

    def __init__(self, function: Function, args: Sequence[Tensor]) -> None:
        with effects.scope() as scope:
            outputs = function(list(args))
        self.outputs = [tensors.to_native(o) for o in outputs]
        self.cells: list[Cell] = list(scope.written)
        self.values = [tensors.to_native(v) for v in scope.written.values()]
        seen = {x.data_ptr() for x in (*scope.bound.values(), *args) if isinstance(x, Tensor)}
        self.copied = []
        for value in self.values:  # two cells must not share memory
            self.copied.append(value.data_ptr() in seen)
            seen.add(value.data_ptr())

    def commit(self) -> list[Any]:
        """Let the cells have their new values; return the outputs."""
        for cell, value, copied in zip(self.cells, self.values, self.copied, strict=True):
            effects.write(cell, value.clone() if copied else value)
        return self.outputs


class TorchCompiled(Compiled):
    """A step whose state is written when all of it has been computed."""

    def __init__(self, f: Function) -> None:
        self._function = f
        self._recording: Recorder | None = None
        self._recorded = 0
        self._tape: Tape | None = None
        self._cells: list[tuple[Cell, bool]] = []

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run on arguments of the signature."""
        given = [tensors.to_native(a) for a in args]
        recorded = depth.get() > 0  # inside a gradient the values belong to its graph
        alone = not recorded and effects.current_scope() is None
        with torch.set_grad_enabled(recorded), setting(in_step, True):
            if alone and self._tape is not None:
                try:
                    values = self._tape(given)
                except Exception:  # op by op it fails again, and says where and why
                    return _Run(self._function, given).commit()
                return self._commit(values)
            if alone and self._recorded < _MOST:
                return self._record(given)
            return _Run(self._function, given).commit()

    def _commit(self, values: list[Any]) -> list[Any]:
        results = len(values) - len(self._cells)
        for (cell, copied), value in zip(self._cells, values[results:], strict=True):
            cell._cornu_store(value.clone() if copied else value)
        return values[:results]

    def _record(self, args: list[Tensor]) -> list[Any]:
        before, self._recording = self._recording, None
        # An argument has a name of its own, even if two are one tensor.
        args = [a.view_as(a) for a in args]
        with Recorder(args) as recorder:
            run = _Run(self._function, args)
        recorder.finish([*run.outputs, *run.values])
        self._recorded += 1
        if recorder.broken:
            self._recorded = _MOST
        elif before is not None and recorder.agrees(before):
            self._tape = Tape(recorder)
            self._cells = list(zip(run.cells, run.copied, strict=True))
        elif self._recorded < _MOST:
            self._recording = recorder
        return run.commit()
