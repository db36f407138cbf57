"""Losses against the recorded ones of Keras: configs, values and gradients of every row."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import losses, ops
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
