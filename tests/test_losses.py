"""Losses against the recorded ones of Keras: configs, values and gradients of every row."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import losses, ops
from cornu.losses.function_loss import LossFunctionWrapper
from cornu.state.masks import set_mask
from tests.cases.case import LossCase
from tests.cases.losses import CASES
from tests.oracle import read
from tests.tolerances import tolerance

_rows = pytest.mark.parametrize("case", CASES, ids=str)
_classes = pytest.mark.parametrize(
    "case", [c for c in CASES if read.structure(c).class_name != "function"], ids=str
)
_differentiable = pytest.mark.parametrize(
    "case", [c for c in CASES if read.loss(c).gradient is not None], ids=str
)


def _call(case: LossCase, y_pred: Any, y_true: Any = None) -> Any:
    recorded = read.loss(case)
    y_pred = ops.convert_to_tensor(y_pred)
    if recorded.mask is not None:
        y_pred = ops.add(y_pred, 0)
        set_mask(y_pred, ops.convert_to_tensor(recorded.mask))
    options = {} if recorded.weight is None else {"sample_weight": recorded.weight}
    return case.make(cornu)(recorded.y_true if y_true is None else y_true, y_pred, **options)


def _as_json(config: Any) -> Any:
    return json.loads(json.dumps(config))  # tuples are lists in a file


def _agree(case: LossCase, value: Any, expected: Any) -> None:
    rtol, atol = tolerance(case.tolerance, read.structure(case).raw["dtype"])
    np.testing.assert_allclose(ops.convert_to_numpy(value), expected, rtol=rtol, atol=atol)


@_rows
def test_values_agree_with_keras(case: LossCase) -> None:
    recorded = read.loss(case)
    value = _call(case, recorded.y_pred)
    assert ops.dtype(value) == read.structure(case).raw["dtype"]
    assert value.shape == recorded.value.shape
    _agree(case, value, recorded.value)


@_differentiable
def test_gradients_agree_with_keras(case: LossCase) -> None:
    recorded = read.loss(case)
    gradient = cornu.grad(lambda y_pred: ops.sum(_call(case, y_pred)))(
        ops.convert_to_tensor(recorded.y_pred)
    )
    _agree(case, gradient, recorded.gradient)


@_rows
def test_compiled_values_are_those_of_the_eager_call(case: LossCase) -> None:
    recorded = read.loss(case)
    y_true, y_pred = map(ops.convert_to_tensor, (recorded.y_true, recorded.y_pred))
    compiled = cornu.jit(lambda t, p: _call(case, p, t))(y_true, y_pred)
    _agree(case, compiled, ops.convert_to_numpy(_call(case, y_pred)))


@_rows
def test_symbolic_calls_have_the_shape_and_dtype_of_eager_ones(case: LossCase) -> None:
    recorded = read.loss(case)

    def symbol(x: Any) -> Any:
        return cornu.KerasTensor((None, *x.shape[1:]), str(x.dtype))

    arguments = [symbol(recorded.y_true), symbol(recorded.y_pred)]
    options = {} if recorded.weight is None else {"sample_weight": symbol(recorded.weight)}
    value = case.make(cornu)(*arguments, **options)
    assert isinstance(value, cornu.KerasTensor)
    assert value.dtype == read.structure(case).raw["dtype"]
    assert tuple(d for d in value.shape if d) == recorded.value.shape[1:]
    assert len(value.shape) == recorded.value.ndim


@_classes
def test_config_has_keras_keys_and_values_in_order(case: LossCase) -> None:
    config = case.make(cornu).get_config()
    assert _as_json(config) == read.structure(case).config
    assert tuple(config) == read.structure(case).config_keys


@_rows
def test_serialized_form_is_that_of_keras(case: LossCase) -> None:
    assert _as_json(losses.serialize(case.make(cornu))) == read.structure(case).serialized


@_classes
def test_config_makes_an_equal_loss(case: LossCase) -> None:
    loss = case.make(cornu)
    again = losses.deserialize(losses.serialize(loss))
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()


# Weights, masks and ranks


def test_a_sample_that_is_masked_counts_neither_in_the_sum_nor_in_the_number() -> None:
    y_pred = ops.convert_to_tensor([[1.0], [5.0], [3.0]])
    set_mask(y_pred, ops.convert_to_tensor([True, False, True]))
    assert float(losses.MeanAbsoluteError()([[0.0]] * 3, y_pred)) == 2.0
    assert float(losses.MeanAbsoluteError(reduction="sum")([[0.0]] * 3, y_pred)) == 4.0


def test_all_samples_masked_give_zero() -> None:
    y_pred = ops.convert_to_tensor([[1.0], [5.0]])
    set_mask(y_pred, ops.convert_to_tensor([False, False]))
    assert float(losses.MeanAbsoluteError()([[0.0]] * 2, y_pred)) == 0.0


def test_masks_of_predictions_and_of_losses_are_joined() -> None:
    y_pred = ops.convert_to_tensor([[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]])
    set_mask(y_pred, ops.convert_to_tensor([True, False, True]))
    value = losses.SparseCategoricalCrossentropy(ignore_class=-1)([0, 1, -1], y_pred)
    np.testing.assert_allclose(float(value), np.log(2), rtol=1e-6)


@pytest.mark.parametrize(("a", "b"), [((4, 1), (4,)), ((4,), (4, 1)), ((4,), (4,)), ((4, 1),) * 2])
def test_a_last_axis_of_one_may_be_missing_on_either_side(
    a: tuple[int, ...], b: tuple[int, ...]
) -> None:
    y_true = np.arange(4, dtype="float32").reshape(a)
    y_pred = np.arange(0, 8, 2, dtype="float32").reshape(b)
    assert float(losses.MeanSquaredError()(y_true, y_pred)) == 3.5


def test_no_samples_give_zero_or_nothing() -> None:
    empty = np.zeros((0, 3), "float32")
    assert losses.MeanSquaredError()(empty, empty).shape == (0,)  # as Keras has it
    more = np.zeros((0, 2, 3), "float32")
    assert float(losses.MeanSquaredError()(more, more)) == 0.0


def test_half_precision_predictions_are_compared_in_float32() -> None:
    y_pred = ops.cast([[300.0], [0.0]], "float16")
    value = losses.MeanSquaredError()([[0.0], [0.0]], y_pred)
    assert ops.dtype(value) == "float32"
    assert float(value) == 45000.0


def test_structures_are_compared_leaf_by_leaf_by_a_loss_of_ones_own() -> None:
    class Both(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return ops.add(y_true["a"] - y_pred["a"], y_true["b"] - y_pred["b"])

    value = Both(reduction="sum")({"a": [3.0], "b": [2.0]}, {"a": [1], "b": [1]})
    assert float(value) == 3.0


# Edges of single losses


@pytest.mark.parametrize("label", [3, -1])
def test_labels_out_of_range_are_refused(label: int) -> None:
    with pytest.raises(IndexError, match=f"label {label} is no class: there are 3"):
        losses.SparseCategoricalCrossentropy()([0, label], np.full((2, 3), 1 / 3, "float32"))


def test_cosine_similarity_of_zero_is_zero_with_a_finite_gradient() -> None:
    zero = ops.zeros((1, 3))
    gradient = cornu.grad(lambda p: ops.sum(losses.cosine_similarity([[1.0, 0.0, 0.0]], p)))(zero)
    assert float(losses.cosine_similarity([[1.0, 0.0, 0.0]], zero)[0]) == 0.0
    assert np.all(np.isfinite(ops.convert_to_numpy(gradient)))


def test_log_cosh_does_not_overflow() -> None:
    value = losses.log_cosh([0.0], ops.convert_to_tensor([1000.0]))
    np.testing.assert_allclose(float(value), 1000.0 - np.log(2.0), rtol=1e-6)


def test_one_class_warns_that_it_is_always_right() -> None:
    with pytest.warns(SyntaxWarning, match="for one class"):
        losses.categorical_crossentropy(np.ones((2, 1)), np.ones((2, 1)))


# Names and configs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse", losses.mean_squared_error),
        ("MAPE", losses.mean_absolute_percentage_error),
        ("kld", losses.kl_divergence),
        ("BCE", losses.binary_crossentropy),
        ("huber", losses.huber),
    ],
)
def test_get_finds_functions_by_their_names(name: str, expected: Any) -> None:
    assert losses.get(name) is expected


def test_get_takes_classes_objects_functions_and_configs() -> None:
    assert losses.get(None) is None
    assert isinstance(losses.get("Huber"), losses.Huber)
    assert isinstance(losses.get(losses.Poisson), losses.Poisson)
    assert losses.get(losses.dice) is losses.dice
    config = {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}}
    assert losses.get(config).from_logits is True


@pytest.mark.parametrize("name", ["nope", "get", 3])
def test_get_refuses_what_is_no_loss(name: Any) -> None:
    with pytest.raises(ValueError, match="no"):
        losses.get(name)


@pytest.mark.parametrize("make", [losses.MeanSquaredError, losses.Loss])
def test_unknown_reductions_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="the reduction must be one of"):
        make(reduction="average")


def test_a_registered_function_survives_in_a_wrapper() -> None:
    def far(y_true: Any, y_pred: Any, power: int = 1) -> Any:
        return ops.mean(ops.abs(y_true - y_pred) ** power, axis=-1)

    with cornu.saving.CustomObjectScope({"far": far}):
        loss = LossFunctionWrapper(far, name="far", power=3)
        again = LossFunctionWrapper.from_config(loss.get_config())
    assert again.get_config() == loss.get_config()
    assert float(again([[0.0]], [[2.0]])) == 8.0


def test_q_must_be_between_zero_and_one() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(q=1.0)
