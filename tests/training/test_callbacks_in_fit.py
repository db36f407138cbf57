"""Callbacks see the live model: what they set acts, what they read is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

X = np.random.default_rng(0).standard_normal((48, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def a_model(**options: Any) -> Any:
    cornu.utils.set_random_seed(3)
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(6), layers.Dense(1)])
    model.compile(cornu.optimizers.SGD(0.05), "mse", metrics=["mae"], **options)
    return model


class At(cornu.callbacks.Callback):
    """Does something in one hook at one batch."""

    def __init__(self, hook: str, batch: int, act: Any) -> None:
        super().__init__()

        def run(at: int, logs: Any = None) -> None:
            if at == batch:
                act(self.model)

        setattr(self, hook, run)


HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


@pytest.mark.parametrize("hook", HOOKS)
def test_learning_rate_set_in_a_hook_acts_on_the_next_step(hook: str) -> None:
    stopped_at = 2 if "begin" in hook else 1
    model, twin = a_model(), a_model()

    def stop(model: Any) -> None:
        model.optimizer.learning_rate = 0.0

    model.fit(X, Y, batch_size=8, shuffle=False, callbacks=[At(hook, stopped_at, stop)], verbose=0)
    twin.fit(X[:16], Y[:16], batch_size=8, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("hook", HOOKS)
def test_weights_set_in_a_hook_are_those_of_the_next_step(hook: str) -> None:
    at = 3 if "begin" in hook else 2
    start = a_model().get_weights()
    model, twin = a_model(), a_model()
    reset = At(hook, at, lambda m: m.set_weights(start))
    model.fit(X, Y, batch_size=8, shuffle=False, callbacks=[reset], verbose=0)
    twin.fit(X[24:], Y[24:], batch_size=8, shuffle=False, verbose=0)
    for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_predict_inside_a_hook_sees_the_weights_of_the_moment() -> None:
    found: list[Any] = []

    def look(model: Any) -> None:
        w = model.get_weights()
        by_hand = (X @ w[0] + w[1]) @ w[2] + w[3]
        found.append((model.predict(X, verbose=0), by_hand))

    a_model().fit(X, Y, batch_size=8, callbacks=[At("on_train_batch_end", 2, look)], verbose=0)
    np.testing.assert_allclose(*found[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_epoch_end"])
def test_evaluate_inside_fit_leaves_the_metrics_of_the_epoch(hook: str) -> None:
    def measure(model: Any) -> None:
        model.evaluate(X * 100, Y, verbose=0)

    plain = a_model().fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0).history
    measured = a_model().fit(
        X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0, callbacks=[At(hook, 1, measure)]
    )
    assert measured.history == plain


def test_value_taken_in_a_callback_stays_what_it_was() -> None:
    kept: list[Any] = []

    class Keeps(cornu.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            kernel = self.model.layers[0].kernel
            kept.append((kernel.value, kernel.numpy()))

    a_model().fit(X, Y, batch_size=8, callbacks=[Keeps()], verbose=0)
    for value, copied in kept:
        np.testing.assert_array_equal(np.asarray(value), copied)
    assert (kept[0][1] != kept[-1][1]).any()


def test_value_held_over_fit_is_a_snapshot_that_can_be_put_back() -> None:
    model = a_model()
    held = [v.value for v in model.variables]
    copies = model.get_weights()
    model.fit(X, Y, epochs=2, verbose=0)
    for value, copied in zip(held, copies, strict=True):
        np.testing.assert_array_equal(np.asarray(value), copied)
    for v, value in zip(model.variables, held, strict=True):
        v.assign(value)
    for a, b in zip(model.get_weights(), copies, strict=True):
        np.testing.assert_array_equal(a, b)


def test_get_weights_are_writable_copies() -> None:
    model = a_model()
    weights = model.get_weights()
    weights[0][:] = 7.0
    assert (model.get_weights()[0] != 7.0).all()


def test_logs_of_a_batch_are_the_means_so_far() -> None:
    seen: list[dict[str, float]] = []

    class Reads(cornu.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(dict(logs))

    history = a_model().fit(X, Y, batch_size=8, callbacks=[Reads()], verbose=0).history
    assert len(seen) == 6
    assert list(seen[0]) == ["loss", "mae"] == list(history)
    assert seen[-1]["loss"] == history["loss"][0]
    assert all(type(v) is float for v in seen[0].values())


@pytest.mark.parametrize(("per", "calls"), [(1, 6), (3, 2), (4, 2), (10, 1)])
def test_steps_per_execution_says_how_often_hooks_are_called(per: int, calls: int) -> None:
    counted: list[int] = []
    counter = cornu.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: counted.append(batch)
    )
    model = a_model(steps_per_execution=per)
    model.fit(X, Y, batch_size=8, callbacks=[counter], verbose=0)
    assert len(counted) == calls
    assert counted[-1] == 5
    assert int(model.optimizer.iterations.numpy()) == 6


def test_without_hooks_an_epoch_is_few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    model = a_model()
    model.fit(X, Y, batch_size=1, verbose=0)
    prepared = next(iter(model._cornu_steps["train"]._prepared.values()))
    run = type(prepared).run

    def counted(self: Any, *args: Any) -> Any:
        done = run(self, *args)
        runs.append(done[0])
        return done

    monkeypatch.setattr(type(prepared), "run", counted)
    model.fit(X, Y, batch_size=1, verbose=0)
    assert sum(runs) == 48
    assert len(runs) < 12


def test_stop_training_ends_after_the_batch_and_after_the_epoch() -> None:
    def stop(model: Any) -> None:
        model.stop_training = True

    model = a_model()
    hook = At("on_train_batch_end", 2, stop)
    history = model.fit(X, Y, batch_size=8, epochs=5, callbacks=[hook], verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 3
    assert history.epoch == [0]
    assert len(model.fit(X, Y, epochs=2, verbose=0).epoch) == 2


def test_early_stopping_restores_the_best_weights() -> None:
    model = a_model()
    best: list[Any] = []

    class Worsens(cornu.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                best.extend(self.model.get_weights())
                self.model.optimizer.learning_rate = 2.0  # from here on it diverges

    early = cornu.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)
    history = model.fit(X, Y, batch_size=8, epochs=9, callbacks=[Worsens(), early], verbose=0)
    assert len(history.epoch) < 9
    for a, b in zip(model.get_weights(), best, strict=True):
        np.testing.assert_array_equal(a, b)


def test_order_of_hooks_in_fit_is_that_of_keras() -> None:
    calls: list[str] = []

    class Notes(cornu.callbacks.Callback):
        pass

    names = [
        f"on_{what}_{when}"
        for what in ("train", "epoch", "train_batch", "test", "test_batch")
        for when in ("begin", "end")
    ]
    for name in names:
        setattr(Notes, name, lambda self, *a, _name=name, **k: calls.append(_name))
    a_model().fit(
        X, Y, batch_size=24, validation_data=(X[:8], Y[:8]), callbacks=[Notes()], verbose=0
    )
    batch = ["on_train_batch_begin", "on_train_batch_end"]
    test = ["on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end"]
    whole = ["on_epoch_begin", *batch, *batch, *test, "on_epoch_end"]
    assert calls == ["on_train_begin", *whole, "on_train_end"]


def test_history_hangs_on_the_model_and_begins_anew() -> None:
    model = a_model()
    first = model.fit(X, Y, epochs=2, verbose=0)
    assert model.history is first
    assert len(model.fit(X, Y, epochs=1, verbose=0).history["loss"]) == 1


def test_initial_epoch_counts_from_there() -> None:
    history = a_model().fit(X, Y, epochs=5, initial_epoch=3, verbose=0)
    assert history.epoch == [3, 4]
