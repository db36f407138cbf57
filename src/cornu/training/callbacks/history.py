"""`History`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu.training.callbacks.callback import Callback

__all__ = ["History"]


class History(Callback):
    """Keeps the logs of every epoch; `fit` returns it.

    Attributes:
        history: Name -> list of values, one per epoch. Later calls of `fit` with the same object
            add to it.
        epoch: The epochs of the last call.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin a list of epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self

    def get_state(self) -> dict[str, Any]:
        """Give all logs so far."""
        return {"epoch": list(self.epoch), "history": {k: list(v) for k, v in self.history.items()}}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on with these logs."""
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
