"""One epoch: batches through a compiled step, with callbacks in between. There is no other loop."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError, ArgumentTypeError, CornuError
from cornu.training.callback_list import CallbackList
from cornu.training.data.source import Source
from cornu.training.interrupts import deferred_interrupt
from cornu.training.logs import plain_logs
from cornu.training.step import Feed, StepFunction

__all__ = ["SLICE", "run_epoch"]

SLICE = 0.05  # seconds that a run of steps may take before Python looks around


def run_epoch(
    model: Any,
    steps: StepFunction,
    source: Source,
    epoch: int,
    callbacks: CallbackList,
    mode: str,
    start: int = 0,
) -> dict[str, Any]:
    """Run the batches of one epoch.

    Args:
        model: The model.
        steps: Its compiled step.
        source: The data.
        epoch: The number of the epoch.
        callbacks: Whose hooks are called when they are due.
        mode: `"train"` or `"test"`.
        start: The step at which to begin.

    Returns:
        The logs at its end, as Python numbers.

    Raises:
        ArgumentError: If there is no batch.
    """
    feed = Feed(source.epoch(epoch, start))
    done = start
    logs: Any = {}
    hooks = callbacks.next_stop(done, mode) is not None
    prepared = None
    while not model.stop_training or mode != "train":
        batch = feed.peek()
        if batch is None:
            break
        callbacks.before(done, mode)
        stop = callbacks.next_stop(done, mode)
        limit = None if stop is None else stop - done
        with deferred_interrupt():
            if prepared is None or hooks or not _fits(prepared, batch):
                with _batch_in_errors(feed, done + 1 - start):
                    prepared = steps.prepare(batch)
            with _batch_in_errors(feed):
                count, logs = prepared.run(feed, limit, SLICE)
        if count and not isinstance(logs, dict):
            raise ArgumentTypeError(
                f"{mode}_step",
                "it must return a dict of values by name",
                fix='return {"loss": loss}',
                returned=logs,
            )
        done += count
        callbacks.after(done, functools.partial(_plain, logs), mode=mode)
    if done == start:
        raise ArgumentError(
            "fit" if mode == "train" else "evaluate", "the data is empty: there was no batch"
        )
    found = _plain(logs)
    callbacks.after(done, found, last=True, mode=mode)
    return found


def _plain(logs: Any) -> dict[str, Any]:
    """Return logs as Python numbers; those of the metrics are read from their variables."""
    return plain_logs(logs if isinstance(logs, dict) else {})


def _fits(prepared: Any, batch: Any) -> bool:
    leaves = [x for x in tree.flatten(batch) if x is not None]
    return bool(prepared.signature == tuple((x.shape, x.dtype) for x in leaves))


@contextlib.contextmanager
def _batch_in_errors(feed: Feed, number: int = 0) -> Iterator[None]:
    """Say in errors about a batch which one it is, unless it is the first.

    Args:
        feed: Where it comes from.
        number: Which one it is; by default the last that was taken inside the block, if any was.
    """
    before = feed.taken
    try:
        yield
    except CornuError as error:
        number = number or (feed.taken if feed.taken > before else 0)
        if number > 1:
            error.received["batch"] = f"number {number} of this epoch, unlike those before it"
        raise
