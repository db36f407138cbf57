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
from cornu.state.masks import set_mask
from cornu.state.variable import AutocastScope
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


# State


def test_an_accumulated_nan_is_gone_after_a_reset() -> None:
    metric = metrics.Mean()
    metric.update_state([np.nan, 1.0])
    assert np.isnan(float(metric.result()))
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_a_metric_of_ones_own_is_reset_to_zeros() -> None:
    class Largest(metrics.Metric):
        def __init__(self, name: str | None = None) -> None:
            super().__init__(name=name)
            self.largest = self.add_variable((2,), "ones", name="largest")

    metric = Largest()
    metric.largest.assign([np.inf, 2.0])
    metric.reset_state()
    assert metric.largest.numpy().tolist() == [0.0, 0.0]
    assert [np.asarray(v).tolist() for v in metric.stateless_reset_state()] == [[0.0, 0.0]]


def test_metrics_in_a_metric_bring_their_variables() -> None:
    class Outer(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="outer")
            self.inner = metrics.Sum(name="inner")

    assert [v.path for v in Outer().variables] == ["inner/total"]


def test_variables_keep_float32_inside_of_a_layer_that_computes_in_16_bits() -> None:
    metric = metrics.Mean()
    with AutocastScope("float16"):
        metric.update_state([70000.0, 70000.0])
        assert metric.total.dtype == "float32"
        assert float(metric.result()) == 70000.0


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_metrics_compute_in_their_dtype(dtype: str) -> None:
    metric = metrics.MeanAbsoluteError(dtype=dtype)
    metric.update_state([[1.0], [2.0]], [[2.0], [4.0]])
    assert ops.dtype(metric.result()) == dtype
    assert metric.get_config()["dtype"] == dtype
    assert float(metric.result()) == 1.5


def test_masks_of_predictions_leave_entries_out() -> None:
    y_pred = ops.convert_to_tensor([[1.0], [5.0], [3.0]])
    set_mask(y_pred, ops.convert_to_tensor([True, False, True]))
    metric = metrics.MeanAbsoluteError()
    metric.update_state([[0.0]] * 3, y_pred, sample_weight=[1.0, 1.0, 3.0])
    assert float(metric.result()) == 2.5


# Edges of single metrics


def test_class_numbers_beyond_what_16_bits_tell_apart_are_compared_exactly() -> None:
    y_pred = ops.cast(ops.one_hot([3001], 4096), "float16")
    assert metrics.sparse_categorical_accuracy([3000], y_pred).tolist() == [0.0]
    assert metrics.sparse_categorical_accuracy([3001], y_pred).tolist() == [1.0]


@pytest.mark.parametrize("thresholds", [[0.0, 0.25, 0.5, 0.75, 1.0], [0.1, 0.2, 0.9]])
def test_counts_at_even_thresholds_are_those_of_comparing_with_each(
    thresholds: list[float],
) -> None:
    rng = np.random.default_rng(3)
    y_true = rng.integers(0, 2, 200)
    y_pred = np.concatenate([rng.random(190), thresholds, [0.0] * (10 - len(thresholds))])
    y_pred = y_pred.astype("float32")
    limits = np.asarray(thresholds, "float32")[:, None]
    for name, right in (("TruePositives", 1), ("FalsePositives", 0)):
        metric = getattr(metrics, name)(thresholds)
        metric.update_state(y_true, y_pred)
        expected = np.sum((y_pred > limits) & (y_true == right), axis=1)
        np.testing.assert_array_equal(metric.result(), expected)


def test_predictions_that_are_no_number_are_above_no_threshold() -> None:
    metric = metrics.AUC(num_thresholds=5)
    metric.update_state([1, 1, 0], [np.nan, 0.9, 0.1])
    assert metric.true_positives.numpy().tolist() == [1.0, 1.0, 1.0, 1.0, 0.0]


def test_auc_of_a_million_predictions_does_not_compare_each_with_each_threshold() -> None:
    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, 1_000_000)
    y_pred = (0.6 * rng.random(1_000_000) + 0.4 * y_true).astype("float32")
    metric = metrics.AUC()
    metric.update_state(y_true, y_pred)
    a, b = np.sort(y_pred[y_true == 0]), y_pred[y_true == 1]
    exact = np.searchsorted(a, b).mean() / len(a)
    assert abs(float(metric.result()) - exact) < 1e-3


