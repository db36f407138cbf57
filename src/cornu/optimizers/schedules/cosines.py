"""Schedules that fall like half a cosine, once or again and again."""

from __future__ import annotations

import math
from typing import Any

from cornu import ops
from cornu.ops.op import ArrayLike, Tensor
from cornu.optimizers.schedules.decays import positive_steps
from cornu.optimizers.schedules.schedule import LearningRateSchedule, rate_and_step

__all__ = ["CosineDecay", "CosineDecayRestarts"]


def _half_cosine(p: Tensor) -> Tensor:
    """Return 1 at p = 0 and 0 at p = 1."""
    return (ops.cos(p * math.pi) + 1.0) * 0.5


class CosineDecay(LearningRateSchedule):
    """Half a cosine, after a straight rise if asked.

    r ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha)

    Args:
        initial_learning_rate: The rate at step 0.
        decay_steps: Steps of the fall.
        alpha: Share of the rate that is left at the end and after it.
        name: Its name.
        warmup_target: The rate after the rise, from which it falls; None for no rise.
        warmup_steps: Steps of the rise.

    Raises:
        ValueError: If `decay_steps` isn't above zero.

    References:
        Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts",
        arXiv:1608.03983.

    Example:
        >>> round(float(CosineDecay(1.0, 10)(5)), 6)
        0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = positive_steps("CosineDecay", "decay_steps", decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def _fall(self, step: Tensor, top: Any) -> Tensor:
        p = ops.divide(ops.minimum(step, self.decay_steps), self.decay_steps)
        return (_half_cosine(p) * (1 - self.alpha) + self.alpha) * top

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate; see `LearningRateSchedule`."""
        rate, step = rate_and_step(self.initial_learning_rate, step)
        if self.warmup_target is None:
            return self._fall(step, rate)
        falling = self._fall(step - self.warmup_steps, self.warmup_target)
        if not self.warmup_steps:
            return falling
        rising = (self.warmup_target - rate) * ops.divide(step, self.warmup_steps) + rate
        return ops.where(ops.less(step, self.warmup_steps), rising, falling)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """Half a cosine again and again; the i-th is `t_mul**i` as long and `m_mul**i` as high.

    Args:
        initial_learning_rate: The rate at step 0.
        first_decay_steps: Steps of the first fall.
        t_mul: Factor on the length, from one to the next.
        m_mul: Factor on the height.
        alpha: Share of the rate that is left at the end of each.
        name: Its name.

    Raises:
        ValueError: If `first_decay_steps` isn't above zero.

    References:
        Loshchilov and Hutter 2016, "SGDR: stochastic gradient descent with warm restarts",
        arXiv:1608.03983.

    Example:
        >>> rate = CosineDecayRestarts(1.0, 10)
        >>> float(rate(0)), float(rate(10)), round(float(rate(20)), 6)
        (1.0, 1.0, 0.5)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = positive_steps(
            "CosineDecayRestarts", "first_decay_steps", first_decay_steps
        )
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate; see `LearningRateSchedule`."""
        rate, step = rate_and_step(self.initial_learning_rate, step)
        p = ops.divide(step, self.first_decay_steps)
        t = self._t_mul
        if t == 1.0:
            done = ops.floor(p)
            p = p - done
        else:
            # The first n stretches take (1 - t**n) / (1 - t) times the first one.
            done = ops.floor(ops.divide(ops.log(1.0 - p * (1.0 - t)), math.log(t)))
            length = ops.power(t, done)
            p = ops.divide(p - ops.divide(1.0 - length, 1.0 - t), length)
        height = ops.power(self._m_mul, done)
        return rate * (_half_cosine(p) * height * (1 - self.alpha) + self.alpha)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
