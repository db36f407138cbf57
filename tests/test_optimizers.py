"""Optimizers against recorded paths of Keras: eight steps on fixed gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import optimizers
from cornu.graph.names import reset_names
from tests.cases.case import OptimizerCase
from tests.cases.optimizers import CASES
from tests.oracle import read
from tests.tolerances import tolerance

_rows = pytest.mark.parametrize("case", CASES, ids=str)


def _built(case: OptimizerCase) -> tuple[Any, list[cornu.Variable]]:
    reset_names()
    optimizer = case.make(cornu)
    variables = [
        cornu.Variable(value, name=name)
        for value, (name, _) in zip(read.optimizer(case).initial, case.variables, strict=True)
    ]
    optimizer.build(variables)
    return optimizer, variables


@_rows
def test_config_has_keras_keys_and_values_in_order(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    assert optimizer.get_config() == read.structure(case).config
    assert tuple(optimizer.get_config()) == read.structure(case).config_keys
    assert optimizers.serialize(optimizer) == read.structure(case).serialized


@_rows
def test_config_makes_an_equal_optimizer(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    again = optimizers.deserialize(optimizers.serialize(optimizer))
    assert type(again) is type(optimizer)
    assert again.get_config() == optimizer.get_config()


@_rows
def test_variables_have_keras_paths_shapes_and_order(case: OptimizerCase) -> None:
    optimizer, _ = _built(case)
    found = [read.Weight(v.path, v.shape, v.dtype, v.trainable) for v in optimizer.variables]
    assert found == list(read.structure(case).variables)


@_rows
def test_path_over_the_steps_agrees_with_keras(case: OptimizerCase) -> None:
    optimizer, variables = _built(case)
    recorded = read.optimizer(case)
    step = cornu.jit(lambda *gradients: optimizer.apply(list(gradients), variables))
    _follow(case, optimizer, variables, step)
    rtol, atol = tolerance(case.tolerance)
    optimizer.finalize_variable_values(variables)
    for v, expected in zip(variables, recorded.finalized, strict=True):
        np.testing.assert_allclose(v.numpy(), expected, rtol=rtol, atol=atol, err_msg=v.name)


@_rows
def test_path_of_eager_steps_agrees_with_keras(case: OptimizerCase) -> None:
    optimizer, variables = _built(case)
    _follow(case, optimizer, variables, lambda *g: optimizer.apply(list(g), variables))


def _follow(
    case: OptimizerCase, optimizer: Any, variables: list[cornu.Variable], step: Any
) -> None:
    recorded = read.optimizer(case)
    rtol, atol = tolerance(case.tolerance)
    for i in range(case.steps):
        step(*[g[i] for g in recorded.gradients])
        for v, path in zip(variables, recorded.path, strict=True):
            np.testing.assert_allclose(
                v.numpy(), path[i], rtol=rtol, atol=atol, err_msg=f"{v.name}, step {i}"
            )
    for v, expected in zip(optimizer.variables, recorded.slots, strict=True):
        scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
        np.testing.assert_allclose(
            v.numpy(), expected, rtol=rtol, atol=atol * scale, err_msg=v.path
        )


@_rows
def test_stateless_steps_agree_with_keras_and_change_nothing(case: OptimizerCase) -> None:
    optimizer, variables = _built(case)
    recorded = read.optimizer(case)
    rtol, atol = tolerance(case.tolerance)
    before = [v.numpy() for v in (*variables, *optimizer.variables)]
    values, state = [v.value for v in variables], [v.value for v in optimizer.variables]
    for i in range(case.steps):
        values, state = optimizer.stateless_apply(state, [g[i] for g in recorded.gradients], values)
    for value, path in zip(values, recorded.path, strict=True):
        np.testing.assert_allclose(np.asarray(value), path[-1], rtol=rtol, atol=atol)
    for v, value in zip((*variables, *optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(v.numpy(), value)
