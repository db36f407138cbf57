"""`ReduceLROnPlateau`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.training.callbacks.learning_rate import learning_rates, optimizers_of
from cornu.training.callbacks.monitor import MonitorCallback
from cornu.training.terminal import say

__all__ = ["ReduceLROnPlateau"]

_STATE = ("best", "wait", "cooldown_counter")


class ReduceLROnPlateau(MonitorCallback):
    """Makes the learning rate smaller when a metric has stopped getting better.

    new rate = max(rate * factor, min_lr)

    Args:
        monitor: Name of the metric, such as `"val_loss"`.
        factor: What the learning rate is multiplied by, below 1.
        patience: Epochs without improvement after which the rate is reduced.
        verbose: 1 says when it is.
        mode: `"min"`, `"max"`, or `"auto"`: as the metric says.
        min_delta: How much better a value must be to count.
        cooldown: Epochs after a reduction that don't count.
        min_lr: The smallest learning rate.
        **kwargs: `epsilon`, the old name of `min_delta`.

    Raises:
        ArgumentError: The factor isn't below 1.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=kwargs.pop("epsilon", min_delta))
        if kwargs:
            warnings.warn(
                f"ReduceLROnPlateau has no argument {', '.join(map(repr, kwargs))}; it is ignored.",
                UserWarning,
                stacklevel=2,
            )
        if factor >= 1.0:
            raise ArgumentError("ReduceLROnPlateau", "`factor` must be below 1", factor=factor)
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Forget an earlier training."""
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the metric, and write the learning rate into the logs."""
        self._set_monitor_op()
        logs = {} if logs is None else logs
        logs.update(learning_rates(self.model))
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"ReduceLROnPlateau waits for the metric {self.monitor!r}, which isn't there. "
                f"There are: {', '.join(logs)}.",
                UserWarning,
                stacklevel=2,
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_improvement(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def in_cooldown(self) -> bool:
        """Tell whether the last reduction is too recent for another one."""
        return self.cooldown_counter > 0

    def get_state(self) -> dict[str, Any]:
        """Give the best value and the epochs waited since."""
        return {name: getattr(self, name) for name in _STATE}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on where `get_state` was called."""
        for name in _STATE:
            setattr(self, name, state[name])

    def _reset(self) -> None:
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def _reduce(self, epoch: int) -> bool:
        reduced = False
        for name, optimizer in optimizers_of(self.model):
            rate = float(optimizer.learning_rate)
            if rate <= np.float32(self.min_lr):  # the optimizer keeps it in float32
                continue
            rate = max(rate * self.factor, self.min_lr)
            optimizer.learning_rate = rate
            reduced = True
            if self.verbose:
                whose = f"{name} " if name else ""
                say(
                    f"\nEpoch {epoch + 1}: ReduceLROnPlateau sets the {whose}learning rate "
                    f"to {rate}."
                )
        return reduced
