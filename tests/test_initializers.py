"""Initializers against the recorded ones of Keras, and their random values by statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import initializers
from cornu.random import host
from tests.cases.case import InitializerCase
from tests.cases.initializers import CASES
from tests.oracle import read
from tests.tolerances import tolerance

_rows = pytest.mark.parametrize("case", CASES, ids=str)


@_rows
def test_config_has_keras_keys_and_values_in_order(case: InitializerCase) -> None:
    config = case.make(cornu).get_config()
    assert config == read.structure(case).config
    assert tuple(config) == read.structure(case).config_keys


@_rows
def test_config_makes_an_equal_initializer(case: InitializerCase) -> None:
    initializer = case.make(cornu)
    again = initializers.deserialize(initializers.serialize(initializer))
    assert type(again) is type(initializer)
    assert again.get_config() == initializer.get_config()


@_rows
def test_values_have_shape_and_dtype_and_agree_with_keras_where_constant(
    case: InitializerCase,
) -> None:
    value = cornu.ops.convert_to_numpy(case.make(cornu)(case.shape, dtype=case.dtype))
    expected = read.initializer(case)
    assert value.shape == case.shape
    assert value.dtype == (case.dtype or "float32")
    assert (expected is None) == case.random
    if expected is not None:
        # XLA divides by a constant by multiplying with its reciprocal, so Keras' angles are rounded
        # once more than ours.
        name = (
            "transcendental" if isinstance(case.make(cornu), initializers.STFT) else case.tolerance
        )
        rtol, atol = tolerance(name, "float32")
        np.testing.assert_allclose(value, expected, rtol=rtol, atol=atol)


# Random values: the same on every backend and machine, and of the right distribution.

_KEY = np.array([2**31 + 5, 0], "uint32")


def test_normal_values_are_these_numbers_on_every_machine() -> None:
    values = host.normal_values(_KEY, (5,))
    assert [v.hex() for v in values.tolist()] == [
        "-0x1.fb21f4a99b61ap-2",
        "0x1.39e7c7b365e01p-4",
        "-0x1.3ac6a1fa476f5p+1",
        "0x1.5d55e97265d3bp-2",
        "-0x1.aa6a6ffd41eebp-4",
    ]


def test_truncated_values_are_these_numbers_on_every_machine() -> None:
    values = host.truncated_normal_values(_KEY, (3,))
    assert [v.hex() for v in values.tolist()] == [
        "-0x1.e239483670b59p-2",
        "0x1.2b98b4826316dp-4",
        "-0x1.e3c66c820b572p+0",
    ]


def test_values_of_a_shorter_draw_are_a_prefix() -> None:
    long = host.normal_values(_KEY, (100_001,))
    np.testing.assert_array_equal(host.normal_values(_KEY, (33,)), long[:33])


def test_quantiles_agree_with_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    powers = 2.0 ** -np.arange(2, 33.0)
    p = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 10_001), powers, 1 - powers])
    np.testing.assert_allclose(host._quantile(p), special.ndtri(p), rtol=4e-15, atol=1e-15)


@pytest.mark.parametrize(
    ("draw", "stddev", "fourth"),
    [
        (host.normal_values, 1.0, 3.0),
        (host.truncated_normal_values, 0.87962566, 1.4156),
        (lambda key, shape: host.uniform_values(key, shape) - 0.5, 12**-0.5, 1 / 80),
    ],
)
def test_moments_are_those_of_the_distribution(draw: Any, stddev: float, fourth: float) -> None:
    values = draw(_KEY, (1000, 1000))
    assert abs(values.mean()) < 5e-3
    assert abs(values.std() - stddev) < 5e-3
    assert abs((values**4).mean() / fourth - 1) < 0.03
    # No correlation between neighbours, in either direction.
    assert abs((values[1:] * values[:-1]).mean()) < 5e-3
    assert abs((values[:, 1:] * values[:, :-1]).mean()) < 5e-3


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("glorot_uniform", 2 / 500),
        ("glorot_normal", 2 / 500),
        ("he_uniform", 2 / 300),
        ("he_normal", 2 / 300),
        ("lecun_uniform", 1 / 300),
        ("lecun_normal", 1 / 300),
    ],
)
def test_scaled_values_have_the_variance_of_their_rule(name: str, variance: float) -> None:
    value = np.asarray(initializers.get(name)((300, 200)))
    assert abs(value.var() / variance - 1) < 0.03


def test_fans_of_convolutions_and_of_named_axes() -> None:
    initializer = initializers.VarianceScaling(
        mode="fan_in", distribution="uniform", seed=1, input_axes=[0, 1], output_axes=[2]
    )
    limit = (3 / 200) ** 0.5
    largest = np.abs(np.asarray(initializer((10, 20, 500)))).max()
    assert 0.99 * limit < largest <= limit * (1 + 1e-6)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 3, 5)])
def test_orthogonal_has_orthonormal_rows_or_columns(shape: tuple[int, ...]) -> None:
    value = np.asarray(initializers.Orthogonal(seed=3)(shape))
    matrix = value.reshape(-1, shape[-1]).astype("float64")
    if matrix.shape[0] < matrix.shape[1]:
        matrix = matrix.T
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(matrix.shape[1]), atol=1e-6)


def test_one_initializer_repeats_its_values_and_a_generator_does_not() -> None:
    unseeded = initializers.RandomNormal()
    np.testing.assert_array_equal(unseeded((4,)), unseeded((4,)))
    seeded = initializers.RandomNormal(seed=cornu.random.SeedGenerator(1))
    assert not np.array_equal(seeded((4,)), seeded((4,)))
    assert not np.array_equal(initializers.RandomNormal()((4,)), unseeded((4,)))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_values_of_each_dtype_are_the_same_ones_rounded(dtype: str) -> None:
    initializer = initializers.HeNormal(seed=2)
    value = initializer((5, 5), dtype=dtype)
    assert cornu.ops.dtype(value) == dtype
    value = cornu.ops.convert_to_numpy(value).astype("float64")
    expected = cornu.ops.convert_to_numpy(initializer((5, 5), dtype="float64"))
    np.testing.assert_allclose(value, expected, rtol=1e-2)


def test_get_takes_names_classes_configs_callables_and_values() -> None:
    assert initializers.get(None) is None
    assert isinstance(initializers.get("uniform"), initializers.RandomUniform)
    assert isinstance(initializers.get("Zeros"), initializers.Zeros)
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    assert initializers.get({"class_name": "Constant", "config": {"value": 3}}).value == 3
    given = initializers.get(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(given((2,)), [1.0, 2.0])
    with pytest.raises(ValueError, match="shape"):
        given((3,))


@pytest.mark.parametrize("name", ["nothing", "get", 3])
def test_get_refuses_what_is_no_initializer(name: Any) -> None:
    with pytest.raises(ValueError, match="no"):
        initializers.get(name)


def test_a_registered_initializer_is_found_by_name() -> None:
    class Sevens(initializers.Initializer):
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return cornu.ops.full(shape, 7.0, dtype=dtype)

    with cornu.saving.CustomObjectScope({"Sevens": Sevens}):
        assert isinstance(initializers.get("Sevens"), Sevens)


def test_variables_take_initializers_by_name() -> None:
    np.testing.assert_array_equal(cornu.Variable("ones", shape=(2,)).numpy(), [1.0, 1.0])


@pytest.mark.parametrize(
    "make",
    [
        lambda: initializers.VarianceScaling(scale=0.0),
        lambda: initializers.VarianceScaling(mode="fan"),
        lambda: initializers.VarianceScaling(distribution="triangle"),
        lambda: initializers.RandomNormal(seed="x"),
        lambda: initializers.Orthogonal()((3,)),
        lambda: initializers.Identity()((3,)),
        lambda: initializers.STFT(side="left"),
        lambda: initializers.STFT(window="no such window"),
        lambda: initializers.STFT(scaling="both"),
        lambda: initializers.STFT(window=[1.0, 2.0])((3, 1, 4)),
    ],
)
def test_wrong_arguments_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=r"\."):
        make()
