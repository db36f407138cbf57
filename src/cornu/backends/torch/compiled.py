"""A step on PyTorch: op by op at first, then as a tape of kernels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch.recording import Recorder
from cornu.backends.torch.tape import Tape
from cornu.backends.torch.tensors import shared, to_native
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


class TorchCompiled(Compiled):
    """A step whose state is written when all of it has been computed."""

    def __init__(self, f: Function) -> None:
        self._function = f
        self._recordings = 0
        self._recorder: Recorder | None = None  # of the run before
        self._tape: Tape | None = None
        self._cells: list[tuple[Cell, bool]] = []
        self._changes = False

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run on arguments of the signature."""
        outer = depth.get() > 0  # inside a gradient the values belong to its graph
        free = not outer and effects.current_scope() is None
        with torch.set_grad_enabled(outer), setting(in_step, True):
            if free and self._tape is not None:
                # The user's arrays themselves, unless the step writes into one.
                given = list(map(to_native if self._changes else shared, args))
                try:
                    values = self._tape(given)
                except Exception:
                    pass  # op by op it fails again, and says where and why
                else:
                    return _commit(self._cells, values)
            given = list(map(to_native, args))
            if free and self._tape is None and self._recordings < _MOST:
                return self._record(given)
            return _commit(*self._run(given))

    def _run(self, args: Sequence[Tensor]) -> tuple[list[tuple[Cell, bool]], list[Tensor]]:
        """Run once.

        Returns:
            The cells that were written, each with whether its new value must be copied because it
            shares memory with something else; the outputs, followed by the new values.
        """
        around = effects.current_scope()
        load = (lambda cell: cell._cornu_load()) if around is None else around.read
        with effects.scope(load) as scope:
            outputs = self._function(list(args))
        seen = {x.data_ptr() for x in (*scope.bound.values(), *args) if isinstance(x, Tensor)}
        values = [to_native(v) for v in scope.written.values()]
        cells = []
        for cell, value in zip(scope.written, values, strict=True):
            cells.append((cell, value.data_ptr() in seen))
            seen.add(value.data_ptr())
        return cells, [*map(to_native, outputs), *values]

    def _record(self, args: Sequence[Tensor]) -> list[Any]:
        before, self._recorder = self._recorder, None
        # An argument has a name of its own, even if two are one tensor.
        args = [a.view_as(a) for a in args]
        with Recorder(args) as recorder:
            cells, values = self._run(args)
            recorder.finish(args, values)
        self._recordings = _MOST if recorder.broken else self._recordings + 1
        if before is not None and not recorder.broken and recorder.agrees(before):
            self._tape, self._cells, self._changes = Tape(recorder), cells, recorder.changes
        elif self._recordings < _MOST:
            self._recorder = recorder
        return _commit(cells, values)


def _commit(cells: Sequence[tuple[Cell, bool]], values: list[Any]) -> list[Any]:
    """Let the cells have their new values; return the outputs before those."""
    results = len(values) - len(cells)
    for (cell, copied), value in zip(cells, values[results:], strict=True):
        effects.write(cell, value.clone() if copied else value)
    return values[:results]
