"""One model and many threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

X = np.random.default_rng(0).standard_normal((64, 4)).astype("float32")


def a_model() -> Any:
    model = cornu.Sequential(
        [layers.Dense(16, activation="relu"), layers.BatchNormalization(), layers.Dense(2)]
    )
    model.compile("sgd", "mse")
    return model


def test_many_threads_predict_with_one_model() -> None:
    model = a_model()
    model.build((None, 4))
    with ThreadPoolExecutor(8) as pool:  # none has been compiled yet, for three sizes of batch
        sizes = [1, 5, 64] * 16
        found = list(pool.map(lambda n: model.predict(X[:n], verbose=0), sizes))
    expected = model.predict(X, verbose=0)
    for n, y in zip(sizes, found, strict=True):
        np.testing.assert_allclose(y, expected[:n], rtol=1e-5, atol=1e-6)


def test_second_fit_of_a_model_in_progress_raises() -> None:
    model = a_model()
    inside, go_on = threading.Event(), threading.Event()

    class Waits(cornu.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            inside.set()
            go_on.wait(20)

    first = threading.Thread(
        target=lambda: model.fit(X, np.ones((64, 2)), callbacks=[Waits()], verbose=0)
    )
    first.start()
    assert inside.wait(20)
    try:
        with pytest.raises(RuntimeError, match="being trained already"):
            model.fit(X, np.ones((64, 2)), verbose=0)
    finally:
        go_on.set()
        first.join()
    model.fit(X, np.ones((64, 2)), verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 4


def test_fit_inside_a_callback_of_fit_raises() -> None:
    model = a_model()

    class Fits(cornu.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.fit(X, np.ones((64, 2)), verbose=0)

    with pytest.raises(RuntimeError, match="being trained already"):
        model.fit(X, np.ones((64, 2)), callbacks=[Fits()], verbose=0)


def test_two_models_train_in_two_threads_as_in_one() -> None:
    def run(seed: int, model: Any) -> list[float]:
        history = model.fit(X, np.full((64, 2), seed), epochs=5, shuffle=False, verbose=0)
        return list(history.history["loss"])

    def models() -> list[Any]:
        cornu.utils.set_random_seed(1)
        found = [a_model(), a_model()]
        for m in found:
            m.build((None, 4))
        return found

    expected = [run(i, m) for i, m in enumerate(models())]
    made = models()
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(run, [0, 1], made))
    assert found == expected


def test_settings_hold_in_all_threads() -> None:
    cornu.config.set_dtype_policy("mixed_bfloat16")
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(lambda: layers.Dense(1).compute_dtype).result() == "bfloat16"
    finally:
        cornu.config.set_dtype_policy("float32")


def test_names_given_in_many_threads_are_all_different() -> None:
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: layers.Dense(1).name, range(200)))
    assert len(set(names)) == 200
