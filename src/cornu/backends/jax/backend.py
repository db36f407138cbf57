"""The jax backend: `jax.Array`, JAX's gradients, and steps compiled by XLA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cornu.backends.jax import tensors
from cornu.backends.jax.compiled import JaxCompiled, Storage
from cornu.backends.jax.gradients import observer
from cornu.backends.jax.table import run
from cornu.graph import autodiff
from cornu.graph.backend import Backend, Compiled, Function
from cornu.graph.effects import Cell
from cornu.graph.primitive import Primitive
from cornu.graph.spec import Spec
from cornu.graph.trace import current_trace, register_foreign

__all__ = ["BACKEND", "JaxBackend"]


class JaxBackend(Backend):
    """Runs everything with JAX."""

    name = "jax"
    traces = False
    tensor = jax.Array

    def run(self, primitive: Primitive, args: Sequence[Any], attrs: dict[str, Any]) -> Any:
        """Run the entry of the table."""
        return run(primitive, args, attrs)

    def to_native(self, x: Any, dtype: str | None = None) -> Any:
        """Return a JAX array."""
        return tensors.to_native(x, dtype)

    def to_numpy(self, x: Any) -> np.ndarray[Any, Any]:
        """Return a writable copy as an ndarray."""
        return tensors.to_numpy(x)

    def is_native(self, x: Any) -> bool:
        """Say whether `x` is a JAX array, traced ones included."""
        return isinstance(x, jax.Array)

    def is_concrete(self, x: Any) -> bool:
        """Say whether the values are known: not inside `jit`."""
        return tensors.is_concrete(x)

    def concretely(self) -> AbstractContextManager[Any]:
        """Compute values at once, even while JAX traces."""
        context: AbstractContextManager[Any] = jax.ensure_compile_time_eval()
        return context

    def make_storage(self, value: np.ndarray[Any, Any], trainable: bool) -> Any:
        """Return an array that holds a copy."""
        with self.concretely():
            return Storage(tensors.to_native(np.array(value)))

    def read(self, storage: Any) -> Any:
        """Return the array, which a step must leave alone from now on."""
        storage.shared = True
        return storage.array

    def write(self, storage: Any, value: Any) -> Any:
        """Hold a new array; arrays never change."""
        if isinstance(value, np.ndarray):
            return self.make_storage(value, True)  # a copy, as JAX might use the memory
        return Storage(tensors.to_native(value), shared=True)

    def value_and_grad(
        self, f: Callable[[list[Any]], tuple[Any, list[Any]]], values: Sequence[Any]
    ) -> tuple[Any, list[Any], list[Any]]:
        """Differentiate by `jax.value_and_grad`; None where nothing depends on a value."""
        if current_trace() is not None:  # in the body of a loop or branch: part of its graph
            return autodiff.value_and_grad(f, values)
        observed, reached = observer()

        def flat(given: list[Any]) -> tuple[Any, list[Any]]:
            loss, further = f(list(observed(given)))
            return tensors.to_native(loss), further

        fresh = [tensors.to_native(v) for v in values]
        (loss, further), grads = jax.value_and_grad(flat, has_aux=True)(fresh)
        return loss, list(further), [g if i in reached else None for i, g in enumerate(grads)]

    def compile(self, f: Function, specs: Sequence[Spec], cells: Sequence[Cell] = ()) -> Compiled:
        """Compile by `jax.jit` on the first call."""
        return JaxCompiled(f, cells)

    def checkpoint(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """Return `f` so that a gradient runs its inside again instead of keeping it."""
        remat: Callable[..., Any] = jax.checkpoint(f)
        return remat

    def devices(self) -> list[str]:
        """Return the devices that JAX sees."""
        return [f"{d.platform}:{d.id}" for d in jax.devices()]


BACKEND = JaxBackend()
# The abstract class jax.Array is no base of these in Python's sense.
register_foreign(type(jnp.zeros(())), BACKEND.run)
register_foreign(jax.core.Tracer, BACKEND.run)
