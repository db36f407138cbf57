"""`MonitorCallback`: base of the callbacks that act on whether a metric gets better."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from cornu.errors import ArgumentError
from cornu.training.callbacks.callback import Callback

__all__ = ["MonitorCallback"]


class MonitorCallback(Callback):
    """Knows whether a value of a metric is better than another.

    Args:
        monitor: Name of the metric; `val_` in front means that of the validation.
        mode: `"min"`, `"max"`, or `"auto"`: down for the loss, for others as the metric says.
        baseline: The value to be better than at first.
        min_delta: How much better a value must be to count.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: str = "auto",
        baseline: float | None = None,
        min_delta: float = 0,
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f'{type(self).__name__}: there is no mode {mode!r}, so "auto" is used. '
                'Choose "min", "max" or "auto".',
                UserWarning,
                stacklevel=3,
            )
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self.monitor_op: Callable[[Any, Any], bool] | None = None

    def _set_monitor_op(self) -> None:
        """Find out which way is better; metrics know it once the model has been trained."""
        if self.monitor_op is not None:
            return
        direction = {"min": "down", "max": "up"}.get(self.mode) or self._direction()
        self.monitor_op = operator.gt if direction == "up" else operator.lt
        if direction == "down":
            self.min_delta = -self.min_delta

    def _is_improvement(self, value: Any, reference: Any) -> bool:
        """Whether a value is better than another, of which `None` is the worst."""
        if reference is None:
            return True
        self._set_monitor_op()
        assert self.monitor_op is not None
        return bool(self.monitor_op(value - self.min_delta, reference))

    def _direction(self) -> str:
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return "down"
        for metric in _metrics_of(self.model):
            # With several outputs the name of the output stands in front: "age_accuracy".
            if name == metric.name or name.endswith(f"_{metric.name}"):
                direction = getattr(metric, "_direction", None)
                if direction is not None:
                    return "up" if direction == "up" else "down"
        raise ArgumentError(
            type(self).__name__,
            f"whether a greater `{self.monitor}` is better can't be told from its name",
            fix='Give `mode="max"` or `mode="min"`.',
            monitor=self.monitor,
        )


def _metrics_of(model: Any) -> Iterator[Any]:
    for metric in getattr(model, "metrics", ()):
        yield from getattr(metric, "metrics", ())  # those given to `compile` stand in a container
        if hasattr(metric, "name"):
            yield metric
