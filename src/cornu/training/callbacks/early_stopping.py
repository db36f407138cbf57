"""`EarlyStopping`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from cornu.training.callbacks.monitor import MonitorCallback
from cornu.training.terminal import say

__all__ = ["EarlyStopping"]

_STATE = ("wait", "stopped_epoch", "best", "best_epoch", "best_weights")


class EarlyStopping(MonitorCallback):
    """Ends the training when a metric has stopped getting better.

    Args:
        monitor: Name of the metric, such as `"val_loss"`.
        min_delta: How much better a value must be to count.
        patience: Epochs without improvement after which training ends.
        verbose: 1 says when it ends.
        mode: `"min"`, `"max"`, or `"auto"`: as the metric says.
        baseline: A value that must be reached for an improvement to restart the patience.
        restore_best_weights: Whether the model gets back the weights of the best epoch.
        start_from_epoch: Epochs at the beginning that don't count.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best_weights: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget an earlier training."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the metric."""
        self._set_monitor_op()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep_weights(epoch)
        self.wait += 1
        if self._is_improvement(current, self.best):
            self.best = current
            self.best_epoch = epoch
            if self.restore_best_weights:
                self._keep_weights(epoch)
            if self.baseline is None or self._is_improvement(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Give the model its best weights."""
        if self.stopped_epoch and self.verbose:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose:
                say(f"The weights of the best epoch, {self.best_epoch + 1}, are restored.")
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Any) -> Any:
        """Give the value of the metric.

        Args:
            logs: Of an epoch.

        Returns:
            The value, or `None` with a warning if the metric isn't there.
        """
        logs = logs or {}
        value = logs.get(self.monitor)
        if value is None:
            warnings.warn(
                f"EarlyStopping waits for the metric {self.monitor!r}, which isn't there. "
                f"There are: {', '.join(logs) or 'none'}.",
                UserWarning,
                stacklevel=3,
            )
        return value

    def get_state(self) -> dict[str, Any]:
        """Give the best value, its weights and the epochs waited since."""
        return {name: getattr(self, name) for name in _STATE}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on where `get_state` was called."""
        for name in _STATE:
            setattr(self, name, state[name])

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_epoch = 0
        self.best_weights = None

    def _keep_weights(self, epoch: int) -> None:
        self.best_weights = self.model.get_weights()
        self.best_epoch = epoch
