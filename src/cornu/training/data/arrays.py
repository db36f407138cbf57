"""Arrays in memory as a `Source`: samples have an index, so an epoch is an order of indices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cornu import tree
from cornu.errors import ArgumentError
from cornu.graph.backend import Rows
from cornu.training.data.class_weight import class_weights_of
from cornu.training.data.columns import Column, as_column, is_column
from cornu.training.data.order import permutation, shuffle_within, window
from cornu.training.data.source import Batch, Index, Source, warn_out_of_data

__all__ = ["ArraySource", "as_columns", "count_samples", "is_arrays"]

_PARTS = ("x", "y", "sample_weight")


class ArraySource(Source):
    """Reads batches from arrays, lists, tuples and dicts of arrays.

    Args:
        x: Inputs: a tree of arrays of any library, or of columns.
        y: Targets, or `None`.
        sample_weight: Weights: one per sample, or a tree like `y`.
        batch_size: Samples in a batch; 32 by default, or what `steps_per_epoch` needs.
        shuffle: Whether each epoch has an order of its own; `"batch"` only shuffles inside batches.
        class_weight: Class index -> weight, in place of `sample_weight`.
        steps_per_epoch: Batches in an epoch; all of them by default.
        initial_epoch: The epoch in which training starts, where the first pass begins.
        seed: Of the orders.

    Attributes:
        columns: (x, y, sample_weight), trees of `Column`: the user's own buffers.

    Raises:
        ArgumentError: Lengths differ, there are no samples, or the weights don't fit the targets.
    """

    indexable = True

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        batch_size: int | None = None,
        shuffle: bool | str = False,
        class_weight: dict[Any, float] | None = None,
        steps_per_epoch: int | None = None,
        initial_epoch: int = 0,
        seed: int = 0,
    ) -> None:
        parts = (x, y, sample_weight)
        columns = [as_columns(part, name) for name, part in zip(_PARTS, parts, strict=True)]
        if class_weight is not None:
            columns[2] = _weights_by_class(columns[1], columns[2], class_weight)
        elif columns[2] is not None:
            columns[2] = _weights_like(columns[1], columns[2])
        self.columns: Batch = (columns[0], columns[1], columns[2])
        self._columns: list[Column | None] = tree.flatten(self.columns)
        self.num_samples: int = count_samples(self.columns)
        if batch_size is None and steps_per_epoch:
            batch_size = -(-self.num_samples // steps_per_epoch)
        self.batch_size: int = 32 if batch_size is None else batch_size
        self._batches = -(-self.num_samples // self.batch_size)
        self._steps = steps_per_epoch
        self._shuffle = shuffle
        self._initial_epoch = initial_epoch
        self._seed = seed
        self._latest: tuple[int, Index] | None = None  # the pass that `order` was last asked about

    def steps(self) -> int | None:
        """Give the number of batches of an epoch."""
        return self._steps or self._batches

    def order(self, epoch: int) -> Index:
        """Give the samples of an epoch in the order in which it sees them.

        Args:
            epoch: Index of the epoch.

        Returns:
            int64 indices, shorter than `steps() * batch_size` where the data ends; that warns.
        """
        number, first, last = self._window(epoch)
        if self._steps is not None and last - first < self._steps:
            warn_out_of_data(self._steps, last - first)
        if self._latest is None or self._latest[0] != number:
            self._latest = (number, self._pass(number))
        return self._latest[1][first * self.batch_size : last * self.batch_size]

    def gather(self, index: Any) -> Batch:
        """Fetch samples from the user's own arrays, as they are now.

        Args:
            index: int64 indices, or a slice.

        Returns:
            (x, y, sample_weight) with those samples.
        """
        leaves = [None if column is None else column.take(index) for column in self._columns]
        x, y, sample_weight = tree.pack_sequence_as(self.columns, leaves)
        return x, y, sample_weight

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch, the first `start` left out."""
        order = self.order(epoch)
        offset = None if self._shuffle else self._window(epoch)[1] * self.batch_size
        return ArrayEpoch(self, order, start * self.batch_size, offset)

    def plain_arrays(self) -> list[np.ndarray[Any, Any]] | None:
        """Give the arrays themselves if all are row-major ones of NumPy, None otherwise."""
        columns = [column for column in self._columns if column is not None]
        plain = all(type(c) is Column and c.data.flags.c_contiguous for c in columns)
        return [c.data for c in columns] if plain else None

    def spec(self) -> Batch:
        """Give the first batch of the data as it stands."""
        return self.gather(slice(0, min(self.batch_size, self.num_samples)))

    def _window(self, epoch: int) -> tuple[int, int, int]:
        number, first, last = window(epoch - self._initial_epoch, self._batches, self._steps)
        return number + self._initial_epoch, first, last

    def _pass(self, number: int) -> Index:
        if not self._shuffle:
            return np.arange(self.num_samples, dtype=np.int64)
        if self._shuffle == "batch":
            return shuffle_within(self._seed, number, self.num_samples, self.batch_size)
        return permutation(self._seed, number, self.num_samples)


