"""Numbers that Python or NumPy draw while a step is compiled: constants, and a warning."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers
from tests.marks import traced_steps

X = np.ones((8, 3), "float32")


class Noise(layers.Layer):
    def __init__(self, draw: Any) -> None:
        super().__init__()
        self.__dict__["draw"] = draw

    def call(self, x: Any) -> Any:
        return x + self.draw()


def warnings_of(run: Any) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run()
    return [str(w.message) for w in caught if "became a constant" in str(w.message)]


def model_with(layer: Any) -> Any:
    model = cornu.Sequential([cornu.Input((3,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@traced_steps
@pytest.mark.parametrize(
    ("draw", "name"),
    [(lambda: np.random.normal(), "np.random"), (lambda: random.random(), "random")],
)
def test_draw_in_call_warns_once_and_names_the_module(draw: Any, name: str) -> None:
    model = model_with(Noise(draw))

    def run() -> None:
        model.fit(X[:7], np.ones((7, 1)), batch_size=2, epochs=2, verbose=0)  # two signatures

    found = warnings_of(run)
    assert len(found) == 1
    assert found[0].startswith(f"`{name}` was drawn from while the training step was compiled")
    assert "keras.random.normal" in found[0]


def test_initial_weights_seeds_and_data_are_no_such_draws() -> None:
    class Own(cornu.initializers.Initializer):
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return np.random.normal(size=shape)

    class Late(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(3, kernel_initializer=Own())
            self.drop = layers.Dropout(0.5)

        def call(self, x: Any, training: bool = False) -> Any:
            return self.drop(self.dense(x), training=training)

    def batches() -> Any:
        for _ in range(3):
            yield np.random.normal(size=(4, 3)), np.ones((4, 3))

    model = Late()
    model.compile("sgd", "mse")
    assert warnings_of(lambda: model.fit(batches(), verbose=0)) == []


@traced_steps
def test_jit_warns_too() -> None:
    f = cornu.jit(lambda x: x + np.random.normal())
    found = warnings_of(lambda: [f(X), f(X)])
    assert len(found) == 1
    assert "np.random" in found[0]


def test_eager_steps_draw_anew_and_say_nothing() -> None:
    model = model_with(Noise(lambda: np.random.normal()))
    model.run_eagerly = True
    found: list[Any] = []
    run = lambda: found.extend(model.predict_on_batch(X)[0, 0] for _ in range(2))  # noqa: E731
    assert warnings_of(run) == []
    assert found[0] != found[1]


def test_unseeded_draws_of_cornu_differ_from_step_to_step() -> None:
    model = model_with(Noise(lambda: cornu.random.normal((1, 3))))
    a, b = model.predict_on_batch(X), model.predict_on_batch(X)
    assert (a != b).any()
    ys = model.predict(np.ones((8, 3)), batch_size=2, verbose=0)
    assert len(np.unique(ys.round(6))) == 4


def test_unseeded_noise_in_a_step_follows_set_random_seed() -> None:
    def run() -> list[float]:
        cornu.utils.set_random_seed(11)
        model = model_with(Noise(lambda: cornu.random.normal((1, 3))))
        return list(model.fit(X, np.ones((8, 1)), epochs=3, verbose=0).history["loss"])

    assert run() == run()
