"""The numpy backend: ndarrays, cornu's own traces, and the interpreter of `program`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from cornu.backends.numpy.blas import one_thread
from cornu.backends.numpy.memory import keep_freed_memory
from cornu.graph import autodiff
from cornu.graph.array import Array, as_array, raw
from cornu.graph.backend import Backend, Compiled, Function
from cornu.graph.compiled import Step, trace_step
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.effects import Cell
from cornu.graph.primitive import Primitive, run_reference
from cornu.graph.spec import Spec
from cornu.graph.trace import Tracer
from cornu.lazy import later

if TYPE_CHECKING:
    from cornu.backends.numpy import program
else:
    program = later("cornu.backends.numpy.program")

__all__ = ["BACKEND", "NumpyBackend", "NumpyCompiled"]


class NumpyCompiled(Compiled):
    """A traced step and the program that runs it."""

    def __init__(self, step: Step) -> None:
        keep_freed_memory()
        self.step = step
        self.program = program.Program(self.step.graph, self.step.results)

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run one step."""
        with one_thread(), np.errstate(all="ignore"):
            new, registers = self.program.advance(self._inputs(args))
            results = program.as_results(self.program.finish(registers))
            self._commit(new)
        return results

    def run(self, batches: Iterator[Sequence[Any]], budget: float) -> tuple[int, list[Any]]:
        """Run step after step; see `graph.backend.Compiled`."""
        done, registers = 0, None
        with one_thread(), np.errstate(all="ignore"):
            limit = perf_counter() + budget
            for args in batches:
                new, registers = self.program.advance(self._inputs(args))
                self._commit(new)
                done += 1
                if perf_counter() >= limit:
                    break
            if registers is None:
                return done, []
            return done, program.as_results(self.program.finish(registers))

    def _inputs(self, args: Sequence[Any]) -> list[Any]:
        inputs = [raw(a) if a.__class__ is not np.ndarray else a for a in args]
        inputs += [cell._cornu_load() for cell in self.step.reads]
        return inputs

    def _commit(self, values: Sequence[Any]) -> None:
        for cell, value in zip(self.step.writes, values, strict=True):
            cell._cornu_store(value)


class NumpyBackend(Backend):
    """Runs everything with NumPy."""

    name = "numpy"
    traces = True
    tensor = Array

    def run(self, primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Run the reference; dividing by zero and the like give inf and nan without a warning."""
        with np.errstate(all="ignore"):
            result = run_reference(primitive, args, attrs)
        # Without operands (`full`, `iota`) nothing else says that it is ours.
        return as_array(result) if not args and not primitive.multiple else result

    def to_native(self, x: Any, dtype: str | None = None) -> Any:
        """Return a plain ndarray (users see it as an Array)."""
        return np.asarray(raw(x), None if dtype is None else numpy_dtype(dtype))

    def to_numpy(self, x: Any) -> np.ndarray[Any, Any]:
        """Return a writable copy."""
        return np.array(raw(x))

    def is_native(self, x: Any) -> bool:
        """Say whether `x` is an Array."""
        return isinstance(x, Array)

    def is_concrete(self, x: Any) -> bool:
        """Say whether the values are known: of a tracer only under an eager gradient."""
        return x.__class__ is not Tracer or x.value is not None

    def wrap(self, x: Any) -> Any:
        """Return an ndarray as a read-only Array."""
        return as_array(x) if x.__class__ is np.ndarray else x

    def make_storage(self, value: np.ndarray[Any, Any], trainable: bool) -> Any:
        """Return a copy of its own."""
        return np.array(value)

    def write(self, storage: Any, value: Any) -> Any:
        """Take the value over; one that shares memory with something else is copied."""
        if value.__class__ is not np.ndarray:
            value = np.asarray(raw(value))
        return value if value.base is None and value.flags.owndata else value.copy()

    def value_and_grad(
        self, f: Callable[[list[Any]], tuple[Any, list[Any]]], values: Sequence[Any]
    ) -> tuple[Any, list[Any], list[Any]]:
        """Differentiate on a trace."""
        with np.errstate(all="ignore"):
            return autodiff.value_and_grad(f, values)

    def compile(self, f: Function, specs: Sequence[Spec], cells: Sequence[Cell] = ()) -> Compiled:
        """Trace and plan."""
        return NumpyCompiled(trace_step(f, specs))


BACKEND = NumpyBackend()
