"""`trainable`: what `compile` found is what is trained, as its documentation says."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

pytestmark = pytest.mark.filterwarnings("ignore:`trainable` of")


def data(n: int = 32) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, 4)).astype("float32")


def weights(model: Any) -> list[np.ndarray]:
    return [v.numpy() for v in model.variables]


def changed(model: Any, before: list[np.ndarray]) -> bool:
    return any((a != b).any() for a, b in zip(weights(model), before, strict=True))


def gan_of_2017() -> tuple[Any, Any, Any]:
    """Return generator, discriminator and the two stacked, as programs of 2017 make them."""
    generator = cornu.Sequential([cornu.Input((4,)), layers.Dense(4)])
    discriminator = cornu.Sequential(
        [cornu.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(1, "sigmoid")]
    )
    discriminator.compile("sgd", "binary_crossentropy")
    discriminator.trainable = False
    noise = cornu.Input((4,))
    combined = cornu.Model(noise, discriminator(generator(noise)))
    combined.compile("sgd", "binary_crossentropy")
    return generator, discriminator, combined


def test_discriminator_of_2017_trains_though_it_is_frozen_for_the_stack() -> None:
    _, discriminator, _ = gan_of_2017()
    before = weights(discriminator)
    discriminator.train_on_batch(data(), np.ones((32, 1)))
    assert changed(discriminator, before)


def test_stack_of_2017_trains_the_generator_alone() -> None:
    generator, discriminator, combined = gan_of_2017()
    g, d = weights(generator), weights(discriminator)
    combined.train_on_batch(data(), np.ones((32, 1)))
    assert changed(generator, g)
    assert not changed(discriminator, d)


def test_toggling_for_every_batch_as_in_2017_compiles_nothing_anew() -> None:
    _, discriminator, combined = gan_of_2017()
    for _ in range(3):
        discriminator.trainable = True
        discriminator.train_on_batch(data(), np.ones((32, 1)))
        discriminator.trainable = False
        combined.train_on_batch(data(), np.ones((32, 1)))
    assert len(discriminator._cornu_steps["train"]._prepared) == 1
    assert len(combined._cornu_steps["train"]._prepared) == 1


def test_difference_from_compile_warns_once() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.trainable = False
    with pytest.warns(UserWarning, match="`trainable` of .* changed since `compile`"):
        model.fit(data(), np.ones((32, 1)), verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(data(), np.ones((32, 1)), verbose=0)


def test_flag_changed_between_two_fits_acts_after_compile_only() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(data(), np.ones((32, 1)), verbose=0)
    model.layers[0].trainable = False
    before = weights(model.layers[0])
    model.fit(data(), np.ones((32, 1)), verbose=0)
    assert changed(model.layers[0], before)
    model.compile("sgd", "mse")
    before = weights(model.layers[0])
    model.fit(data(), np.ones((32, 1)), verbose=0)
    assert not changed(model.layers[0], before)


def test_properties_outside_of_training_are_live() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(3), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[0].trainable = False
    assert len(model.trainable_variables) == 2
    assert len(model.non_trainable_variables) == 2
    assert not model.layers[0].trainable


def test_layer_answers_in_a_step_as_compile_found_it() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.BatchNormalization(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.layers[0].trainable = False  # frozen statistics only after another `compile`
    before = model.layers[0].moving_mean.numpy()
    model.fit(data() + 5.0, np.ones((32, 1)), verbose=0)
    assert (model.layers[0].moving_mean.numpy() != before).all()
    model.compile("sgd", "mse")
    before = model.layers[0].moving_mean.numpy()
    model.fit(data() + 5.0, np.ones((32, 1)), verbose=0)
    np.testing.assert_array_equal(model.layers[0].moving_mean.numpy(), before)


def test_layer_frozen_before_it_is_built_has_no_trainable_weights() -> None:
    model = cornu.Sequential([layers.Dense(3), layers.Dense(1)])
    model.layers[0].trainable = False
    model.build((None, 4))
    assert model.trainable_variables == model.layers[1].variables
    assert not any(v.trainable for v in model.layers[0].variables)


def test_model_without_trainable_weights_says_so_and_still_measures() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(1)])
    model.trainable = False
    model.compile("sgd", "mse", metrics=["mae"])
    before = weights(model)
    with pytest.warns(UserWarning, match="no weights to train"):
        history = model.fit(data(), np.ones((32, 1)), verbose=0)
    assert not changed(model, before)
    assert set(history.history) == {"loss", "mae"}
