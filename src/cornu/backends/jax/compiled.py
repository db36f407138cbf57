"""A step on JAX: a pure function of arguments and state, compiled by XLA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cornu.backends.jax import tensors
from cornu.errors import TracedValueError, source_of
from cornu.graph import effects
from cornu.graph.backend import Compiled, Function
from cornu.graph.effects import Cell

__all__ = ["JaxCompiled", "Storage"]

State = list[Any]

_ROOM = (8, 64, 512)  # batches that one call of XLA may have room for
_SHORT = 2e-3  # seconds; a longer step gains nothing from being one of many
_BYTES = 1 << 26  # of batches in one chunk


class Storage:
    """What a Variable owns: an array, and whether somebody else may hold it.

    A compiled step gives arrays that nobody else holds to XLA, which writes the new values there.
    """

    __slots__ = ("array", "shared")

    def __init__(self, array: jax.Array, shared: bool = False) -> None:
        self.array = array
        self.shared = shared


class _Given(dict[Cell, Any]):
    """Values of cells that are inputs. What else is read must not be kept.

    A stand-in belongs to the loop or gradient of JAX in which it was made, not to the whole step.
    """

    def __setitem__(self, cell: Cell, value: Any) -> None:
        pass


class JaxCompiled(Compiled):
    """A function compiled with the cells that it reads and writes.

    Which cells these are shows when it is traced. One that turns out to be read, though the hint
    doesn't name it, has a stand-in meanwhile and becomes an input too.

    Steps that are short run many at a time, in one loop of XLA. That has to be compiled too, so it
    is done only once single steps have taken as long as their own compilation.
    """

    def __init__(self, f: Function, cells: Sequence[Cell]) -> None:
        self._function = f
        self._cells = list(dict.fromkeys(cells))
        self._writes: list[Any] = []
        self._others: list[Any] = []  # cells that are only read
        self._size = 0  # bytes of a batch
        self._jitted: Any = None
        self._chunked: Any = None
        self._compiling = 0.0  # seconds
        self._single = 0.0  # seconds in single steps
        self._steps = 0
        self._rooms: set[int] = set()  # that have been compiled

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run on arguments of the signature; the first call compiles."""
        if self._jitted is None:
            begin = perf_counter()
            self._prepare(args)
            outputs = self._run(self._jitted, list(args))
            self._compiling = perf_counter() - begin
            return outputs
        return self._run(self._jitted, list(args))

    def run(self, batches: Iterator[Sequence[Any]], budget: float) -> tuple[int, list[Any]]:
        """Run step after step, many at a time where they are short."""
        done, outputs = 0, []
        limit = perf_counter() + budget
        while True:
            size = self._chunk(limit - perf_counter())
            taken = list(islice(batches, size))
            if not taken:
                break
            if len(taken) > 1:
                outputs = self._many(taken)
            else:
                begin = perf_counter()
                outputs = self(taken[0])
                if self._steps:  # the first step was all compiling
                    self._single += perf_counter() - begin
                self._steps += 1
            done += len(taken)
            if perf_counter() >= limit:
                break
        return done, outputs

    def _chunk(self, left: float) -> int:
        """Return how many steps to do at once in the seconds that are left."""
        if self._steps < 2 or self._single < self._compiling:
            return 1
        pace = self._single / (self._steps - 1)
        if pace > _SHORT:
            return 1
        most = max((n for n in _ROOM if n * self._size <= _BYTES), default=1)
        return max(min(int(left / pace), most), 1)

    def _many(self, batches: list[Sequence[Any]]) -> list[Any]:
        """Do a step for each of the batches in one call, which has room for more of them."""
        count = len(batches)
        room = next(n for n in (*sorted(self._rooms), *_ROOM) if n >= count)
        self._rooms.add(room)
        stacked = []
        for column in zip(*batches, strict=True):
            first = np.asarray(column[0])
            stacked.append(np.empty((room, *first.shape), first.dtype))
            np.stack(column, out=stacked[-1][:count])
        return self._run(partial(self._chunked, np.int32(count)), stacked)

    def _run(self, function: Any, args: list[Any]) -> list[Any]:
        if effects.current_scope() is not None:
            # Whoever opened the scope holds the arrays, and gets the new ones.
            used = [jnp.copy(effects.read(c)) for c in self._writes]
            outputs, values = function(args, used, [effects.read(c) for c in self._others])
            for cell, value in zip(self._writes, values, strict=True):
                effects.write(cell, value)
            return list(outputs)
        used = [_own(c) for c in self._writes]
        kept = [c._cornu_storage.array for c in self._others]
        outputs, values = function(args, used, kept)
        handed_out = {id(y) for y in outputs}
        for cell, value in zip(self._writes, values, strict=True):
            cell._cornu_storage = Storage(value, id(value) in handed_out)
            handed_out.add(id(value))
        return list(outputs)

    def _prepare(self, args: Sequence[Any]) -> None:
        given = list(args)
        self._size = sum(a.nbytes for a in given)
        known = list(self._cells)
        unknown: dict[Cell, jax.Array] = {}
        pure = self._pure(known, unknown)
        state = [_abstract(c) for c in known]
        traced, shapes = jax.make_jaxpr(pure, return_shape=True)(given, state)
        # The stand-ins are constants of what was traced; from now on they are inputs.
        cells = {id(holder): cell for cell, holder in unknown.items()}
        places = [cells.pop(id(c), None) for c in traced.consts]
        self._cells += [c for c in unknown if id(unknown[c]) not in cells]
        written = set(self._writes)
        self._others = [c for c in self._cells if c not in written]
        constants = [
            None if c is not None else x for c, x in zip(places, traced.consts, strict=True)
        ]
        results = len(shapes[0])

        def split(args: State, used: State, kept: State) -> tuple[State, State]:
            values = dict(zip([*self._writes, *self._others], [*used, *kept], strict=True))
            consts = [
                x if c is None else values[c][None] for c, x in zip(places, constants, strict=True)
            ]
            state = [values[c] for c in known]
            found = jax.core.eval_jaxpr(traced.jaxpr, consts, *args, *state)
            return found[:results], found[results:]

        def many(count: Any, stacked: State, used: State, kept: State) -> tuple[State, State]:
            # All but the last step give their state on; the last one gives the outputs too.
            def one(i: Any, state: State) -> State:
                return split([x[i] for x in stacked], state, kept)[1]

            state = jax.lax.fori_loop(0, count - 1, one, used)
            return split([x[count - 1] for x in stacked], state, kept)

        self._jitted = jax.jit(split, donate_argnums=1)
        self._chunked = jax.jit(many, donate_argnums=2)

    def _pure(self, cells: list[Cell], unknown: dict[Cell, jax.Array]) -> Any:
        """Return a function of arguments and state to outputs and new state."""

        def stand_in(cell: Cell) -> Any:
            if cell not in unknown:
                shape, dtype = _shape(cell)
                with jax.ensure_compile_time_eval():
                    # With an axis more: JAX would write a scalar into what it traces.
                    unknown[cell] = jnp.zeros((1, *shape), dtype)
            return unknown[cell][0]

        def pure(args: State, state: State) -> tuple[State, State]:
            given = _Given(zip(cells, state, strict=True))
            with effects.scope(stand_in) as scope:
                scope.bound = given
                try:
                    outputs = self._function(list(args))
                except _UNKNOWN as error:
                    if isinstance(error, AttributeError) and "Tracer has no" not in str(error):
                        raise
                    raise _traced(error) from error
            written = {c: v for c, v in scope.written.items() if v is not given.get(c)}
            self._writes = list(written)
            return [tensors.to_native(o) for o in outputs], [
                tensors.to_native(v) for v in written.values()
            ]

        return pure


