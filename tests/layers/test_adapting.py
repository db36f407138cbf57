"""Layers that learn from data before training: Normalization, Discretization."""

from __future__ import annotations

import numpy as np
import pytest

import cornu
from cornu import layers
from cornu.testing import check_layer

DATA = np.random.default_rng(3).normal([1.0, -2.0, 30.0], [1.0, 3.0, 0.5], (64, 3))


def test_adapted_normalization_gives_mean_zero_and_variance_one() -> None:
    layer = layers.Normalization()
    layer.adapt(DATA)
    y = np.asarray(layer(DATA))
    np.testing.assert_allclose(y.mean(0), 0.0, atol=1e-4)
    np.testing.assert_allclose(y.var(0), 1.0, rtol=1e-4)


def test_batches_of_any_sizes_give_the_statistics_of_the_whole() -> None:
    layer = layers.Normalization()
    layer.adapt([DATA[:10], DATA[10:11], (DATA[11:], None)])
    np.testing.assert_allclose(layer.adapt_mean.numpy(), DATA.mean(0), rtol=1e-5)
    np.testing.assert_allclose(layer.adapt_variance.numpy(), DATA.var(0), rtol=1e-5)


def test_normalization_over_several_axes_and_over_all() -> None:
    x = DATA.reshape(8, 8, 3)
    layer = layers.Normalization(axis=(1, 2))
    layer.adapt(x)
    assert layer.adapt_mean.shape == (8, 3)
    np.testing.assert_allclose(np.asarray(layer(x)).mean(0), 0.0, atol=1e-3)
    whole = layers.Normalization(axis=None)
    whole.adapt(x)
    np.testing.assert_allclose(float(whole.adapt_mean.value), x.mean(), rtol=1e-5)


def test_inverted_normalization_is_the_way_back() -> None:
    there = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 9.0, 0.25])
    back = layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 9.0, 0.25], invert=True)
    np.testing.assert_allclose(back(there(DATA)), DATA, rtol=1e-4, atol=1e-4)


def test_statistics_given_and_adapted_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="mean"):
        layers.Normalization(mean=[1.0])
    with pytest.raises(ValueError, match="adapt"):
        layers.Normalization(mean=[1.0], variance=[1.0]).adapt(DATA)
    with pytest.raises(ValueError, match="no data"):
        layers.Normalization().adapt([])
    layer = layers.Normalization()
    layer.adapt(DATA)
    with pytest.raises(ValueError, match="shape"):
        layer.adapt(DATA[:, :2])


def test_discretization_puts_numbers_into_bins() -> None:
    x = np.array([[-1.0, 0.0, 0.4, 1.5, 9.0]])
    found = layers.Discretization([0.0, 1.0, 2.0])(x)
    np.testing.assert_array_equal(found, np.digitize(x, [0.0, 1.0, 2.0]))
    assert cornu.ops.dtype(found) == "int32"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("one_hot", [[[1, 0, 0], [0, 0, 1]]]),
        ("multi_hot", [[1, 0, 1]]),
        ("count", [[1, 0, 1]]),
    ],
)
def test_discretization_encodes_bins(mode: str, expected: list[object]) -> None:
    found = layers.Discretization([0.0, 1.0], output_mode=mode)(np.array([[-3.0, 5.0]]))
    np.testing.assert_array_equal(found, expected)


def test_adapted_bins_hold_about_as_much_each() -> None:
    x = np.random.default_rng(0).exponential(size=4000).astype("float32")
    layer = layers.Discretization(num_bins=4)
    layer.adapt([x[:1000], x[1000:]])
    assert len(layer.bin_boundaries) == 3
    np.testing.assert_allclose(
        layer.bin_boundaries, np.quantile(x, [0.25, 0.5, 0.75]), rtol=0.1, atol=0.02
    )
    again = layers.Discretization.from_config(layer.get_config())
    np.testing.assert_array_equal(again(x), layer(x))


def test_discretization_needs_boundaries() -> None:
    with pytest.raises(ValueError, match="either"):
        layers.Discretization()
    with pytest.raises(RuntimeError, match="adapt"):
        layers.Discretization(num_bins=3)(np.zeros(2))


def test_discretization_keeps_the_promises_of_layers() -> None:
    check_layer(lambda: layers.Discretization([0.0, 1.0]), np.array([[0.5, 2.0]], "float32"))
