"""The native backend: plans of the compiled core; what runs op by op is NumPy's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.backends.native.compiled import NativeCompiled
from cornu.backends.native.loader import core
from cornu.backends.native.plan import DTYPES
from cornu.backends.numpy.backend import NumpyBackend, NumpyCompiled
from cornu.graph.array import raw
from cornu.graph.backend import Compiled, Function
from cornu.graph.compiled import Step, trace_step
from cornu.graph.effects import Cell
from cornu.graph.garbage import no_collection
from cornu.graph.spec import Spec

__all__ = ["BACKEND", "NativeBackend"]

_KNOWN = frozenset(DTYPES)


class NativeBackend(NumpyBackend):
    """Runs compiled steps by the core."""

    name = "native"

    def __init__(self) -> None:
        core()  # without it there is no such backend, and the error says what to do

    def make_storage(self, value: np.ndarray[Any, Any], trainable: bool) -> Any:
        """Return a copy of its own, row-major, as plans write to it."""
        return np.array(value, order="C")

    def write(self, storage: Any, value: Any) -> Any:
        """Take the value over; one that shares memory with something else is copied."""
        if value.__class__ is not np.ndarray:
            value = np.asarray(raw(value))
        own = value.base is None and value.flags.owndata and value.flags.c_contiguous
        return value if own and value.flags.writeable else np.array(value, order="C")

    def compile(self, f: Function, specs: Sequence[Spec], cells: Sequence[Cell] = ()) -> Compiled:
        """Trace and plan; what the core has no dtypes for runs on NumPy."""
        with no_collection():
            step = trace_step(f, specs)
            return NativeCompiled(step) if _plannable(step) else NumpyCompiled(step)


def _plannable(step: Step) -> bool:
    graph = step.graph
    values = [*graph.inputs, *graph.constants, *(o for n in graph.nodes for o in n.outputs)]
    return all(t._cornu_spec.dtype in _KNOWN for t in values) and not any(
        n.primitive.dynamic for n in graph.nodes
    )


BACKEND = NativeBackend()
