"""What dropout and noise do in training: statistics, seeds, shapes of the draw."""

from __future__ import annotations

import numpy as np
import pytest

import cornu
from cornu import layers

ONES = np.ones((200, 50), "float32")


def test_dropout_drops_the_rate_and_keeps_the_mean() -> None:
    y = np.asarray(layers.Dropout(0.3, seed=1)(ONES, training=True))
    assert set(np.unique(y)) == {np.float32(0.0), np.float32(1.0) / np.float32(0.7)}
    assert abs((y == 0).mean() - 0.3) < 0.02


def test_equal_seeds_give_equal_noise_and_each_call_another() -> None:
    a, b = layers.Dropout(0.5, seed=4), layers.Dropout(0.5, seed=4)
    first = np.asarray(a(ONES, training=True))
    np.testing.assert_array_equal(first, b(ONES, training=True))
    assert not np.array_equal(first, a(ONES, training=True))


def test_noise_shape_shares_the_draw() -> None:
    y = np.asarray(layers.Dropout(0.5, noise_shape=(None, 1), seed=1)(ONES, training=True))
    assert (y == y[:, :1]).all()
    assert 0 < (y[:, 0] == 0).sum() < 200


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D, (30, 4, 8), (1,)),
        (layers.SpatialDropout2D, (30, 3, 4, 8), (1, 2)),
        (layers.SpatialDropout3D, (30, 2, 3, 4, 8), (1, 2, 3)),
    ],
)
def test_spatial_dropout_drops_whole_channels(
    layer: type, shape: tuple[int, ...], axes: tuple[int, ...]
) -> None:
    y = np.asarray(layer(0.5, seed=2)(np.ones(shape, "float32"), training=True))
    assert (y.min(axis=axes) == y.max(axis=axes)).all()
    assert 0.3 < (y == 0).mean() < 0.7


def test_gaussian_noise_and_dropout_have_their_variance() -> None:
    noisy = np.asarray(layers.GaussianNoise(0.5, seed=1)(ONES, training=True))
    assert abs(noisy.std() - 0.5) < 0.02
    assert abs(noisy.mean() - 1.0) < 0.02
    dropped = np.asarray(layers.GaussianDropout(0.2, seed=1)(ONES, training=True))
    assert abs(dropped.var() - 0.25) < 0.02


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).standard_normal((400, 100)).astype("float32")
    y = np.asarray(layers.AlphaDropout(0.2, seed=1)(x, training=True))
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1.0) < 0.02


def test_a_model_draws_in_training_only() -> None:
    model = cornu.Sequential([layers.Dropout(0.5, seed=1)])
    np.testing.assert_array_equal(model(ONES), ONES)
    assert (np.asarray(model(ONES, training=True)) == 0).any()
    np.testing.assert_array_equal(model.predict(ONES, verbose=0), ONES)


@pytest.mark.parametrize("rate", [-0.1, 1.5, "half", True])
def test_a_rate_that_is_no_probability_is_refused(rate: object) -> None:
    with pytest.raises(ValueError, match="rate"):
        layers.Dropout(rate)