_JAX = str(Path(jax.__file__).parent / "_src" / "core.py")

# What JAX raises where Python asks for a value that is not known yet, such as `if` and `.item()`.
_UNKNOWN = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    AttributeError,
)


def _traced(error: Exception) -> TracedValueError:
    """Say in our words what JAX complains of, with the user's line."""
    found = TracedValueError(
        "if, float(), np.asarray() or the like",
        "the value isn't known while the step is compiled",
        fix="Keep to ops on arrays, such as `ops.where` and `ops.cond`\n"
        "or: model.compile(..., run_eagerly=True)",
    )
    notes = [n for n in getattr(error, "__notes__", ()) if n.startswith("In ")]
    place = source_of(found.with_traceback(_without_jax(error.__traceback__)))
    found.context = "\n".join([*notes[:1], *([f"At {place}."] if place else [])]) or None
    return found.with_traceback(None)


def _without_jax(trace: TracebackType | None) -> TracebackType | None:
    """Return a traceback that ends where JAX was called."""
    if trace is None or trace.tb_frame.f_code.co_filename.startswith(_JAX):
        return None
    rest = _without_jax(trace.tb_next)
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def _shape(cell: Cell) -> tuple[Any, Any]:
    spec: Any = cell._cornu_spec
    return spec.shape, tensors.native_dtype(spec.dtype)


def _abstract(cell: Cell) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(*_shape(cell))


def _own(cell: Any) -> jax.Array:
    """Return the array of a cell, or a copy where somebody else may hold it."""
    storage: Storage = cell._cornu_storage
    return jnp.copy(storage.array) if storage.shared else storage.array
