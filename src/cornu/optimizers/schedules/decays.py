"""Schedules that fall by one formula: exponential, inverse time, polynomial, by pieces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ArgumentError
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, to_dtype
from cornu.optimizers.schedules.schedule import LearningRateSchedule, rate_and_step

__all__ = [
    "ExponentialDecay",
    "InverseTimeDecay",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "positive_steps",
]


def positive_steps(where: str, name: str, steps: float) -> float:
    """Return a number of steps.

    Raises:
        ValueError: If it isn't above zero.
    """
    if steps <= 0:
        raise ArgumentError(where, f"{name} must be above zero", received=steps)
    return steps


class ExponentialDecay(LearningRateSchedule):
    """The rate times `decay_rate`, once per `decay_steps`: r decay_rate**(step / decay_steps).

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps in which the rate changes by the factor.
        decay_rate: The factor.
        staircase: Whether it changes at once, at multiples of `decay_steps`.
        name: Its name.

    Raises:
        ValueError: If `decay_steps` isn't above zero.

    Example:
        >>> float(ExponentialDecay(1.0, 10, 0.5)(20))
        0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive_steps("ExponentialDecay", "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate; see `LearningRateSchedule`."""
        rate, step = rate_and_step(self.initial_learning_rate, step)
        p = ops.divide(step, self.decay_steps)
        return rate * ops.power(self.decay_rate, ops.floor(p) if self.staircase else p)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class InverseTimeDecay(LearningRateSchedule):
    """The rate over a number that grows with time: r / (1 + decay_rate step / decay_steps).

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps in which the number grows by `decay_rate`.
        decay_rate: By how much.
        staircase: Whether it grows at once, at multiples of `decay_steps`.
        name: Its name.

    Raises:
        ValueError: If `decay_steps` isn't above zero.

    Example:
        >>> float(InverseTimeDecay(1.0, 10, 1.0)(30))
        0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive_steps("InverseTimeDecay", "decay_steps", decay_steps)
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate; see `LearningRateSchedule`."""
        rate, step = rate_and_step(self.initial_learning_rate, step)
        p = ops.divide(step, self.decay_steps)
        return ops.divide(rate, (ops.floor(p) if self.staircase else p) * self.decay_rate + 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class PolynomialDecay(LearningRateSchedule):
    """From one rate to another: (r - end) (1 - step / decay_steps)**power + end.

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps until the end.
        end_learning_rate: The rate at the end and after it.
        power: The power.
        cycle: Whether to begin anew at the end, with a longer stretch.
        name: Its name.

    Raises:
        ValueError: If `decay_steps` isn't above zero.

    Example:
        >>> float(PolynomialDecay(1.0, 10, end_learning_rate=0.0, power=2.0)(5))
        0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive_steps("PolynomialDecay", "decay_steps", decay_steps)
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate; see `LearningRateSchedule`."""
        rate, step = rate_and_step(self.initial_learning_rate, step)
        if self.cycle:
            # Whole stretches begun so far; at step 0 the first one.
            stretches = ops.maximum(ops.ceil(ops.divide(step, self.decay_steps)), 1.0)
            p = ops.divide(step, stretches * self.decay_steps)
        else:
            p = ops.divide(ops.minimum(step, self.decay_steps), self.decay_steps)
        falling = ops.power(1.0 - p, self.power)
        return (rate - self.end_learning_rate) * falling + self.end_learning_rate

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class PiecewiseConstantDecay(LearningRateSchedule):
    """One rate up to and with each boundary, and a last one after them.

    Args:
        boundaries: Steps, rising.
        values: Rates, one more than boundaries.
        name: Its name.

    Raises:
        ValueError: If the lengths don't fit.

    Example:
        >>> rate = PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
        >>> float(rate(10)), float(rate(11)), float(rate(21))
        (1.0, 0.5, 0.25)
    """

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ArgumentError(
                "PiecewiseConstantDecay",
                "there must be one value more than boundaries",
                boundaries=boundaries,
                values=values,
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate; see `LearningRateSchedule`."""
        step = as_tensor(step)
        rate = as_tensor(self.values[-1])
        for boundary, value in zip(self.boundaries[::-1], self.values[-2::-1], strict=True):
            # Boundaries are read in the dtype of the step, as Keras does: 1.5 means 1.
            reached = to_dtype(as_tensor(boundary), dtype_of(step))
            rate = ops.where(ops.less_equal(step, reached), value, rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
