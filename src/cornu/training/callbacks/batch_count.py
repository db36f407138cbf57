"""How many batches ago something was last done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu.errors import ArgumentError

__all__ = ["BatchCount"]


class BatchCount:
    """Counts batches over the epochs, for a callback that acts on every `every`-th one.

    Args:
        where: Name of the callback, for messages.
        every: Number of batches, or `"epoch"` (or False): never.

    Raises:
        ArgumentError: It is neither.
    """

    def __init__(self, where: str, every: str | int) -> None:
        if every != "epoch" and (not isinstance(every, int) or every < 0):
            raise ArgumentError(
                where, '`save_freq` must be "epoch" or a number of batches', save_freq=every
            )
        self._every = 0 if every == "epoch" else int(every)
        self._since = 0
        self._last = -1  # batch of this epoch that was last counted

    def begin_epoch(self) -> None:
        """Count batches from 0 again."""
        self._last = -1

    def is_due(self, batch: int) -> bool:
        """Count the batches up to this one.

        Args:
            batch: Index in the epoch; one that isn't greater than the last begins a new epoch.

        Returns:
            Whether it is time again.
        """
        if not self._every:
            return False
        before = self._last if batch > self._last else -1
        self._since += batch - before
        self._last = batch
        if self._since < self._every:
            return False
        self._since = 0
        return True

    def next_stop(self, done: int) -> int | None:
        """Give the number of batches of this epoch after which it is time again.

        Args:
            done: Batches of this epoch that are done.

        Returns:
            A greater number, or `None` if batches don't matter.
        """
        return done + max(self._every - self._since, 1) if self._every else None

    def get_state(self) -> dict[str, int]:
        """Give the counters."""
        return {"batches_since": self._since, "last_batch": self._last}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on with these counters."""
        self._since = state["batches_since"]
        self._last = state["last_batch"]
