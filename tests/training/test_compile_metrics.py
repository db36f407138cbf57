"""Metrics given to `compile`: which one is for which output, names, weights, structures."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import metrics, ops
from cornu.training.compile_metrics import CompileMetrics
from tests.training.test_compile_loss import DICTS, NAMES, NESTED, P1, P2, TWO, W1, W2, Y1, Y2

BITS = (Y1 > 0.5).astype("float32")
CLASSES = np.array([0, 2, 1, 1])
ONE = {"y": Y1, "p": P1}

# What is given, and the names of the results in order. Real Keras agrees with all of them.
ROWS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a list": ({"metrics": ["mse", "mae"], **ONE}, ["mse", "mae"]),
    "a tuple": ({"metrics": ("mse", "MAE"), **ONE}, ["mse", "MAE"]),
    "by name of the only output": (
        {"metrics": {"a": ["mse", "mae"]}, **ONE, "names": ["a"]},
        ["mse", "mae"],
    ),
    "weighted ones": (
        {"metrics": ["mse"], "weighted": ["mse", "mae"], **ONE, "w": W1},
        ["mse", "weighted_mse", "mae"],
    ),
    "weighted ones alone": ({"weighted": ["mse"], **ONE, "w": W1}, ["mse"]),
    "the same twice": (
        {"metrics": ["mse", "mse"], "weighted": ["mse", "mse"], **ONE, "w": W1},
        ["mse", "mse_1", "weighted_mse", "weighted_mse_1"],
    ),
    "accuracy of bits": (
        {"metrics": ["accuracy", "acc"], "y": BITS, "p": P1},
        ["accuracy", "acc"],
    ),
    "objects and functions": (
        {"metrics": [metrics.MeanSquaredError(name="mine"), metrics.huber], **ONE},
        ["mine", "huber"],
    ),
    "a list for two": ({"metrics": ["mse", "mae"], **TWO}, ["a_mse", "b_mae"]),
    "lists for two": (
        {"metrics": [["mse", "mae"], ["mse"]], **TWO},
        ["a_mse", "a_mae", "b_mse"],
    ),
    "lists for two without names": (
        {"metrics": [["mse", "mae"], ["mse"]], "y": [Y1, Y2], "p": [P1, P2]},
        ["mse", "mae", "mse_1"],
    ),
    "by name": ({"metrics": {"b": "mse", "a": ["mae", "mse"]}, **TWO}, ["a_mae", "a_mse", "b_mse"]),
    "by name for one": ({"metrics": {"b": "mse"}, **TWO}, ["b_mse"]),
    "by name, weighted": (
        {"metrics": {"b": "mse"}, "weighted": {"a": ["mae"], "b": ["mse"]}, **TWO, "w": [W1, W2]},
        ["b_mse", "a_mae", "b_weighted_mse"],
    ),
    "None for one of two": ({"metrics": [None, "mse"], **TWO}, ["b_mse"]),
    "nothing for one of two": ({"metrics": [[], ["mse"]], **TWO}, ["b_mse"]),
    "targets by name": (
        {
            "metrics": {"b": "mse", "a": "mae"},
            "y": {"b": Y2, "a": Y1},
            "p": [P1, P2],
            "names": NAMES,
        },
        ["a_mae", "b_mse"],
    ),
    "dicts": ({"metrics": {"b": "mse", "a": "mae"}, **DICTS}, ["a_mae", "b_mse"]),
    "dicts without names": (
        {"metrics": {"b": "mse", "a": "mae"}, "y": DICTS["y"], "p": DICTS["p"]},
        ["a_mae", "b_mse"],
    ),
    "ordered dicts": (
        {
            "metrics": ["mse", "mae"],
            "y": OrderedDict(b=Y2, a=Y1),
            "p": OrderedDict(b=P2, a=P1),
        },
        ["b_mse", "a_mae"],
    ),
    "nested": (
        {"metrics": {"a": [["mse"], ["mae"]], "b": ["mse"]}, **NESTED},
        ["mse", "mae", "mse_1"],
    ),
}
_DATA = {"a": (Y1, P1, W1), "b": (Y2, P2, W2)}


def _compiled(given: dict[str, Any]) -> CompileMetrics:
    return CompileMetrics(
        given.get("metrics"), given.get("weighted"), output_names=given.get("names")
    )


def _updated(given: dict[str, Any]) -> CompileMetrics:
    metric = _compiled(given)
    metric.update_state(given["y"], given["p"], given.get("w"))
    return metric


@pytest.mark.parametrize("row", ROWS)
def test_names_are_those_of_keras(row: str) -> None:
    given, names = ROWS[row]
    assert list(_updated(given).result()) == names


@pytest.mark.parametrize("row", ["by name", "by name, weighted", "dicts", "targets by name"])
def test_each_metric_sees_its_own_output(row: str) -> None:
    for name, value in _updated(ROWS[row][0]).result().items():
        y, p, w = _DATA[name[0]]
        weighted = row == "by name, weighted" and name != "b_mse"
        error = np.mean(np.abs(y - p) if name.endswith("mae") else (y - p) ** 2, axis=-1)
        expected = np.average(error, weights=w if weighted else None)
        np.testing.assert_allclose(float(value), expected, rtol=1e-5)


def test_plain_metrics_ignore_sample_weights() -> None:
    result = _updated({"metrics": ["mae"], "weighted": ["mae"], **ONE, "w": W1}).result()
    error = np.abs(Y1 - P1)[:, 0]
    np.testing.assert_allclose(float(result["mae"]), error.mean(), rtol=1e-5)
    np.testing.assert_allclose(float(result["weighted_mae"]), np.average(error, weights=W1), 1e-5)


@pytest.mark.parametrize(
    ("y", "p", "expected"),
    [
        (BITS, P1, metrics.BinaryAccuracy),
        (CLASSES, P2, metrics.SparseCategoricalAccuracy),
        (CLASSES[:, None], P2, metrics.SparseCategoricalAccuracy),
        (np.eye(3, dtype="float32")[CLASSES], P2, metrics.CategoricalAccuracy),
    ],
)
@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
def test_accuracy_goes_by_shapes(y: Any, p: Any, expected: type, name: str) -> None:
    metric = CompileMetrics([name], None)
    metric.update_state(y, p)
    assert type(metric.metrics[0]) is expected
    assert list(metric.result()) == [name]
    assert float(metric.result()[name]) == float(expected()(y, p))


def test_before_the_first_batch_there_is_nothing() -> None:
    metric = CompileMetrics(["mse"], None)
    assert metric.name == "compile_metrics"
    assert metric.metrics == []
    assert metric.variables == []
    metric.reset_state()


def test_reset_begins_again() -> None:
    metric = _updated({"metrics": ["mse"], **ONE})
    first = float(metric.result()["mse"])
    metric.update_state(Y1, P1 + 1)
    metric.reset_state()
    metric.update_state(Y1, P1)
    np.testing.assert_allclose(float(metric.result()["mse"]), first)


def test_it_compiles_with_its_metrics_made_while_tracing() -> None:
    metric = CompileMetrics({"a": ["mae", "accuracy"]}, {"b": ["mse"]}, output_names=NAMES)

    @cornu.jit
    def step(y: Any, p: Any, w: Any) -> Any:
        metric.update_state(y, p, w)
        return metric.result()

    for part in (slice(0, 3), slice(3, 4)):
        result = step([Y1[part], Y2[part]], [P1[part], P2[part]], W1[part])
    np.testing.assert_allclose(float(result["a_mae"]), np.abs(Y1 - P1).mean(), rtol=1e-5)
    error = np.mean((Y2 - P2) ** 2, -1)
    np.testing.assert_allclose(float(result["b_mse"]), np.average(error, weights=W1), rtol=1e-5)
    assert [ops.convert_to_numpy(v).shape for v in metric.variables] == [()] * 6


def test_masks_of_predictions_leave_entries_out() -> None:
    p = ops.convert_to_tensor(NESTED["p"]["b"])
    p._keras_mask = ops.convert_to_tensor([[True, False]] * 4)
    y = NESTED["y"]["b"]
    metric = CompileMetrics(["mae"], None)
    metric.update_state(y, p)
    expected = np.abs(y[:, 0] - ops.convert_to_numpy(p)[:, 0]).mean()
    np.testing.assert_allclose(float(metric.result()["mae"]), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"metrics": "mse", **ONE}, "must be a list"),
        ({"weighted": "mse", **ONE}, "must be a list"),
        ({"metrics": ["nope"], **ONE}, "no such metric"),
        ({"metrics": [None], **ONE}, "None"),
        ({"metrics": ["mse"], **TWO}, "structure of the outputs"),
        ({"metrics": ["mse", "mae", "mse"], **TWO}, "structure of the outputs"),
        ({"metrics": {"z": "mse"}, **TWO}, "names of the outputs"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        _updated(given)
