"""A step on JAX: a pure function of arguments and state, compiled by XLA."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import Any

import jax
import jax.extend
import jax.numpy as jnp
import numpy as np

from cornu.backends.jax import tensors
from cornu.graph import effects
from cornu.graph.backend import Compiled, Function
from cornu.graph.effects import Cell

__all__ = ["JaxCompiled", "Storage"]

State = list[Any]

_CHUNKS = (512, 64, 8)  # steps that one call of XLA may do
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
    doesn't name it, becomes an input too, and the function is traced once more.

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
            if len(taken) == size > 1:
                stacked = [np.stack(column) for column in zip(*taken, strict=True)]
                outputs = self._run(self._chunked, stacked)
            else:
                begin = perf_counter()
                for args in taken:
                    outputs = self(args)
                if self._steps:  # the first step was all compiling
                    self._single += perf_counter() - begin
                self._steps += len(taken)
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
        return next((n for n in _CHUNKS if n * pace <= left and n * self._size <= _BYTES), 1)

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
        while True:
            unknown: dict[Cell, None] = {}
            pure = self._pure(self._cells, unknown)
            state = [_abstract(c) for c in self._cells]
            traced, shapes = jax.make_jaxpr(pure, return_shape=True)(given, state)
            if not unknown:
                break
            self._cells += unknown
        written = set(self._writes)
        self._others = [c for c in self._cells if c not in written]
        step = jax.extend.core.jaxpr_as_fun(traced)
        results = len(shapes[0])

        def split(args: State, used: State, kept: State) -> tuple[State, State]:
            values = dict(zip([*self._writes, *self._others], [*used, *kept], strict=True))
            found = step(*args, *[values[c] for c in self._cells])
            return found[:results], found[results:]

        def many(stacked: State, used: State, kept: State) -> tuple[State, State]:
            # All but the last step give their state on; the last one gives the outputs too.
            def one(state: State, args: State) -> tuple[State, None]:
                return split(args, state, kept)[1], None

            state, _ = jax.lax.scan(one, used, [x[:-1] for x in stacked])
            return split([x[-1] for x in stacked], state, kept)

        self._jitted = jax.jit(split, donate_argnums=1)
        self._chunked = jax.jit(many, donate_argnums=1)

    def _pure(self, cells: list[Cell], unknown: dict[Cell, None]) -> Any:
        """Return a function of arguments and state to outputs and new state."""

        def stand_in(cell: Cell) -> Any:
            unknown[cell] = None
            return jnp.zeros(*_shape(cell))

        def pure(args: State, state: State) -> tuple[State, State]:
            given = _Given(zip(cells, state, strict=True))
            with effects.scope(stand_in) as scope:
                scope.bound = given
                outputs = self._function(list(args))
            written = {c: v for c, v in scope.written.items() if v is not given.get(c)}
            self._writes = list(written)
            return [tensors.to_native(o) for o in outputs], [
                tensors.to_native(v) for v in written.values()
            ]

        return pure


def _shape(cell: Cell) -> tuple[Any, Any]:
    spec: Any = cell._cornu_spec
    return spec.shape, tensors.native_dtype(spec.dtype)


def _abstract(cell: Cell) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(*_shape(cell))


def _own(cell: Any) -> jax.Array:
    """Return the array of a cell, or a copy where somebody else may hold it."""
    storage: Storage = cell._cornu_storage
    return jnp.copy(storage.array) if storage.shared else storage.array
