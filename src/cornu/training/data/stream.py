"""Generators, iterators, loaders and data sets: whatever yields ready batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError
from cornu.training.data.cast import cast_batch
from cornu.training.data.class_weight import class_weights_of
from cornu.training.data.columns import join_numbers, to_array
from cornu.training.data.pack import unpack_x_y_sample_weight
from cornu.training.data.source import Batch, Source, warn_out_of_data

__all__ = ["StreamSource", "as_batch"]

_PARTS = ("x", "y", "sample_weight")


class StreamSource(Source):
    """Reads batches from an iterator, or again and again from something that can be iterated over.

    An iterator (a generator, for instance) is read on from epoch to epoch. Anything else begins
    anew in each epoch, unless `steps_per_epoch` says how much of it an epoch takes.

    Args:
        data: Yields batches: tuples of one to three.
        steps_per_epoch: Batches in an epoch; by default an epoch lasts as long as the data.
        class_weight: Class index -> weight, for data whose targets are a single array.
        initial_epoch: The epoch in which training starts.
        strict: Whether batches must be tuples, as those of Python generators must.

    Raises:
        ArgumentError: An iterator has no batch at all.
    """

    def __init__(
        self,
        data: Iterable[Any],
        *,
        steps_per_epoch: int | None = None,
        class_weight: dict[Any, float] | None = None,
        initial_epoch: int = 0,
        strict: bool = False,
    ) -> None:
        self._data = data
        self._once = isinstance(data, Iterator)
        self._steps = steps_per_epoch
        self._class_weight = class_weight
        self._initial_epoch = initial_epoch
        self._strict = strict
        self._running: Iterator[Any] | None = None  # what later epochs read on from
        self._first: list[Any] = []  # what `spec` has read ahead
        self._yielded = False

    def steps(self) -> int | None:
        """Give the number of batches of an epoch; `None`: until the stream ends."""
        if self._steps is not None:
            return self._steps
        if self._once:
            return None
        try:
            length = len(self._data)  # type: ignore[arg-type]  # most have it, some raise
        except (TypeError, NotImplementedError):
            return None
        return length or None

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch; the first `start` are read and thrown away."""
        seen = 0
        for element in self._elements():
            seen += 1
            self._yielded = True
            if seen > start:
                yield self._batch(element)
        wanted = self._steps
        if not self._yielded:
            raise ArgumentError(
                "fit", "the data must give at least one batch, but it ended at once", x=self._data
            )
        if (wanted is not None and seen < wanted) or not seen:
            warn_out_of_data(wanted, seen)
        if self._running is not None and (wanted is None or seen < wanted):
            self.exhausted = self._once
            self._running = None  # what isn't an iterator begins anew in the next epoch

    def spec(self) -> Batch:
        """Give the first batch; it is put back, so that training sees it too."""
        if not self._first:
            if self._running is None:
                self._running = iter(self._data)
            self._first = list(islice(self._running, 1))
            if not self._first:
                raise ArgumentError(
                    "fit", "the data must give at least one batch, but it is empty", x=self._data
                )
        return self._batch(self._first[0])

    def _elements(self) -> Iterator[Any]:
        """What one epoch reads, before it is looked at."""
        if self.exhausted:
            return
        goes_on = self._once or self._steps is not None
        if self._running is None or not (goes_on or self._first):
            self._running = iter(self._data)
        head, self._first = self._first or list(islice(self._running, 1)), []
        if not head and not self._once:  # the epoch before ended just with the data
            self._running = iter(self._data)
        stream = chain(head, self._running)
        yield from stream if self._steps is None else islice(stream, self._steps)
        if not goes_on:
            self._running = None

    def _batch(self, element: Any) -> Batch:
        if self._strict and not isinstance(element, (tuple, list)):
            raise ArgumentError(
                "fit",
                "a Python generator must yield tuples: (x,), (x, y) or (x, y, sample_weight)",
                fix="For inputs alone: `yield (x,)`.",
                received=element,
            )
        return as_batch(element, self._class_weight)


def as_batch(element: Any, class_weight: dict[Any, float] | None = None) -> Batch:
    """Turn what a stream yields into a batch of plain arrays.

    Args:
        element: `x` alone, or a tuple or list of one to three; trees of arrays of any library.
        class_weight: Class index -> weight, if the batch brings no weights of its own.

    Returns:
        (x, y, sample_weight), in the dtypes of batches.

    Raises:
        ArgumentError: It has other parts, an array has no axis of samples, or there are two kinds
            of weights.
    """
    parts = unpack_x_y_sample_weight(element)
    x, y, sample_weight = (_arrays(part, name) for part, name in zip(parts, _PARTS, strict=True))
    if class_weight is None or y is None:
        return x, y, sample_weight
    if sample_weight is not None:
        raise ArgumentError(
            "fit", "`class_weight` can't be given for data that brings a `sample_weight`"
        )
    if tree.is_nested(y):
        raise ArgumentError("fit", "`class_weight` needs a model with a single output", y=y)
    return x, y, class_weights_of(y, class_weight)


def _arrays(data: Any, name: str) -> Any:
    joined = join_numbers(data)
    return tree.map_structure(lambda leaf: _array(leaf, name), joined, none_is_leaf=False)


def _array(leaf: Any, name: str) -> Any:
    array = to_array(leaf)
    if not array.ndim:
        raise ArgumentError(
            "fit",
            f"every array of a batch must have an axis of samples, but one in `{name}` has none",
            fix="A generator yields whole batches, not samples: `x[None]` makes a batch of one.",
            received=array,
        )
    return cast_batch(array, name)
