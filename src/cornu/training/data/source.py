"""`Source`: the one protocol by which the training loop gets its data."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np

from cornu.errors import StateError

__all__ = ["Batch", "Index", "Source", "warn_out_of_data"]

Batch = tuple[Any, Any, Any]  # x, y, sample_weight: trees of ndarrays, `None` for what isn't there
Index = np.ndarray[Any, np.dtype[np.int64]]


class Source(ABC):
    """Data for one call of `fit`, `evaluate` or `predict`.

    `indexable` sources hold arrays whose samples have an index; `order` says which samples an epoch
    sees and `gather` fetches some. The others are streams of ready batches. Both answer `epoch`, so
    a loop that needs no index treats them alike.

    Attributes:
        indexable: Whether `order` and `gather` work.
        batch_size: Samples in a full batch; `None` for streams.
        num_samples: Samples in an epoch's arrays; `None` for streams.
        exhausted: Whether a stream has ended for good: no later epoch will have a batch.
    """

    indexable: bool = False
    batch_size: int | None = None
    num_samples: int | None = None
    exhausted: bool = False

    @abstractmethod
    def steps(self) -> int | None:
        """Give the number of batches of an epoch; `None`: until the stream ends."""

    @abstractmethod
    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch.

        Args:
            epoch: Index of the epoch. The order of its batches depends on the seed and on this.
            start: How many batches to leave out at the beginning, to go on inside of an epoch.

        Returns:
            An iterator over (x, y, sample_weight).
        """

    @abstractmethod
    def spec(self) -> Batch:
        """Give a batch of the data's shapes and dtypes; a stream loses nothing by it."""

    def order(self, epoch: int) -> Index:
        """Give the samples of an epoch in the order in which it sees them.

        Args:
            epoch: Index of the epoch.

        Returns:
            int64 indices of samples, a function of the seed and of `epoch` alone. Batch `i` is
            `order[i * batch_size : (i + 1) * batch_size]`.

        Raises:
            StateError: The source is a stream.
        """
        raise StateError(
            "order", "a stream of batches has no index of samples", fix="Ask `indexable` first."
        )

    def gather(self, index: Any) -> Batch:
        """Fetch samples from the user's own arrays, as they are now.

        Args:
            index: int64 indices, or a slice.

        Returns:
            (x, y, sample_weight) with those samples.

        Raises:
            StateError: The source is a stream.
        """
        raise StateError(
            "gather", "a stream of batches has no index of samples", fix="Ask `indexable` first."
        )


def warn_out_of_data(steps: int | None, seen: int) -> None:
    """Warn that an epoch has ended before its last step.

    Args:
        steps: How many steps were asked for.
        seen: How many there were.
    """
    warnings.warn(
        f"The input ran out of data after {seen} of {steps or 'an unknown number of'} steps of an "
        "epoch. It must give at least `steps_per_epoch * epochs` batches: leave `steps_per_epoch` "
        "out, or have the generator or data set repeat itself.",
        UserWarning,
        stacklevel=3,
    )
