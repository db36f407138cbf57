"""Metrics against the recorded ones of Keras: configs, variables and results of every row."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np
import pytest

import cornu
from cornu import metrics, ops
from cornu.graph.names import reset_names
from cornu.saving.weights import weights_bytes
from tests.cases.case import MetricCase
from tests.cases.metrics import CASES
from tests.oracle import read
from tests.tolerances import tolerance

_rows = pytest.mark.parametrize("case", CASES, ids=str)


@pytest.fixture(autouse=True)
def _first_names() -> None:
    reset_names()


@contextmanager
def _weights_may_be_rounded(case: MetricCase) -> Iterator[None]:
    """IoU counts in integers, and says so when weights are none."""
    with warnings.catch_warnings():
        if "IoU" in case.name and case.weight is not None:
            warnings.filterwarnings("ignore", message=".*rounded down")
        yield


def _updated(case: MetricCase, until: int | None = None) -> Any:
    metric = case.make(cornu)
    with _weights_may_be_rounded(case):
        for update in read.metric(case).updates[:until]:
            metric.update_state(*update.arguments, **_options(update.weight))
    return metric


def _options(weight: Any) -> dict[str, Any]:
    return {} if weight is None else {"sample_weight": weight}


def _agree(case: MetricCase, value: Any, expected: Any) -> None:
    rtol, atol = tolerance(case.tolerance, "float32")
    np.testing.assert_allclose(ops.convert_to_numpy(value), expected, rtol=rtol, atol=atol)


def _as_json(config: Any) -> Any:
    return json.loads(json.dumps(config))  # tuples are lists in a file


@_rows
def test_results_agree_with_keras_after_each_update(case: MetricCase) -> None:
    metric = case.make(cornu)
    with _weights_may_be_rounded(case):
        for update in read.metric(case).updates:
            metric.update_state(*update.arguments, **_options(update.weight))
            result = metric.result()
            assert result.shape == update.result.shape
            _agree(case, result, update.result)


@_rows
def test_variables_agree_with_keras_after_the_updates(case: MetricCase) -> None:
    metric = _updated(case)
    expected = read.metric(case).variables
    assert len(metric.variables) == len(expected)
    for variable, value in zip(metric.variables, expected, strict=True):
        _agree(case, variable, value)


@_rows
def test_variables_have_keras_paths_shapes_and_dtypes_in_order(case: MetricCase) -> None:
    found = [(v.path, v.shape, v.dtype, v.trainable) for v in _updated(case).variables]
    assert found == [
        (v.path, v.shape, v.dtype, v.trainable) for v in read.structure(case).variables
    ]


@_rows
def test_files_hold_what_those_of_keras_hold(case: MetricCase) -> None:
    found: list[str] = []

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.append(name)

    with h5py.File(io.BytesIO(weights_bytes(_updated(case)))) as file:
        file.visititems(visit)
    assert found == [f"{s.path}/{s.key}" for s in read.structure(case).file]


@_rows
def test_config_has_keras_keys_in_order(case: MetricCase) -> None:
    assert tuple(case.make(cornu).get_config()) == read.structure(case).config_keys


@_rows
def test_serialized_form_is_that_of_keras(case: MetricCase) -> None:
    assert _as_json(metrics.serialize(case.make(cornu))) == read.structure(case).serialized


@_rows
def test_config_makes_an_equal_metric(case: MetricCase) -> None:
    metric = case.make(cornu)
    config = metrics.serialize(metric)
    again = metrics.deserialize(_as_json(config))
    assert type(again) is type(metric)
    assert metrics.serialize(again) == config
    with _weights_may_be_rounded(case):
        for update in read.metric(case).updates:
            again.update_state(*update.arguments, **_options(update.weight))
    _agree(case, again.result(), read.metric(case).updates[-1].result)


@_rows
def test_reset_metrics_begin_again(case: MetricCase) -> None:
    metric = _updated(case)
    metric.reset_state()
    assert all(not np.any(ops.convert_to_numpy(v)) for v in metric.variables)
    first = read.metric(case).updates[0]
    with _weights_may_be_rounded(case):
        metric.update_state(*first.arguments, **_options(first.weight))
    _agree(case, metric.result(), first.result)


@_rows
def test_compiled_updates_and_results_are_those_of_keras(case: MetricCase) -> None:
    metric = case.make(cornu)

    @cornu.jit
    def step(*batch: Any) -> Any:
        *arguments, weight = batch
        metric.update_state(*arguments, **_options(weight))
        return metric.result()

    with _weights_may_be_rounded(case):
        for update in read.metric(case).updates:
            _agree(case, step(*update.arguments, update.weight), update.result)


@_rows
def test_stateless_updates_leave_the_metric_alone(case: MetricCase) -> None:
    metric = _updated(case, until=1)
    second = read.metric(case).updates[1]
    before = [ops.convert_to_numpy(v) for v in metric.variables]
    with _weights_may_be_rounded(case):
        values = metric.stateless_update_state(before, *second.arguments, **_options(second.weight))
    _agree(case, metric.stateless_result(values), second.result)
    for variable, value in zip(metric.variables, before, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(variable), value)