class ArrayEpoch(Iterator[Batch]):
    """The batches of one epoch of arrays.

    Args:
        source: Where they come from.
        order: The samples, in order.
        at: Place in the order where the next batch begins.
        offset: The first sample where they come as they lie, so that a slice gives a batch without
            a copy; None if they are shuffled.
    """

    def __init__(self, source: ArraySource, order: Index, at: int, offset: int | None) -> None:
        self._source = source
        self._order = order
        self._at = at
        self._offset = offset

    def __next__(self) -> Batch:
        low, high = self._at, min(self._at + self._source.batch_size, len(self._order))
        if low >= high:
            raise StopIteration
        self._at += self._source.batch_size
        if self._offset is None:
            return self._source.gather(self._order[low:high])
        return self._source.gather(slice(self._offset + low, self._offset + high))

    def rows(self, back: int) -> Rows | None:
        """Return the batches to come, and the last `back` ones, as rows of the user's arrays."""
        arrays = self._source.plain_arrays()
        if arrays is None:
            return None
        size = self._source.batch_size
        return Rows(arrays, self._order[max(self._at - back * size, 0) :], size)

    def skip(self, steps: int) -> None:
        """Leave out batches, or go back if there are less than none."""
        self._at += steps * self._source.batch_size


def as_columns(data: Any, name: str) -> Any:
    """Wrap every array of a tree.

    Args:
        data: Arrays, columns or `None`, nested.
        name: What the user calls it, for messages.

    Returns:
        The same tree with a `Column` in place of every array.

    Raises:
        ArgumentError: A leaf isn't an array.
    """
    if not tree.is_nested(data):
        return _as_column(data, name)
    return tree.pack_sequence_as(
        data,
        [
            _as_column(leaf, name + "".join(f"[{key!r}]" for key in path))
            for path, leaf in tree.flatten_with_path(data)
        ],
    )


def count_samples(columns: Batch) -> int:
    """Count the samples, which must be as many in every array.

    Args:
        columns: (x, y, sample_weight), trees of columns.

    Returns:
        The length of them all.

    Raises:
        ArgumentError: The lengths differ, or there is no array or no sample at all.
    """
    leaves = [column for column in tree.flatten(columns) if column is not None]
    if not leaves:
        raise ArgumentError("fit", "there is no data: `x` must be given", x=None)
    lengths = {column.shape[0] for column in leaves}
    if len(lengths) > 1:
        raise ArgumentError(
            "fit",
            "all arrays must have the same number of samples (the length of the first axis)",
            fix="Look at where the arrays were cut or joined.",
            **{column.name: column for column in leaves},
        )
    (length,) = lengths
    if not length:
        raise ArgumentError(
            "fit",
            "there must be at least one sample",
            **{column.name: column for column in leaves},
        )
    return int(length)


def _as_column(leaf: Any, name: str) -> Column | None:
    if leaf is None or isinstance(leaf, Column):
        return leaf
    return as_column(leaf, name)


def _weights_by_class(y: Any, sample_weight: Any, class_weight: dict[Any, float]) -> Column:
    if sample_weight is not None:
        raise ArgumentError(
            "fit",
            "`class_weight` and `sample_weight` can't both be given",
            fix="Multiply the weights of the classes into `sample_weight`.",
        )
    if not isinstance(y, Column):
        raise ArgumentError(
            "fit",
            "`class_weight` needs a model with a single output, so one array `y`",
            fix="Give `sample_weight`, one array per output, instead.",
            y=y,
        )
    return Column(class_weights_of(y.take(slice(None)), class_weight), "class_weight")


def _weights_like(y: Any, weights: Any) -> Any:
    """One array of weights serves every target; a tree of them must be like the targets."""
    if not tree.is_nested(y):
        return weights
    if tree.is_nested(weights):
        try:
            tree.assert_same_structure(y, weights)
        except ValueError as error:
            raise ArgumentError(
                "fit",
                "`sample_weight` must have one array per output, in the structure of `y`",
                y=y,
                sample_weight=weights,
            ) from error
        return weights
    if len(weights.shape) > 1 and weights.shape[1:] != (1,):
        raise ArgumentError(
            "fit",
            "one `sample_weight` for several outputs must have one number per sample",
            fix="For other shapes give one array per output, in the structure of `y`.",
            sample_weight=weights,
        )
    return tree.map_structure(lambda _: weights, y)


def is_arrays(data: Any) -> bool:
    """Tell whether every leaf is an array or `None`.

    Args:
        data: Any structure.

    Returns:
        Whether an `ArraySource` can read it.
    """
    return all(
        leaf is None or isinstance(leaf, Column) or is_column(leaf) for leaf in tree.flatten(data)
    )
