"""The numpy backend: ndarrays, cornu's own traces, and the interpreter of `program`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from cornu.backends.numpy.blas import one_thread
from cornu.backends.numpy.program import Program, as_results
from cornu.graph import autodiff
from cornu.graph.array import Array, as_array, raw
from cornu.graph.backend import Backend, Compiled, Function
from cornu.graph.compiled import trace_step
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.effects import Cell
from cornu.graph.primitive import Primitive, run_reference
from cornu.graph.spec import Spec
from cornu.graph.trace import Tracer

__all__ = ["BACKEND", "NumpyBackend", "NumpyCompiled"]


class NumpyCompiled(Compiled):
    """A traced step and the program that runs it."""

    def __init__(self, f: Function, specs: Sequence[Spec]) -> None:
        self.step = trace_step(f, specs)
        self.program = Program(self.step.graph)

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run one step."""
        with one_thread(), np.errstate(all="ignore"):
            return self._step(args)

    def run(self, batches: Iterator[Sequence[Any]], budget: float) -> tuple[int, list[Any]]:
        """Run step after step; see `graph.backend.Compiled`."""
        with one_thread(), np.errstate(all="ignore"):
            return super().run(batches, budget)

    def _step(self, args: Sequence[Any]) -> list[Any]:
        step = self.step
        inputs = [raw(a) if a.__class__ is not np.ndarray else a for a in args]
        inputs += [cell._cornu_load() for cell in step.reads]
        outputs = self.program(inputs)
        results = as_results(outputs[: step.results])
        for cell, value in zip(step.writes, outputs[step.results :], strict=True):
            cell._cornu_store(value)
        return results


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
        return NumpyCompiled(f, specs)


BACKEND = NumpyBackend()
