"""A model's steps, compiled once for every signature of a batch."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from cornu import tree
from cornu.backends import current
from cornu.errors import TracedValueError, add_context, source_of
from cornu.graph import effects
from cornu.graph.backend import Batches, Compiled, Rows
from cornu.graph.dtypes import dtype_name
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.spec import Spec
from cornu.ops.op import as_tensor
from cornu.state.frozen_draws import warn_of_frozen_draws, watching_draws
from cornu.state.leaks import raise_for_leaks
from cornu.state.transforms import extract_tensors, insert_tensors, traces
from cornu.training.data.arrays import ArrayEpoch
from cornu.training.data.pack import pack_x_y_sample_weight
from cornu.training.data.source import Batch

__all__ = ["Feed", "Prepared", "StepFunction"]

_MANY = 8  # compiled forms of one step, after which a warning says what keeps changing


class Feed:
    """Batches of one epoch, with a look at the next one.

    Args:
        batches: (x, y, sample_weight) each.

    Attributes:
        ended: Whether there are no more.
        taken: How many were taken.
    """

    def __init__(self, batches: Iterator[Batch]) -> None:
        self._batches = batches
        self._next: Batch | None = None
        self.ended = False
        self.taken = 0

    def peek(self) -> Batch | None:
        """Return the next batch without taking it, or None at the end."""
        if self._next is None and not self.ended:
            try:
                self._next = next(self._batches, None)
            except Exception:
                self.taken += 1  # the error is about this batch, not about the one before
                raise
            self.ended = self._next is None
        return self._next

    def take(self) -> Batch | None:
        """Return the next batch, or None at the end."""
        batch = self.peek()
        self._next = None
        self.taken += batch is not None
        return batch

    def rows(self) -> Rows | None:
        """Return the batches to come as rows of arrays, or None where they are none."""
        if not isinstance(self._batches, ArrayEpoch):
            return None
        return self._batches.rows(int(self._next is not None))

    def skip(self, steps: int) -> None:
        """Go on behind that many of the batches to come."""
        if isinstance(self._batches, ArrayEpoch):
            self._batches.skip(steps - int(self._next is not None))
            self._next = None
            self.taken += steps


class _Same(Batches):
    """The batches to come of one signature, as leaves."""

    def __init__(self, feed: Feed, signature: Any, limit: int | None) -> None:
        self._feed = feed
        self._signature = signature
        self._left = -1 if limit is None else limit

    def __next__(self) -> list[Any]:
        batch = None if self._left == 0 else self._feed.peek()
        if batch is None:
            raise StopIteration
        leaves = _leaves(batch)
        if _signature(leaves) != self._signature:
            raise StopIteration
        self._feed.take()
        self._left -= 1
        return leaves

    def rows(self) -> Rows | None:
        rows = self._feed.rows()
        if rows is None or not rows.steps or self._signature[0][0][0] != rows.size:
            return None
        if self._left >= 0:
            rows.steps = min(rows.steps, self._left)
        return rows

    def skip(self, steps: int) -> None:
        self._feed.skip(steps)
        self._left -= steps


def _leaves(batch: Batch) -> list[Any]:
    return [x for x in tree.flatten(batch) if x is not None]


def _signature(leaves: list[Any]) -> tuple[Any, ...]:
    return tuple([(x.shape, x.dtype) for x in leaves])


class Prepared:
    """One step for one signature: compiled, or run op by op."""

    def __init__(self, owner: StepFunction, batch: Batch) -> None:
        self._owner = owner
        self._batch = batch
        leaves = _leaves(batch)
        self.signature = _signature(leaves)
        self.structure: Any = None
        self.compiled: Compiled | None = None
        if not owner.eagerly:
            specs = [Spec(tuple(x.shape), dtype_name(x.dtype)) for x in leaves]
            self.compiled = current().compile(self._flat, specs, owner.cells())

    def _flat(self, values: list[Any]) -> list[Any]:
        wrap = current().wrap
        given = iter(values)
        batch = tree.map_structure(lambda x: None if x is None else wrap(next(given)), self._batch)
        tensors: list[Any] = []
        called = self._owner.trace if traces(values) else self._owner.call
        self.structure = extract_tensors(called(batch), tensors)
        return tensors

    def leaves(self, batch: Batch) -> list[Any]:
        """Return a batch of this signature as `compiled` takes it."""
        return _leaves(batch)

    def run(self, feed: Feed, limit: int | None, budget: float) -> tuple[int, Any]:
        """Run steps of this signature.

        Args:
            feed: The batches.
            limit: The most steps, or None.
            budget: Seconds; the first step that ends beyond is the last one.

        Returns:
            Steps done, and what the last one returned.
        """
        if self.compiled is None:
            batch = feed.take()
            if batch is None:
                return 0, None
            with effects.scope() as scope:  # what it writes is in effect when all of it is done
                found = self._owner.call(tree.map_structure(_given, batch))
            for cell, value in scope.written.items():
                effects.write(cell, value)
            tensors: list[Any] = []
            structure = extract_tensors(found, tensors)
            # A library that records for gradients need not keep the step for the sake of its logs.
            return 1, insert_tensors(structure, [PRIMITIVES["stop_gradient"](t) for t in tensors])

        done, outputs = self.compiled.run(_Same(feed, self.signature, limit), budget)
        wrap = current().wrap
        return done, insert_tensors(self.structure, [wrap(o) for o in outputs]) if done else None


def _given(x: Any) -> Any:
    return None if x is None else as_tensor(x)


class StepFunction:
    """A model's `train_step`, `test_step` or `predict_step` for batches of any signature.

    Args:
        step: Takes the data as the user's step does.
        context: Enters what holds while the step is traced (the `trainable` snapshot).
        version: Gives a number that changes when an attribute changes which a trace may have read.
        build: Makes the variables that the step needs, for a batch.
        cells: Gives the variables that the step is likely to use.
        owners: Gives the layers and metrics that the step may set attributes of.
        eagerly: Whether to run op by op instead of compiling.
        name: What it is, for messages: "the training step".
    """

    def __init__(
        self,
        step: Callable[[Any], Any],
        context: Callable[[], Any],
        version: Callable[[], Any],
        build: Callable[[Batch], None],
        cells: Callable[[], list[Any]],
        owners: Callable[[], list[Any]],
        eagerly: bool,
        name: str,
    ) -> None:
        self._step = step
        self._context = context
        self._version = version
        self._build = build
        self.cells = cells
        self.eagerly = eagerly
        self._owners = owners
        self._name = name
        self._prepared: dict[Any, Prepared] = {}
        self._warned = False
        self._warned_of_draws = False
        self._tracing = threading.RLock()  # many threads may predict; one at a time compiles

    def call(self, batch: Batch) -> Any:
        """Run the user's step on one batch of values."""
        with self._context():
            try:
                return self._step(pack_x_y_sample_weight(*batch))
            except TracedValueError as error:  # of the user's own step, if no layer was named
                owner = getattr(self._step, "__self__", self._step)
                add_context(error, owner, {}, source_of(error))
                raise

    def trace(self, batch: Batch) -> Any:
        """Run the user's step on values that are not known yet, and look at what it did to Python.

        Raises:
            TracedValueError: If a value of the trace was left in an attribute.
        """
        with watching_draws() as watch:
            found = self.call(batch)
        raise_for_leaks(self._owners(), self._name)
        if watch.moved and not self._warned_of_draws:
            self._warned_of_draws = True
            warn_of_frozen_draws(watch.moved, self._name)
        return found

    def all_prepared(self) -> list[Prepared]:
        """Return the step for every signature that there has been."""
        return list(self._prepared.values())

    def prepare(self, batch: Batch) -> Prepared:
        """Return the step for the batch's signature, compiled if it is a new one."""
        leaves = _leaves(batch)
        for x in leaves:
            if not isinstance(x, np.ndarray) and not hasattr(x, "dtype"):
                raise TypeError(f"A batch must consist of arrays, and {type(x).__name__} is none.")
        structure = tree.flatten_with_path(tree.map_structure(lambda x: x is None, batch))
        key = (_signature(leaves), tuple(structure), self._version())
        found = self._prepared.get(key)
        if found is None:
            with self._tracing:
                found = self._prepared.get(key)
                if found is None:
                    self._build(batch)
                    key = (*key[:2], self._version())
                    found = self._prepared[key] = Prepared(self, batch)
                    self._warn(key)
        return found

    def _warn(self, key: Any) -> None:
        versions = {k[2] for k in self._prepared}
        if len(versions) <= _MANY or self._warned:
            return
        self._warned = True
        warnings.warn(
            f"A step was compiled {len(self._prepared)} times, because attributes of the model or "
            "its layers changed between batches. Keep what changes in a Variable.",
            stacklevel=2,
        )