def test_adjusted_r2_falls_back_to_the_plain_one_for_few_samples() -> None:
    plain, adjusted = metrics.R2Score(), metrics.R2Score(num_regressors=2)
    for metric in (plain, adjusted):
        metric.update_state([[1.0], [2.0], [4.0]], [[1.0], [2.0], [3.0]])
    assert float(plain.result()) == float(adjusted.result())


def test_iou_says_that_it_rounds_weights() -> None:
    metric = metrics.IoU(num_classes=2, target_class_ids=[0])
    with pytest.warns(UserWarning, match="rounded down"):
        metric.update_state([0, 1], [0, 1], sample_weight=[0.5, 2.0])
    assert metric.total_cm.numpy().tolist() == [[0, 0], [0, 2]]


def test_iou_leaves_out_classes_out_of_range() -> None:
    metric = metrics.MeanIoU(num_classes=2)
    metric.update_state([0, 255, 1, -1], [0, 1, 7, 0])
    assert metric.total_cm.numpy().tolist() == [[1, 0], [0, 0]]


def test_top_k_with_ids_of_classes() -> None:
    metric = metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    metric.update_state([[1], [2]], [[[1, 0, 2]], [[0, 1, 2]]])
    assert float(metric.result()) == 0.5
    assert metric.get_config()["from_sorted_ids"] is True


@pytest.mark.parametrize(
    "make",
    [
        lambda: metrics.AUC(num_thresholds=1),
        lambda: metrics.AUC(curve="DET"),
        lambda: metrics.AUC(summation_method="simpson"),
        lambda: metrics.AUC(num_labels=3),
        lambda: metrics.AUC(multi_label=True).update_state([1, 0], [0.5, 0.5]),
        lambda: metrics.Precision(thresholds=1.5),
        lambda: metrics.Recall(class_id=1).update_state([1, 0], [0.5, 0.5]),
        lambda: metrics.PrecisionAtRecall(2.0),
        lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=0),
        lambda: metrics.FBetaScore(beta=1),
        lambda: metrics.FBetaScore(beta=-1.0),
        lambda: metrics.FBetaScore(average="mean"),
        lambda: metrics.FBetaScore(threshold=1.5),
        lambda: metrics.F1Score().update_state([1.0], [1.0]),
        lambda: metrics.R2Score(class_aggregation="mean"),
        lambda: metrics.R2Score(num_regressors=-1),
        lambda: metrics.R2Score().update_state([1.0], [1.0]),
        lambda: metrics.IoU(num_classes=2, target_class_ids=[2]),
    ],
)
def test_wrong_arguments_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"\."):
        make()


# Names and configs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", metrics.MeanSquaredError),
        ("MAE", metrics.MeanAbsoluteError),
        ("bce", metrics.BinaryCrossentropy),
        ("mean_squared_error", metrics.MeanSquaredError),
        ("AUC", metrics.AUC),
        ("auc", metrics.AUC),
        ("f1_score", metrics.F1Score),
        ("r2_score", metrics.R2Score),
        ("top_k_categorical_accuracy", metrics.TopKCategoricalAccuracy),
    ],
)
def test_get_finds_classes_by_their_names(name: str, expected: type) -> None:
    assert type(metrics.get(name)) is expected


def test_get_takes_classes_objects_functions_and_configs() -> None:
    assert metrics.get(None) is None
    assert isinstance(metrics.get(metrics.Mean), metrics.Mean)
    assert metrics.get(metrics.huber) is metrics.huber
    config = {"class_name": "AUC", "config": {"curve": "PR"}}
    assert metrics.get(config).curve == "PR"


@pytest.mark.parametrize("name", ["nope", "deserialize", 3])
def test_get_refuses_what_is_no_metric(name: Any) -> None:
    with pytest.raises(ValueError, match="no"):
        metrics.get(name)


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        (metrics.MeanMetricWrapper(metrics.huber), "down"),
        (metrics.MeanMetricWrapper(metrics.binary_accuracy), None),
        (metrics.BinaryAccuracy(), "up"),
        (metrics.RootMeanSquaredError(), "down"),
        (metrics.KLDivergence(), "down"),
        (metrics.CosineSimilarity(), "up"),
        (metrics.AUC(), "up"),
        (metrics.Mean(), None),
    ],
)
def test_metrics_know_which_way_is_better(metric: Any, direction: str | None) -> None:
    assert getattr(metric, "_direction", None) == direction
