"""Whole trainings, compared with what real Keras recorded: every curve, weight and slot."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import pytest

import cornu
from tests.cases.case import ModelCase
from tests.cases.models import CASES
from tests.oracle import read
from tests.tolerances import tolerance

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)


# Real Keras on JAX loses the mask of the outputs on the way from the gradient to the metrics, but
# only in training; on PyTorch it gives these, as it does on both in `evaluate`.
_MASKED_ACCURACY = {"tagger": 0.310975581407547, "tagger-sample_weight": 0.3225806653499603}

# The softmax of attention doesn't see a bias of the keys: its gradient is rounding noise, which
# an adaptive optimizer blows up to steps of 0.01.
_NOISE = {"multi_head_attention/key/bias": 12 * 0.01}


class Trained(NamedTuple):
    """A model after the recorded training, and the record."""

    model: Any
    history: Any
    recorded: read.Model
    evaluated: Any
    evaluated_dict: dict[str, float]
    predictions: Any


@functools.cache
def trained(name: str) -> Trained:
    """Train as the recorder did, once for all tests of a row."""
    case = next(c for c in CASES if c.name == name)
    recorded = read.model(case)
    cornu.utils.clear_session(free_memory=False)
    model = case.make(cornu)
    for variable, value in zip(model.variables, recorded.initial, strict=True):
        variable.assign(value)
    history = model.fit(
        recorded.x,
        recorded.y,
        sample_weight=recorded.sample_weight,
        class_weight=None if case.class_weight is None else dict(case.class_weight),
        validation_data=recorded.validation,
        shuffle=False,
        verbose=0,
        **case.options,
    )
    predictions = model.predict(recorded.x, verbose=0)
    evaluated = model.evaluate(recorded.x, recorded.y, verbose=0)
    evaluated_dict = model.evaluate(recorded.x, recorded.y, verbose=0, return_dict=True)
    return Trained(model, history, recorded, evaluated, evaluated_dict, predictions)


def close(case: ModelCase, found: Any, expected: Any, what: str) -> None:
    rtol, atol = tolerance(case.tolerance, "float32")
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol, err_msg=what)


def test_history_has_the_curves_and_key_order_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    assert list(run.history.history) == list(run.recorded.history)
    assert run.history.epoch == run.recorded.raw["epochs"]
    for name, curve in run.recorded.history.items():
        if name == "accuracy" and case.name in _MASKED_ACCURACY:
            curve = [_MASKED_ACCURACY[case.name]] * len(curve)
        close(case, run.history.history[name], curve, name)


def test_evaluate_lists_the_values_in_the_order_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    close(case, run.evaluated, run.recorded.evaluate, "evaluate")
    assert len(run.model.metrics_names) == len(np.atleast_1d(run.evaluated))


def test_evaluate_gives_the_dict_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    assert list(run.evaluated_dict) == list(run.recorded.evaluate_dict)
    for name, value in run.recorded.evaluate_dict.items():
        close(case, run.evaluated_dict[name], value, name)


def test_weights_after_training_are_those_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    paths = [v["path"] for v in run.recorded.raw["variables"]]
    assert [v.path for v in run.model.variables] == paths
    for variable, value in zip(run.model.variables, run.recorded.final, strict=True):
        if variable.path in _NOISE:
            assert np.abs(variable.numpy() - value).max() < _NOISE[variable.path]
        else:
            close(case, variable.numpy(), value, variable.path)


def test_trainable_variables_are_those_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    expected = [run.recorded.raw["variables"][i] for i in run.recorded.raw["trainable_variables"]]
    assert [v.path for v in run.model.trainable_variables] == [v["path"] for v in expected]


def test_state_of_the_optimizer_is_that_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    expected = run.recorded.raw["optimizer_variables"]
    variables = run.model.optimizer.variables
    assert [(v.path, list(v.shape), v.dtype) for v in variables] == [
        (v["path"], v["shape"], v["dtype"]) for v in expected
    ]
    for variable, value in zip(variables, run.recorded.optimizer, strict=True):
        close(case, variable.numpy(), value, variable.path)


def test_predictions_after_training_are_those_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    found, expected = run.predictions, run.recorded.predictions
    if isinstance(expected, dict):
        assert sorted(found) == sorted(expected)
        found, expected = [found[k] for k in sorted(found)], [expected[k] for k in sorted(found)]
    if not isinstance(expected, list):
        found, expected = [found], [expected]
    for y, wanted in zip(found, expected, strict=True):
        close(case, y, wanted, "predictions")


def test_layers_and_shapes_are_those_of_keras(case: ModelCase) -> None:
    run = trained(case.name)
    assert [layer.name for layer in run.model.layers] == run.recorded.raw["layers"]
    assert run.model.count_params() == run.recorded.raw["count_params"]
