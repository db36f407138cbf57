"""A traced step as a plan of the core, and the state that it changes in place."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from cornu.backends.native.build import Shared, build_plan
from cornu.backends.native.chunks import in_chunks
from cornu.backends.native.fallback import blame
from cornu.backends.native.loader import core
from cornu.backends.native.plan import Plan, encode
from cornu.backends.native.safety import is_shared
from cornu.backends.native.scores import in_blocks
from cornu.backends.native.widen import widened
from cornu.errors import add_place
from cornu.graph.array import raw
from cornu.graph.backend import Batches, Compiled, Rows
from cornu.graph.compiled import Step
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.effects import Cell
from cornu.lazy import later

if TYPE_CHECKING:
    from cornu.backends.native import describe, profile
    from cornu.graph.timing import Measured
else:
    describe = later("cornu.backends.native.describe")
    profile = later("cornu.backends.native.profile")

__all__ = ["NativeCompiled"]


class _Owned:
    def __init__(self) -> None:
        self.storage = np.zeros(1)


def _references(owner: Any) -> int:
    storage = owner.storage
    return sys.getrefcount(storage)


_ALONE = _references(_Owned())  # how many references there are when nobody else has one


class NativeCompiled(Compiled):
    """A traced step and its plan.

    State is updated where it lies, in the Variables' own arrays. One of which somebody holds a
    snapshot (or any other reference) gets a fresh array first, so the snapshot keeps its numbers.
    """

    def __init__(self, step: Step) -> None:
        self.step = step
        reads = {id(cell): i for i, cell in enumerate(step.reads)}
        first = len(step.graph.inputs) - len(step.reads)
        pairs = [
            (first + reads[id(cell)], step.results + i)
            for i, cell in enumerate(step.writes)
            if id(cell) in reads
        ]
        whole = widened(step.graph)
        graph = in_blocks(in_chunks(whole, first))
        shared = Shared(core())
        self.plan: Plan = build_plan(graph, shared, step.results, pairs)
        if graph is not whole and not all(map(is_shared, self.plan.instructions)):
            # What has no kernel would run chunk by chunk on one thread.
            shared = Shared(core())
            self.plan = build_plan(whole, shared, step.results, pairs)
        self._native = core().Plan(
            encode(self.plan, shared.opcodes), shared.constants, shared.callbacks
        )
        self._arguments = [t._cornu_spec for t in graph.inputs[:first]]
        self._written = set(map(id, step.writes))
        self._others = [cell for cell in step.writes if id(cell) not in reads]
        self._results = [
            (tuple(t._cornu_spec.shape), numpy_dtype(t._cornu_spec.dtype))
            for t in graph.outputs[: step.results]
        ]

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run one step."""
        state, results = self._state(), self._empty()
        self._run([*self._given(args), *state[0], *results, *state[1]], True)
        return results

    def run(self, batches: Iterator[Sequence[Any]], budget: float) -> tuple[int, list[Any]]:
        """Run step after step; see `graph.backend.Compiled`."""
        if isinstance(batches, Batches):
            rows = batches.rows()
            sources = None if rows is None else self._sources(rows)
            if rows is not None and sources is not None:
                return self._run_rows(batches, rows, sources, budget)
        return self._run_batches(batches, budget)

    def _run_batches(
        self, batches: Iterator[Sequence[Any]], budget: float
    ) -> tuple[int, list[Any]]:
        limit = perf_counter() + budget
        args = next(batches, None)
        if args is None:
            return 0, []
        (reads, others), results = self._state(), self._empty()
        done, longest = 0, 0.0
        while args is not None:
            now = perf_counter()
            # Results are wanted of the last step alone: of that which probably ends too late.
            following = failure = None
            if now + longest < limit:
                try:
                    following = next(batches, None)
                except Exception as error:  # for after the step: this batch is in order
                    failure = error
            self._run([*self._given(args), *reads, *results, *others], following is None)
            if failure is not None:
                raise failure
            done += 1
            longest = max(longest, perf_counter() - now)
            args = following
        return done, results

    def profile(self, args: Sequence[Any]) -> Measured:
        """Time every instruction on copies of the state; see `graph.backend.Compiled`."""
        cells = (*self.step.reads, *self._others)
        state = [np.array(cell._cornu_storage, order="C") for cell in cells]
        reads, others = state[: len(self.step.reads)], state[len(self.step.reads) :]
        externals = [*self._given(args), *reads, *self._empty(), *others]
        return profile.measure(self.plan, lambda: self._guarded(self._native.profile, externals))

    def describe(self) -> str:
        """Return the plan as text."""
        return describe.describe(self.plan)

    def _sources(self, rows: Rows) -> list[tuple[int, Any, int, int]] | None:
        """Return from where the core fetches batches, or None if it can't cast one of them."""
        kinds: dict[str, int] = core().row_kinds()
        found = []
        for i, (array, spec) in enumerate(zip(rows.arrays, self._arguments, strict=True)):
            kind = kinds.get(f"{array.dtype.name}->{spec.dtype}")
            if kind is None and array.dtype != numpy_dtype(spec.dtype):
                return None
            row = array.itemsize * math.prod(array.shape[1:])
            found.append((i, array, row, kinds["copy"] if kind is None else kind))
        return found

    def _run_rows(
        self, batches: Batches, rows: Rows, sources: Any, budget: float
    ) -> tuple[int, list[Any]]:
        (reads, others), results = self._state(), self._empty()
        externals = [*[None] * len(sources), *reads, *results, *others]
        try:
            done: int = self._native.run_many(
                externals, sources, rows.order, rows.size, rows.steps, 0, budget, True
            )
        except Exception as error:
            finished = getattr(error, "cornu_steps", 0)
            if type(error) is ValueError and not hasattr(error, "cornu_instruction"):
                # A value that its dtype in a batch can't hold: the data's own cast finds the words.
                batches.skip(finished)
                more, results = self._run_batches(batches, budget)
                return finished + more, results
            batches.skip(finished + 1)  # the batch that failed is taken, too
            self._fail(error)
        batches.skip(done)
        return done, results

    def _run(self, externals: list[Any], late: bool) -> None:
        self._guarded(self._native.run, externals, late)

    def _guarded(self, run: Callable[..., Any], *args: Any) -> Any:
        try:
            return run(*args)
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        """Raise an error of the core in words of cornu, with the layer that it arose in."""
        path: tuple[int, ...] = getattr(error, "cornu_instruction", ())
        told: Exception = error
        layer = self.plan.instructions[path[0]].layer if path else ""
        if isinstance(error, core().PlanFailure):
            path, message = error.args
            told, layer = self._explained(path, message)
        if layer:
            add_place(told, layer)
        if told is error:
            raise
        raise told from None

    def _explained(self, path: tuple[int, ...], message: str) -> tuple[Exception, str]:
        """Let the reference of the primitive that failed say what is wrong, and in which layer."""
        ins = self.plan.instructions[path[0]]
        found = None
        if len(path) == 1 and ins.node is not None:
            found = blame(ins.node, self._native.operands(path[0]))
        return found or (RuntimeError(message), ins.layer)

    def _given(self, args: Sequence[Any]) -> list[Any]:
        return [
            np.ascontiguousarray(raw(a)).reshape(s.shape)
            for a, s in zip(args, self._arguments, strict=True)
        ]

    def _empty(self) -> list[Any]:
        return [np.empty(shape, dtype) for shape, dtype in self._results]

    def _state(self) -> tuple[list[Any], list[Any]]:
        """Return the arrays of the cells that are read, and of those that are only written."""
        found: list[Any] = []
        for cell in self.step.reads:
            storage = cell._cornu_storage
            if id(cell) in self._written and sys.getrefcount(storage) > _ALONE:
                del storage
                storage = _renewed(cell)
            found.append(storage)
        others = []
        for cell in self._others:
            others.append(_renewed(cell))
        return found, others


def _renewed(cell: Cell) -> Any:
    """Give a cell an array of its own, with the same values."""
    cell._cornu_storage = fresh = np.array(cell._cornu_storage, order="C")
    return fresh
