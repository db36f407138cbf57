"""`LearningRateScheduler`, and where the learning rates of a model are."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.training.callbacks.callback import Callback
from cornu.training.terminal import say

__all__ = ["LearningRateScheduler", "learning_rates", "optimizers_of"]


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch.

    Args:
        schedule: Takes the index of an epoch, or this and the present rate, and gives the rate.
        verbose: 1 says what the rate is.

    Example:
        >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate."""
        for name, optimizer in optimizers_of(self.model):
            rate = self._rate(optimizer, epoch)
            optimizer.learning_rate = rate
            if self.verbose:
                whose = f"{name} " if name else ""
                say(
                    f"\nEpoch {epoch + 1}: LearningRateScheduler sets the {whose}learning rate "
                    f"to {rate}."
                )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the rate into the logs."""
        if logs is not None:
            logs.update(learning_rates(self.model))

    def _rate(self, optimizer: Any, epoch: int) -> float:
        if not hasattr(optimizer, "learning_rate"):
            raise ArgumentError(
                "LearningRateScheduler", "the optimizer has no `learning_rate`", optimizer=optimizer
            )
        if _takes_two(self.schedule):
            rate = self.schedule(epoch, float(optimizer.learning_rate))
        else:
            rate = self.schedule(epoch)
        if isinstance(rate, (bool, str)) or np.ndim(rate):
            raise _no_rate(rate)
        try:
            return float(rate)
        except TypeError as error:
            raise _no_rate(rate) from error


def optimizers_of(model: Any) -> list[tuple[str, Any]]:
    """List the optimizers of a model.

    Args:
        model: A compiled model.

    Returns:
        Pairs of a name and an optimizer; the name is empty if there is only one.
    """
    optimizer = model.optimizer
    if hasattr(optimizer, "optimizers"):
        return [(each.name, each) for each in optimizer.optimizers]
    return [("", optimizer)]


def learning_rates(model: Any) -> dict[str, float]:
    """Give the learning rates of a model as entries of logs.

    Args:
        model: A compiled model.

    Returns:
        `learning_rate`, with the name of the optimizer behind it if there are several.
    """
    return {
        f"learning_rate_{name}" if name else "learning_rate": float(optimizer.learning_rate)
        for name, optimizer in optimizers_of(model)
    }


def _takes_two(schedule: Callable[..., Any]) -> bool:
    try:
        signature = inspect.signature(schedule)
    except (TypeError, ValueError):  # some built-in functions have none
        return True
    try:
        signature.bind(0, 0.1)
    except TypeError:
        return False
    return True


def _no_rate(received: Any) -> ArgumentError:
    return ArgumentError(
        "LearningRateScheduler", "`schedule` must give a single number", received=received
    )
