"""Which hooks of batches are wanted, and when: where a run of batches must end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.training.callbacks.callback import Callback, is_default

__all__ = ["BatchHooks"]


class BatchHooks:
    """The hooks around batches of one mode.

    The loop asks `next_stop` how far it may run, calls `before`, runs, and calls `after` with
    where it came to, which may be earlier. Hooks are only called on the steps that they wait for.

    Args:
        callbacks: The callbacks, in the order in which they are called.
        mode: `"train"`, `"test"` or `"predict"`.
        steps_per_execution: Hooks are called every so many steps.
    """

    def __init__(self, callbacks: Sequence[Any], mode: str, steps_per_execution: int = 1) -> None:
        self._callbacks = callbacks
        self._begin = f"on_{mode}_batch_begin"
        self._end = f"on_{mode}_batch_end"
        # `on_batch_begin` is an old name, which the default of `on_train_batch_begin` calls.
        old = ("on_batch_begin", "on_batch_end") if mode == "train" else ()
        self._begins = (self._begin, *old[:1])
        self._ends = (self._end, *old[1:])
        self._steps_per_execution = max(steps_per_execution, 1)
        self._ended_at: dict[int, int] = {}  # place of a callback -> the step it saw last

    @property
    def wanted(self) -> bool:
        """Whether a callback needs to look at some batch."""
        return self.next_stop(0) is not None

    def next_stop(self, done: int) -> int | None:
        """Give the step after which a hook is due.

        Args:
            done: Steps of the epoch that are done.

        Returns:
            A greater number of steps, perhaps beyond the end of the epoch; `None` if no hook is
            waited for, so a run may be as long as it likes.
        """
        nearest: int | None = None
        for callback in self._callbacks:
            if self._has(callback, self._begins) or self._has(callback, self._ends):
                stop = _next_stop(callback, done)
                if stop is not None and (nearest is None or stop < nearest):
                    nearest = stop
        if nearest is None:
            return None
        per = self._steps_per_execution
        return -(-nearest // per) * per

    def before(self, step: int, logs: Any = None) -> None:
        """Call the hooks before a step.

        Args:
            step: Index of the step in the epoch.
            logs: What the hooks receive.
        """
        if not step:
            self._ended_at.clear()
        for callback in self._callbacks:
            if self._has(callback, self._begins) and self._begins_at(callback, step):
                getattr(callback, self._begin)(step, logs={} if logs is None else logs)

    def after(self, done: int, logs: Any = None, last: bool = False) -> None:
        """Call the hooks after a step.

        Args:
            done: Steps of the epoch that are done.
            logs: What the hooks receive.
            last: Whether the epoch ends here. Saying so after another call is harmless.
        """
        for place, callback in enumerate(self._callbacks):
            if not self._has(callback, self._ends) or self._ended_at.get(place) == done:
                continue
            if last or self._ends_at(callback, done):
                self._ended_at[place] = done
                getattr(callback, self._end)(done - 1, logs={} if logs is None else logs)

    def _begins_at(self, callback: Any, step: int) -> bool:
        interval = _interval(callback)
        if not interval:
            return True
        per = self._steps_per_execution
        return step % per == 0 and -step % interval < per

    def _ends_at(self, callback: Any, done: int) -> bool:
        interval = _interval(callback)
        if not interval:
            return True
        per = self._steps_per_execution
        return done % per == 0 and done % interval < per

    @staticmethod
    def _has(callback: Any, hooks: Sequence[str]) -> bool:
        return not all(is_default(callback, hook) for hook in hooks)


def _interval(callback: Any) -> int:
    interval = getattr(callback, "batch_interval", None)
    return 1 if interval is None else int(interval)


def _next_stop(callback: Any, done: int) -> int | None:
    if isinstance(callback, Callback):
        return callback._cornu_next_stop(done)
    return done + 1  # an object that only looks like a callback
