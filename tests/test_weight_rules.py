"""Activations, regularizers and constraints against recorded values of Keras."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import activations, constraints, regularizers
from tests.cases import activations as activation_cases
from tests.cases import constraints as constraint_cases
from tests.cases import regularizers as regularizer_cases
from tests.cases.case import FunctionCase
from tests.oracle import read
from tests.tolerances import tolerance

_every = (*activation_cases.CASES, *constraint_cases.CASES, *regularizer_cases.CASES)
_objects = [
    *((case, constraints) for case in constraint_cases.CASES),
    *((case, regularizers) for case in regularizer_cases.CASES),
]
_named = [c for c in activation_cases.CASES if read.structure(c).class_name == "function"]

# Keras adds up the cumulated logits of the whole support where only the last one belongs, so that
# its "probabilities" don't add up to one; ours follow the paper.
_wrong_there = pytest.mark.xfail(strict=True, reason="Keras' sparsemax doesn't add up to one")


def _parameters(cases: Iterable[FunctionCase]) -> list[Any]:
    return [
        pytest.param(c, marks=[_wrong_there] if c.name == "sparsemax" else [], id=c.name)
        for c in cases
    ]


_rows = pytest.mark.parametrize("case", _parameters(_every))
_classes = pytest.mark.parametrize(("case", "module"), _objects, ids=lambda x: str(x)[:40])


@_rows
def test_value_agrees_with_keras(case: FunctionCase) -> None:
    recorded = read.function(case)
    value = cornu.ops.convert_to_numpy(case.make(cornu)(*recorded.inputs))
    assert value.dtype == recorded.value.dtype
    rtol, atol = tolerance(case.tolerance, "float32")
    np.testing.assert_allclose(value, recorded.value, rtol=rtol, atol=atol)


@pytest.mark.parametrize("case", _parameters(c for c in _every if c.differentiable))
def test_gradient_agrees_with_keras(case: FunctionCase) -> None:
    recorded = read.function(case)
    function = case.make(cornu)
    slope = cornu.grad(lambda x: cornu.ops.sum(cornu.ops.multiply(function(x), recorded.cotangent)))
    rtol, atol = tolerance(case.tolerance, "float32")
    for x, expected in zip(recorded.inputs, recorded.gradients, strict=True):
        np.testing.assert_allclose(
            cornu.ops.convert_to_numpy(slope(x)), expected, rtol=rtol, atol=8 * atol
        )


@_rows
def test_value_is_the_same_when_compiled(case: FunctionCase) -> None:
    recorded = read.function(case)
    value = cornu.ops.convert_to_numpy(cornu.jit(case.make(cornu))(*recorded.inputs))
    rtol, atol = tolerance(case.tolerance, "float32")
    np.testing.assert_allclose(value, recorded.value, rtol=rtol, atol=atol)


@_classes
def test_config_has_keras_keys_and_values_in_order(case: FunctionCase, module: ModuleType) -> None:
    made = case.make(cornu)
    assert made.get_config() == read.structure(case).config
    assert tuple(made.get_config()) == read.structure(case).config_keys
    assert module.serialize(made) == read.structure(case).serialized


@_classes
def test_config_makes_an_equal_object(case: FunctionCase, module: ModuleType) -> None:
    made = case.make(cornu)
    again = module.get(module.serialize(made))
    assert type(again) is type(made)
    assert again.get_config() == made.get_config()


@pytest.mark.parametrize("case", _named, ids=str)
def test_activations_are_saved_by_keras_names(case: FunctionCase) -> None:
    function = case.make(cornu)
    assert activations.serialize(function) == case.name
    assert activations.deserialize(case.name) is function
    assert activations.get(case.name) is function
    assert cornu.saving.serialize_keras_object(function) == read.structure(case).serialized


def test_activations_are_found_by_old_names_and_none() -> None:
    assert activations.get("swish") is activations.silu
    assert activations.get("hard_swish") is activations.hard_silu
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh


def test_registered_activations_are_saved_and_found() -> None:
    @cornu.saving.register_keras_serializable("tests")
    def twice(x: Any) -> Any:
        return x * 2

    config = activations.serialize(twice)
    assert config["config"] == "tests>twice"
    assert activations.get(config) is twice
    assert activations.get("tests>twice") is twice


@pytest.mark.parametrize("module", [activations, constraints, regularizers])
@pytest.mark.parametrize("name", ["nothing", "get", 3])
def test_unknown_names_are_refused(module: ModuleType, name: Any) -> None:
    with pytest.raises(ValueError, match="no"):
        module.get(name)


@pytest.mark.parametrize(
    ("module", "name", "cls"),
    [
        (constraints, "max_norm", constraints.MaxNorm),
        (constraints, "NonNeg", constraints.NonNeg),
        (regularizers, "l2", regularizers.L2),
        (regularizers, "L1L2", regularizers.L1L2),
        (regularizers, "orthogonal_regularizer", regularizers.OrthogonalRegularizer),
    ],
)
def test_classes_are_found_by_both_spellings(module: ModuleType, name: str, cls: type) -> None:
    assert isinstance(module.get(name), cls)
    assert isinstance(module.get(cls), cls)
    assert isinstance(module.get({"class_name": name, "config": {}}), cls)
    assert module.get(None) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: regularizers.L1(-1.0),
        lambda: regularizers.L2(float("nan")),
        lambda: regularizers.L1L2(l2="0.1"),
        lambda: regularizers.OrthogonalRegularizer(mode="both"),
        lambda: regularizers.OrthogonalRegularizer()(np.ones(3, "float32")),
    ],
)
def test_wrong_arguments_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()


def test_relu_keeps_nan_and_bounds_only_the_upper_part() -> None:
    x = np.array([np.nan, -4.0, 0.5, 9.0], "float32")
    found = cornu.ops.convert_to_numpy(
        activations.relu(x, negative_slope=0.5, max_value=2.0, threshold=1.0)
    )
    np.testing.assert_array_equal(found, [np.nan, -2.5, -0.25, 2.0])


def test_activations_record_nodes_on_symbolic_tensors() -> None:
    x = cornu.KerasTensor((None, 3))
    for name in ("relu", "mish", "gelu", "softmax"):
        y = activations.get(name)(x)
        assert isinstance(y, cornu.KerasTensor)
        assert y.shape == (None, 3)
