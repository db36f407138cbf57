"""`CallbackList`: calls the hooks of many callbacks, and only those that do something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from cornu import tree
from cornu.errors import ArgumentTypeError
from cornu.training.batch_hooks import BatchHooks
from cornu.training.callbacks.callback import Callback, is_default
from cornu.training.callbacks.history import History
from cornu.training.callbacks.progbar_logger import ProgbarLogger
from cornu.training.logs import Logs, plain_logs

__all__ = ["CallbackList"]


class CallbackList(Callback):
    """Many callbacks as one.

    A training loop of one's own calls its hooks. The loop of `fit` uses `next_stop`, `before` and
    `after`, which leave out the steps that nobody waits for.

    Args:
        callbacks: A callback, or a structure of them.
        add_history: Whether to add a `History` if there is none.
        add_progbar: Whether to add a `ProgbarLogger` if there is none.
        model: The model.
        **params: `verbose`, `epochs` and `steps`, for the callbacks.
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        self.callbacks: list[Any] = tree.flatten(callbacks) if callbacks else []
        for callback in self.callbacks:
            if isinstance(callback, type) or not hasattr(callback, "set_model"):
                raise ArgumentTypeError(
                    "callbacks",
                    "each must be an object of a subclass of `Callback`",
                    fix=f"Make one of the class: `{callback.__name__}(...)`."
                    if isinstance(callback, type)
                    else None,
                    received=callback,
                )
        self._history = self._find_or_add(History, add_history)
        self._progbar = self._find_or_add(ProgbarLogger, add_progbar)
        self._hooks: dict[str, BatchHooks] = {}
        self._state_after_begin: Mapping[str, Any] = {}
        for callback in self.callbacks:
            if hasattr(callback, "_cornu_join"):
                callback._cornu_join(self)
        self.set_model(model)
        self.set_params(params)

    def append(self, callback: Any) -> None:
        """Add a callback at the end.

        Args:
            callback: The callback.
        """
        self.callbacks.append(callback)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand `verbose`, `epochs` and `steps` to every callback."""
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand the model to every callback."""
        if model is None:
            return
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for callback in self.callbacks:
            callback.set_model(model)

    # What the loop asks.

    @property
    def wants_train_batch(self) -> bool:
        """Whether a callback needs to look at some batch of training."""
        return self._batch_hooks("train").wanted

    @property
    def wants_test_batch(self) -> bool:
        """Whether a callback needs to look at some batch of testing."""
        return self._batch_hooks("test").wanted

    @property
    def wants_predict_batch(self) -> bool:
        """Whether a callback needs to look at some batch of predicting."""
        return self._batch_hooks("predict").wanted

    def next_stop(self, step: int, mode: str = "train") -> int | None:
        """Give the step after which a hook is due.

        Args:
            step: Steps of the epoch that are done.
            mode: `"train"`, `"test"` or `"predict"`.

        Returns:
            A greater number of steps, perhaps beyond the end of the epoch; `None` if no hook is
            waited for.
        """
        return self._batch_hooks(mode).next_stop(step)

    def before(self, step: int, mode: str = "train") -> None:
        """Call the hooks that are due before a step.

        Args:
            step: Its index in the epoch.
            mode: `"train"`, `"test"` or `"predict"`.
        """
        self._batch_hooks(mode).before(step)

    def after(self, step: int, logs: Any = None, last: bool = False, mode: str = "train") -> None:
        """Call the hooks that are due after some steps.

        Args:
            step: Steps of the epoch that are done.
            logs: Values by name, or a function that computes them, called if they are read.
            last: Whether the epoch ends here. It may be said in a second call, when a stream turns
                out to have ended; nothing is called twice.
            mode: `"train"`, `"test"` or `"predict"`.
        """
        if callable(logs):
            logs = Logs(logs)
        elif not isinstance(logs, Logs):
            logs = plain_logs(logs)
        self._batch_hooks(mode).after(step, logs, last)
        self._settle()

    # States, for a training that goes on.

    def get_state(self) -> dict[str, Any]:
        """Give the states of all callbacks that have one."""
        states = {}
        for name, callback in self._named():
            state = callback.get_state() if isinstance(callback, Callback) else {}
            if state:
                states[name] = state
        return states

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Hand each callback its state; those that weren't there before begin anew."""
        for name, callback in self._named():
            if name in state:
                callback.set_state(state[name])

    def set_state_after_begin(self, state: Mapping[str, Any]) -> None:
        """Hand each callback its state when all have been told that training begins.

        Args:
            state: What `get_state` gave.
        """
        self._state_after_begin = state

    # The hooks, for loops of one's own.

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_batch_end", batch, logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_epoch_end", epoch, logs=logs)
        self._settle()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_train_batch_end", batch, logs)
        self._settle()

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call_batch("on_predict_batch_end", batch, logs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._state_after_begin = {}
        self._call("on_train_begin", logs=logs)  # in which a backup may be read
        self.set_state(self._state_after_begin)

    def on_train_end(self, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_train_end", logs=logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_test_begin", logs=logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_test_end", logs=logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_predict_begin", logs=logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """Call this hook of every callback."""
        self._call("on_predict_end", logs=logs)

    def _call(self, hook: str, *args: int, logs: Any) -> None:
        # One dict for all: the learning rate that one callback adds is seen by the next.
        logs = plain_logs(logs)
        for callback in self.callbacks:
            if not is_default(callback, hook):
                getattr(callback, hook)(*args, logs)

    def _call_batch(self, hook: str, batch: int, logs: Any) -> None:
        if not isinstance(logs, Logs):
            logs = plain_logs(logs)
        for callback in self.callbacks:
            # Also a default one: that of `on_train_batch_end` calls the old name.
            getattr(callback, hook, _nothing)(batch, logs=logs)

    def _settle(self) -> None:
        for callback in self.callbacks:
            if hasattr(callback, "_cornu_settle"):
                callback._cornu_settle()

    def _named(self) -> Iterator[tuple[str, Any]]:
        """Each callback with a name that stays when others come or go: class and number."""
        numbers: Counter[str] = Counter()
        for callback in self.callbacks:
            kind = type(callback).__name__
            numbers[kind] += 1
            yield f"{kind} {numbers[kind]}", callback

    def _batch_hooks(self, mode: str) -> BatchHooks:
        found = self._hooks.get(mode)
        if found is None:
            per = int(getattr(self.model, "steps_per_execution", 1) or 1)
            found = self._hooks[mode] = BatchHooks(self.callbacks, mode, per)
        return found

    def _find_or_add(self, cls: type[Callback], add: bool) -> Any:
        found = next((each for each in self.callbacks if isinstance(each, cls)), None)
        if found is None and add:
            found = cls()
            self.callbacks.append(found)
        return found


def _nothing(batch: int, logs: Any = None) -> None:
    """The hook of an object that has none."""
