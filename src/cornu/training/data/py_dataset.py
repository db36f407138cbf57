"""`PyDataset`: a data set as a Python class, with an index of batches."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from cornu.errors import ArgumentError, NotSupportedError
from cornu.training.data.order import permutation, window
from cornu.training.data.source import Batch, Source, warn_out_of_data
from cornu.training.data.stream import as_batch
from cornu.training.data.workers import fetch_in_order

__all__ = ["PyDataset", "PyDatasetSource"]


class PyDataset:
    """Base class of data sets that compute their batches, perhaps in several workers.

    A subclass has `__getitem__(index)`, which gives a whole batch `(x,)`, `(x, y)` or
    `(x, y, sample_weight)`, and `__len__`, which gives the number of batches. In place of
    `__len__` it may have the property `num_batches`, which is `None` for data without an end.

    Args:
        workers: Threads or processes that compute batches ahead; 1 thread means: none ahead.
        use_multiprocessing: Processes in place of threads. The data set is pickled for them.
        max_queue_size: How many batches may wait, ready or in the making.

    Example:
        >>> import numpy as np
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 2
        ...     def __getitem__(self, index):
        ...         x = np.arange(4.0) + 4 * index
        ...         return x, x**2
        >>> [x.tolist() for x, y in Squares()]
        [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """Threads or processes that compute batches ahead."""
        workers: int = self._option("_workers", 1)
        return workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """Whether workers are processes."""
        processes: bool = self._option("_use_multiprocessing", False)
        return processes

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """How many batches may wait, ready or in the making."""
        size: int = self._option("_max_queue_size", 10)
        return size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = value

    @property
    def num_batches(self) -> int | None:
        """Batches in an epoch, by default `len(self)`; `None` means: without an end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotSupportedError(
            type(self).__name__,
            "a PyDataset must say how many batches it has",
            fix="Write `__len__`, or the property `num_batches` that is None without an end.",
        )

    def __getitem__(self, index: int) -> Any:
        """Give one batch: `(x,)`, `(x, y)` or `(x, y, sample_weight)`.

        Args:
            index: Which batch, from 0.
        """
        raise NotSupportedError(type(self).__name__, "a PyDataset must have `__getitem__(index)`")

    def __iter__(self) -> Iterator[Any]:
        """Yield the batches in order, computed one by one."""
        try:
            length = self.num_batches
        except NotImplementedError:
            length = None
        for index in count() if length is None else range(length):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """Prepare an epoch; called before its first batch."""

    def on_epoch_end(self) -> None:
        """Change the data between epochs; called after the last batch of one."""

    def _option(self, attribute: str, default: Any) -> Any:
        value = getattr(self, attribute, None)
        if value is not None:
            return value
        warnings.warn(
            f"{type(self).__name__}.__init__ must call `super().__init__(**kwargs)`: `workers`, "
            "`use_multiprocessing` and `max_queue_size` are arguments of the data set, not of "
            "`fit`.",
            UserWarning,
            stacklevel=3,
        )
        setattr(self, attribute, default)
        return default


class PyDatasetSource(Source):
    """Reads a `PyDataset`; shuffling changes the order of its batches.

    Args:
        data: The data set.
        shuffle: Whether each epoch has an order of its own. Data without an end isn't shuffled.
        class_weight: Class index -> weight, for batches without weights.
        steps_per_epoch: Batches in an epoch; `num_batches` by default.
        initial_epoch: The epoch in which training starts, where the first pass begins.
        seed: Of the orders.
    """

    def __init__(
        self,
        data: PyDataset,
        *,
        shuffle: bool | str = False,
        class_weight: dict[Any, float] | None = None,
        steps_per_epoch: int | None = None,
        initial_epoch: int = 0,
        seed: int = 0,
    ) -> None:
        self._data = data
        self._shuffle = bool(shuffle)
        self._class_weight = class_weight
        self._steps = steps_per_epoch
        self._initial_epoch = initial_epoch
        self._seed = seed
        if data.num_batches == 0:
            raise ArgumentError("fit", "the PyDataset has no batches: its length is 0", x=data)

    def steps(self) -> int | None:
        """Give the number of batches of an epoch; `None` for data without an end."""
        return self._steps or self._data.num_batches

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch; the first `start` aren't even computed."""
        self._data.on_epoch_begin()
        batches = fetch_in_order(
            self._data,
            self._indices(epoch, start),
            workers=self._data.workers,
            processes=self._data.use_multiprocessing,
            ahead=self._data.max_queue_size,
        )
        try:
            for element in batches:
                yield self._batch(element)
        finally:
            batches.close()  # workers end with the epoch, also when training stops inside of it
        self._data.on_epoch_end()

    def spec(self) -> Batch:
        """Give the first batch, computed for this purpose."""
        return self._batch(self._data[0])

    def _indices(self, epoch: int, start: int) -> Iterator[int]:
        length = self._data.num_batches
        if length is None:
            first = (epoch - self._initial_epoch) * (self._steps or 0)
            return islice(count(first), start, self._steps)
        number, low, high = window(epoch - self._initial_epoch, length, self._steps)
        if self._steps is not None and high - low < self._steps:
            warn_out_of_data(self._steps, high - low)
        if not self._shuffle:
            return iter(range(low + start, high))
        order = permutation(self._seed, number + self._initial_epoch, length)
        return iter(order[low + start : high].tolist())

    def _batch(self, element: Any) -> Batch:
        ready = element if isinstance(element, (tuple, list)) else (element,)
        if not 1 <= len(ready) <= 3:
            raise ArgumentError(
                f"{type(self._data).__name__}.__getitem__",
                "a batch must be (x,), (x, y) or (x, y, sample_weight)",
                received=element,
            )
        return as_batch(ready, self._class_weight)
