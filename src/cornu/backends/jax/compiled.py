"""A step on JAX: a pure function of arguments and state, compiled by XLA."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from cornu.backends.jax import tensors
from cornu.graph import effects
from cornu.graph.backend import Compiled, Function
from cornu.graph.effects import Cell

__all__ = ["JaxCompiled"]

State = list[Any]


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
    """

    def __init__(self, f: Function, cells: Sequence[Cell]) -> None:
        self._function = f
        self._cells = list(dict.fromkeys(cells))
        self._writes: list[Cell] = []
        self._jitted: Any = None

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        """Run on arguments of the signature; the first call compiles."""
        if self._jitted is None:
            self._prepare(args)
        state = [effects.read(c) for c in self._cells]
        outputs, new = self._jitted(list(args), state)
        for cell, value in zip(self._writes, new, strict=True):
            effects.write(cell, value)
        return list(outputs)

    def _prepare(self, args: Sequence[Any]) -> None:
        while True:
            unknown: dict[Cell, None] = {}
            jitted = jax.jit(self._pure(list(self._cells), unknown))
            # Traces it; the call that follows finds the trace done.
            jax.eval_shape(jitted, list(args), [effects.read(c) for c in self._cells])
            if not unknown:
                break
            self._cells += unknown
        self._jitted = jitted

    def _pure(self, cells: list[Cell], unknown: dict[Cell, None]) -> Any:
        """Return a function of arguments and state to outputs and new state."""

        def stand_in(cell: Cell) -> Any:
            unknown[cell] = None
            spec: Any = cell._cornu_spec
            return jnp.zeros(spec.shape, tensors.native_dtype(spec.dtype))

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
