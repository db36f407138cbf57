"""Losses given to `compile`: which one is for which output, names, weights, structures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import losses, ops
from cornu.training.compile_loss import CompileLoss

_rng = np.random.default_rng(0)


def _draw(*shape: int) -> Any:
    return _rng.random(shape).astype("float32")


Y1, P1, Y2, P2, Y3, P3 = (_draw(*s) for s in [(4, 1)] * 2 + [(4, 3)] * 2 + [(4, 2, 3)] * 2)
W1, W2 = _draw(4), _draw(4)
NAMES = ["a", "b"]


def _mse(y: Any, p: Any, w: Any = 1.0) -> float:
    return float(np.mean(np.mean((y - p) ** 2, -1) * w))


def _mae(y: Any, p: Any, w: Any = 1.0) -> float:
    return float(np.mean(np.mean(np.abs(y - p), -1) * w))


def _tensors(structure: Any) -> Any:
    return cornu.tree.map_structure(ops.convert_to_tensor, structure)


TWO = {"y": [Y1, Y2], "p": [P1, P2], "names": NAMES}
DICTS = {"y": {"a": Y1, "b": Y2}, "p": {"a": P1, "b": P2}, "names": NAMES}
NESTED = {"y": {"a": [Y1, Y2], "b": Y3}, "p": {"a": [P1, P2], "b": P3}}

Means = dict[str, float] | list[tuple[str, float]]

# What is given; the total; the names of the means and their values. Real Keras agrees with all of
# them, but for those marked so.
ROWS: dict[str, tuple[dict[str, Any], float, Means]] = {
    "one": ({"loss": "mse", "y": Y1, "p": P1}, _mse(Y1, P1), {}),
    "one, sample weights": ({"loss": "mse", "y": Y1, "p": P1, "w": W1}, _mse(Y1, P1, W1), {}),
    "one in a list": ({"loss": ["mse"], "y": Y1, "p": P1}, _mse(Y1, P1), {}),
    "one by name": (
        {"loss": {"a": "mse"}, "y": Y1, "p": P1, "names": ["a"]},
        _mse(Y1, P1),
        {},
    ),
    "one with a number as weight": (
        {"loss": "mse", "weights": 0.5, "y": Y1, "p": P1},
        0.5 * _mse(Y1, P1),
        {},
    ),
    "targets alone for a list of one": ({"loss": "mse", "y": Y1, "p": [P1]}, _mse(Y1, P1), {}),
    "two losses on one output add up (Keras takes the first alone)": (
        {"loss": ["mse", "mae"], "y": Y1, "p": P1},
        _mse(Y1, P1) + _mae(Y1, P1),
        {"mse_loss": _mse(Y1, P1), "mae_loss": _mae(Y1, P1)},
    ),
    "the same for two": (
        {"loss": "mse", **TWO},
        _mse(Y1, P1) + _mse(Y2, P2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mse(Y2, P2)},
    ),
    "two in a tuple": (
        {"loss": ("mse", "mae"), **TWO},
        _mse(Y1, P1) + _mae(Y2, P2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mae(Y2, P2)},
    ),
    "two without names": (
        {"loss": ["mse", "mae"], "y": [Y1, Y2], "p": (P1, P2)},
        _mse(Y1, P1) + _mae(Y2, P2),
        {"mse_loss": _mse(Y1, P1), "mae_loss": _mae(Y2, P2)},
    ),
    "two with weights": (
        {"loss": ["mse", "mae"], "weights": (2.0, 3.0), **TWO},
        2 * _mse(Y1, P1) + 3 * _mae(Y2, P2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mae(Y2, P2)},
    ),
    "two by name, in another order": (
        {"loss": {"b": "mse", "a": "mae"}, "weights": {"b": 5.0, "a": 1.0}, **TWO},
        _mae(Y1, P1) + 5 * _mse(Y2, P2),
        {"a_loss": _mae(Y1, P1), "b_loss": _mse(Y2, P2)},
    ),
    "none for one of two": (
        {"loss": {"a": "mse", "b": None}, **TWO},
        _mse(Y1, P1),
        {},
    ),
    "none for the first, weights": (
        {"loss": [None, "mse"], "weights": [1.0, 3.0], **TWO},
        3 * _mse(Y2, P2),
        {},
    ),
    "none for the first, no targets": (
        {"loss": [None, "mse"], **TWO, "y": [Y2]},
        _mse(Y2, P2),
        {},
    ),
    "none by name, no targets (Keras raises)": (
        {"loss": {"a": "mse", "b": None}, **TWO, "y": [Y1]},
        _mse(Y1, P1),
        {},
    ),
    "targets by name": (
        {"loss": ["mse", "mae"], **TWO, "y": {"b": Y2, "a": Y1}},
        _mse(Y1, P1) + _mae(Y2, P2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mae(Y2, P2)},
    ),
    "sample weights for each": (
        {"loss": ["mse", "mae"], **TWO, "w": [W1, W2]},
        _mse(Y1, P1, W1) + _mae(Y2, P2, W2),
        {"a_loss": _mse(Y1, P1, W1), "b_loss": _mae(Y2, P2, W2)},
    ),
    "sample weights for all": (
        {"loss": ["mse", "mae"], **TWO, "w": W1},
        _mse(Y1, P1, W1) + _mae(Y2, P2, W1),
        {"a_loss": _mse(Y1, P1, W1), "b_loss": _mae(Y2, P2, W1)},
    ),
    "sample weights by name (Keras raises)": (
        {"loss": ["mse", "mae"], **TWO, "w": {"b": W2}},
        _mse(Y1, P1) + _mae(Y2, P2, W2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mae(Y2, P2, W2)},
    ),
    "dicts": (
        {"loss": {"b": "mse", "a": "mae"}, **DICTS},
        _mae(Y1, P1) + _mse(Y2, P2),
        {"b_loss": _mse(Y2, P2), "a_loss": _mae(Y1, P1)},
    ),
    "dicts, loss for one": ({"loss": {"b": "mse"}, **DICTS}, _mse(Y2, P2), {}),
    "dicts, loss and targets for one": (
        {"loss": {"a": None, "b": "mse"}, **DICTS, "y": {"b": Y2}},
        _mse(Y2, P2),
        {},
    ),
    "dicts, list of losses": (
        {"loss": ["mse", "mae"], **DICTS},
        _mse(Y1, P1) + _mae(Y2, P2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mae(Y2, P2)},
    ),
    "dicts, list of targets": (
        {"loss": "mse", **DICTS, "y": [Y1, Y2]},
        _mse(Y1, P1) + _mse(Y2, P2),
        {"a_loss": _mse(Y1, P1), "b_loss": _mse(Y2, P2)},
    ),
    "dicts, sample weights": (
        {"loss": "mse", **DICTS, "w": {"a": W1, "b": W2}},
        _mse(Y1, P1, W1) + _mse(Y2, P2, W2),
        {"a_loss": _mse(Y1, P1, W1), "b_loss": _mse(Y2, P2, W2)},
    ),
    "nested, one for all": (
        {"loss": "mse", **NESTED},
        _mse(Y1, P1) + _mse(Y2, P2) + _mse(Y3, P3),
        [
            ("a/mse_loss", _mse(Y1, P1)),
            ("a/mse_loss", _mse(Y2, P2)),
            ("b_loss", _mse(Y3, P3)),
        ],
    ),
    "nested, each its own": (
        {"loss": {"a": ["mse", "mae"], "b": "mse"}, **NESTED},
        _mse(Y1, P1) + _mae(Y2, P2) + _mse(Y3, P3),
        {"a/mse_loss": _mse(Y1, P1), "a/mae_loss": _mae(Y2, P2), "b_loss": _mse(Y3, P3)},
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_total_and_means_are_those_of_the_rules(row: str) -> None:
    given, total, means = ROWS[row]
    loss = CompileLoss(given["loss"], given.get("weights"), output_names=given.get("names"))
    arguments = _tensors(given["y"]), _tensors(given["p"])
    weight = given.get("w")
    value = loss(*arguments, None if weight is None else _tensors(weight))
    np.testing.assert_allclose(float(value), total, rtol=1e-5)
    names = [m.name for m in loss.metrics]
    pairs = list(means.items()) if isinstance(means, dict) else means
    assert names == [name for name, _ in pairs]
    for metric, (_, expected) in zip(loss.metrics, pairs, strict=True):
        np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-5)


def test_means_weigh_batches_by_their_size_and_not_by_loss_weights() -> None:
    loss = CompileLoss(["mse", "mae"], [10.0, 1.0], output_names=NAMES)
    loss([Y1, Y2], [P1, P2])
    loss([Y1[:1], Y2[:1]], [P1[:1], P2[:1]])
    expected = (4 * _mse(Y1, P1) + _mse(Y1[:1], P1[:1])) / 5
    np.testing.assert_allclose(float(loss.metrics[0].result()), expected, rtol=1e-5)


def test_all_losses_none_give_none() -> None:
    assert CompileLoss([None, None])([Y1, Y2], [P1, P2]) is None


@pytest.mark.parametrize(
    ("y", "p", "expected"),
    [
        ((Y1 > 0.5).astype("float32"), P1, losses.binary_crossentropy),
        (np.array([0, 2, 1, 1]), P2, losses.sparse_categorical_crossentropy),
        (np.array([[0], [2], [1], [1]]), P2, losses.sparse_categorical_crossentropy),
        (np.eye(3, dtype="float32")[[0, 2, 1, 1]], P2, losses.categorical_crossentropy),
    ],
)
@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_crossentropy_goes_by_shapes(y: Any, p: Any, expected: Any, name: str) -> None:
    value = CompileLoss(name)(y, p)
    np.testing.assert_allclose(float(value), float(ops.mean(expected(y, p))), rtol=1e-6)


def test_it_compiles_with_its_means_made_while_tracing() -> None:
    loss = CompileLoss({"a": "mse", "b": "mae"}, output_names=NAMES)
    step = cornu.jit(lambda y, p: loss(y, p))
    for _ in range(2):
        value = step(_tensors([Y1, Y2]), _tensors([P1, P2]))
    np.testing.assert_allclose(float(value), _mse(Y1, P1) + _mae(Y2, P2), rtol=1e-5)
    np.testing.assert_allclose(float(loss.metrics[1].result()), _mae(Y2, P2), rtol=1e-5)
    assert float(loss.metrics[1].count) == 8


def test_masks_of_predictions_leave_entries_out() -> None:
    p = ops.convert_to_tensor(P3)
    p._keras_mask = ops.convert_to_tensor([[True, False]] * 4)
    np.testing.assert_allclose(float(CompileLoss("mse")(Y3, p)), _mse(Y3[:, 0], P3[:, 0]), 1e-5)


def test_changing_an_attribute_of_a_loss_changes_the_version() -> None:
    own = losses.Huber(delta=1.0)
    compiled = CompileLoss([own, "mse"])
    before = compiled._cornu_version
    compiled([Y1, Y2], [P1, P2])
    assert compiled._cornu_version == before
    own.delta = 2.0
    assert compiled._cornu_version > before


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ({"loss": {"a": "mse"}, **TWO}, ValueError, "name each output"),
        ({"loss": ["mse", "mae"], "weights": [2.0], **TWO}, ValueError, "weights of losses"),
        ({"loss": "mse", "weights": [2.0, 1.0], **TWO}, ValueError, "weights of losses"),
        ({"loss": "mse", "weights": "x", **TWO}, ValueError, "loss_weights"),
        (
            {"loss": {"a": "mse", "b": "mae"}, "weights": {"a": 1.0, "c": 2.0}, **DICTS},
            ValueError,
            "must name every output",
        ),
        ({"loss": {"z": "mse"}, **DICTS}, KeyError, "'z'"),
        ({"loss": "mse", **TWO, "y": [Y1]}, ValueError, "structure of the predictions"),
        ({"loss": "mse", **TWO, "y": [Y1, Y2, Y3]}, ValueError, "structure of the predictions"),
        ({"loss": "mse", **DICTS, "y": {"z": Y1, "b": Y2}}, ValueError, "structure"),
        ({"loss": "nope", **TWO}, ValueError, "no such loss"),
        ({"loss": "mse", **TWO, "w": [W1, W1, W1]}, ValueError, "sample_weight"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], error: Any, match: str) -> None:
    with pytest.raises(error, match=match):
        CompileLoss(given["loss"], given.get("weights"), output_names=given.get("names"))(
            given["y"], given["p"], given.get("w")
        )


def test_a_loss_object_keeps_its_settings() -> None:
    value = CompileLoss(losses.MeanSquaredError(reduction="sum"))(Y1, P1)
    np.testing.assert_allclose(float(value), 4 * _mse(Y1, P1), rtol=1e-5)


def test_a_function_is_a_loss_by_its_name() -> None:
    def Far_off(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    compiled = CompileLoss(Far_off)
    np.testing.assert_allclose(float(compiled(Y1, P1)), _mae(Y1, P1), rtol=1e-5)
    assert compiled._parts[0].loss.name == "far_off"


def test_a_loss_of_a_registered_class_is_made_once() -> None:
    made: list[int] = []

    class Mine(losses.Loss):  # type: ignore[misc]
        def __init__(self, name: str | None = None, reduction: str = "sum") -> None:
            super().__init__(name, reduction)
            made.append(1)

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.mean(y_true - y_pred, axis=-1)

    with cornu.saving.custom_object_scope({"Mine": Mine}):
        loss = CompileLoss("Mine")
        assert not made
        loss(np.zeros((2, 1), "float32"), np.ones((2, 1), "float32"))
    assert made == [1]
