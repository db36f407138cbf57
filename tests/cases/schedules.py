"""Rows of `keras.optimizers.schedules`."""

from __future__ import annotations

from typing import Any

from tests.cases.case import ScheduleCase


def _schedule(label: str, *args: Any, **settings: Any) -> ScheduleCase:
    """Return a row; the class is the part of the label before the first dash."""
    class_name = label.partition("-")[0]
    return ScheduleCase(
        name=label,
        make=lambda k: getattr(k.optimizers.schedules, class_name)(*args, **settings),
    )


CASES: tuple[ScheduleCase, ...] = (
    _schedule("ExponentialDecay", 0.1, 10, 0.5),
    _schedule("ExponentialDecay-staircase", 0.1, 10, 0.5, staircase=True),
    _schedule("PiecewiseConstantDecay", [10, 20], [1.0, 0.5, 0.1]),
    _schedule("PiecewiseConstantDecay-float", [1.5, 20.0, 35.0], [1.0, 0.5, 0.2, 0.1]),
    _schedule("PolynomialDecay", 0.1, 20),
    _schedule("PolynomialDecay-power", 0.1, 20, end_learning_rate=0.01, power=2.0),
    _schedule("PolynomialDecay-cycle", 0.1, 20, end_learning_rate=0.01, power=0.5, cycle=True),
    _schedule("InverseTimeDecay", 0.1, 10, 0.5),
    _schedule("InverseTimeDecay-staircase", 0.1, 10, 0.5, staircase=True),
    _schedule("CosineDecay", 0.1, 50),
    _schedule("CosineDecay-alpha", 0.1, 50, alpha=0.2),
    _schedule("CosineDecay-warmup", 0.0, 50, alpha=0.1, warmup_target=0.3, warmup_steps=10),
    _schedule("CosineDecayRestarts", 0.1, 10),
    _schedule("CosineDecayRestarts-arguments", 0.1, 10, t_mul=1.5, m_mul=0.8, alpha=0.1),
    _schedule("CosineDecayRestarts-equal", 0.1, 10, t_mul=1.0, m_mul=0.9, name="restarts"),
)
