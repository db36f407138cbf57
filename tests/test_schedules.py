"""Learning rate schedules against the recorded ones of Keras."""

from __future__ import annotations

import numpy as np
import pytest

import cornu
from cornu.optimizers import schedules
from tests.cases.case import ScheduleCase
from tests.cases.schedules import CASES
from tests.oracle import read
from tests.tolerances import tolerance

_rows = pytest.mark.parametrize("case", CASES, ids=str)


@_rows
def test_config_has_keras_keys_and_values_in_order(case: ScheduleCase) -> None:
    config = case.make(cornu).get_config()
    assert config == read.structure(case).config
    assert tuple(config) == read.structure(case).config_keys
    assert schedules.serialize(case.make(cornu)) == read.structure(case).serialized


@_rows
def test_config_makes_an_equal_schedule(case: ScheduleCase) -> None:
    again = schedules.deserialize(schedules.serialize(case.make(cornu)))
    assert again.get_config() == case.make(cornu).get_config()


@_rows
def test_rates_agree_with_keras(case: ScheduleCase) -> None:
    schedule = case.make(cornu)
    recorded = read.schedule(case)
    rates = [float(schedule(int(step))) for step in recorded.steps]
    rtol, atol = tolerance(case.tolerance, "float32")
    np.testing.assert_allclose(rates, recorded.rates, rtol=rtol, atol=atol)


@_rows
def test_rates_are_the_same_when_compiled(case: ScheduleCase) -> None:
    schedule = case.make(cornu)
    compiled = cornu.jit(schedule)
    rtol, atol = tolerance(case.tolerance, "float32")
    for step in case.steps:
        rate = compiled(np.array(step, "int32"))
        np.testing.assert_allclose(float(rate), float(schedule(step)), rtol=rtol, atol=atol)
        assert str(rate.dtype).endswith("float32")


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.InverseTimeDecay(0.1, -1, 0.5),
        lambda: schedules.PolynomialDecay(0.1, 0),
        lambda: schedules.CosineDecay(0.1, 0),
        lambda: schedules.CosineDecayRestarts(0.1, 0),
        lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
    ],
)
def test_wrong_arguments_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()  # type: ignore[operator]
