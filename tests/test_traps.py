"""What users of Keras met again and again; each trap once, as its victims would write it.

Those about `trainable`, Ctrl-C, finite generators and names of metrics stand in `tests/training`.
"""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

X = np.random.default_rng(0).standard_normal((40, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def a_model(**options: Any) -> Any:
    cornu.utils.set_random_seed(1)
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(1)])
    model.compile(cornu.optimizers.Adam(0.01), "mse", **{"metrics": ["mae"], **options})
    return model


def test_metrics_begin_anew_in_every_epoch() -> None:
    model = a_model()
    model.optimizer.learning_rate = 0.0
    history = model.fit(X, Y, epochs=4, shuffle=False, verbose=0).history
    assert len(set(history["mae"])) == 1
    assert model.evaluate(X, Y, verbose=0)[1] == pytest.approx(history["mae"][0], rel=1e-6)


def test_validation_split_takes_the_last_samples_before_any_shuffling() -> None:
    seen: list[Any] = []

    class Sees(layers.Layer):
        def call(self, x: Any, training: bool = False) -> Any:
            if not training:
                seen.append(np.asarray(x)[:, 0])
            return x

        def compute_output_spec(self, x: Any, training: bool = False) -> Any:
            return cornu.KerasTensor(x.shape, x.dtype)

    cornu.utils.set_random_seed(0)
    model = cornu.Sequential([cornu.Input((4,)), Sees(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    seen.clear()
    x = np.repeat(np.arange(40.0)[:, None], 4, 1)
    model.fit(x, Y, validation_split=0.2, batch_size=4, epochs=2, verbose=0)
    assert np.concatenate(seen[-2:]).tolist() == list(range(32, 40))


def test_sample_weight_counts_in_weighted_metrics_and_only_there() -> None:
    model = a_model(metrics=["mae"], weighted_metrics=[cornu.metrics.MeanAbsoluteError("w")])
    w = np.r_[np.ones(20), np.zeros(20)].astype("float32")
    errors = np.abs(model.predict(X, verbose=0) - Y)[:, 0]
    found = model.evaluate(X, Y, sample_weight=w, verbose=0, return_dict=True)
    assert found["mae"] == pytest.approx(errors.mean(), rel=1e-5)
    assert found["w"] == pytest.approx(errors[:20].mean(), rel=1e-5)


def test_loaded_model_goes_on_where_the_saved_one_stood(tmp_path: Path) -> None:
    model = a_model()
    model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = cornu.saving.load_model(tmp_path / "model.keras")
    assert int(loaded.optimizer.iterations.numpy()) == int(model.optimizer.iterations.numpy()) == 4
    a = model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    b = loaded.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    assert a == b


def test_loaded_model_runs_the_same_program_as_the_built_one(tmp_path: Path) -> None:
    model = a_model()
    model.fit(X, Y, verbose=0)
    model.predict(X, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = cornu.saving.load_model(tmp_path / "model.keras")
    for _ in range(3):
        loaded.predict(X, verbose=0)
    assert len(loaded._cornu_steps["predict"]._prepared) == len(
        model._cornu_steps["predict"]._prepared
    )


def test_best_checkpoint_survives_a_resumed_run(tmp_path: Path) -> None:
    best = tmp_path / "best.weights.h5"

    def checkpoint(**options: Any) -> Any:
        return cornu.callbacks.ModelCheckpoint(
            best, monitor="loss", save_best_only=True, save_weights_only=True, **options
        )

    model = a_model()
    history = model.fit(X, Y, epochs=3, callbacks=[checkpoint()], verbose=0).history["loss"]
    saved = best.read_bytes()
    model.optimizer.learning_rate = 1.0  # from here on it gets worse
    resumed = checkpoint(initial_value_threshold=min(history))
    model.fit(X, Y * 50, epochs=2, callbacks=[resumed], verbose=0)
    assert best.read_bytes() == saved


def test_state_of_a_stateful_layer_is_kept_until_it_is_reset() -> None:
    cornu.utils.set_random_seed(0)
    rnn = layers.SimpleRNN(3, stateful=True)
    model = cornu.Sequential([cornu.Input((2, 4), batch_size=8), rnn, layers.Dense(1)])
    model.compile(cornu.optimizers.SGD(0.0), "mse")
    x = np.repeat(X[:, None], 2, 1)
    first = model.predict(x[:8], batch_size=8, verbose=0)
    second = model.predict(x[:8], batch_size=8, verbose=0)
    assert np.abs(first - second).max() > 1e-6
    model.fit(x, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    assert any(np.abs(s.numpy()).max() > 0 for s in rnn.states)
    rnn.reset_states()
    np.testing.assert_allclose(model.predict(x[:8], batch_size=8, verbose=0), first, rtol=1e-6)


def test_batch_normalization_of_a_batch_of_one_stays_finite() -> None:
    model = cornu.Sequential([cornu.Input((4,)), layers.BatchNormalization(), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(X[:1], Y[:1], batch_size=1, epochs=3, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    assert np.isfinite(model.predict(X, verbose=0)).all()


def test_batch_normalization_leaves_masked_steps_out_of_its_statistics() -> None:
    normal = layers.BatchNormalization(momentum=0.0)
    x = np.array([[[1.0], [3.0], [100.0]]], "float32")
    normal(x, training=True, mask=np.array([[True, True, False]]))
    np.testing.assert_allclose(normal.moving_mean.numpy(), [2.0], rtol=1e-5)
    np.testing.assert_allclose(normal.moving_variance.numpy(), [1.0], rtol=1e-4)


def test_mask_of_an_embedding_ends_where_a_layer_cannot_carry_it() -> None:
    x = np.array([[1, 2, 0], [3, 0, 0]], "int32")
    a, b = cornu.Input((3,), dtype="int32"), cornu.Input((3,), dtype="int32")
    embed = layers.Embedding(5, 2, mask_zero=True)
    joined = layers.Concatenate(axis=1)([embed(a), embed(b)])
    flat = layers.Flatten()(joined)
    model = cornu.Model([a, b], [joined, flat, layers.GlobalAveragePooling1D()(joined)])
    whole, flattened, mean = model.predict([x, x], verbose=0)
    assert flattened.shape == (2, 12)
    kept = np.concatenate([x, x], 1) != 0
    for i in range(2):
        np.testing.assert_allclose(mean[i], whole[i][kept[i]].mean(0), rtol=1e-5)


def test_time_distributed_takes_an_unknown_number_of_steps() -> None:
    x = cornu.Input((None, 4))
    model = cornu.Model(x, layers.TimeDistributed(layers.Dense(2))(x))
    assert model.output_shape == (None, None, 2)
    for steps in (1, 7):
        assert model.predict(np.ones((3, steps, 4)), verbose=0).shape == (3, steps, 2)


def test_generator_that_yields_nan_at_the_end_stops_the_training_it_is_asked_to() -> None:
    def batches() -> Any:
        for i in range(5):
            yield X[:8] * (np.nan if i == 4 else 1.0), Y[:8]

    model = a_model()
    stop = cornu.callbacks.TerminateOnNaN()
    history = model.fit(batches(), steps_per_epoch=5, epochs=3, callbacks=[stop], verbose=0)
    assert history.epoch in ([], [0])
    assert model.stop_training


def test_generator_with_a_smaller_last_batch_is_fine_and_a_wrong_one_is_named() -> None:
    def batches(last: np.ndarray) -> Any:
        yield X[:8], Y[:8]
        yield last, Y[: len(last)]

    model = a_model()
    model.fit(batches(X[:3]), verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 2
    with pytest.raises(ValueError, match=r"4.*3|3.*4"):
        model.fit(batches(X[:3, :3]), verbose=0)


@pytest.mark.parametrize("dtype", ["int64", "float64", "float32", "uint8", "bool"])
def test_integer_labels_count_alike_in_every_dtype(dtype: str) -> None:
    cornu.utils.set_random_seed(0)
    model = cornu.Sequential([cornu.Input((4,)), layers.Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    labels = (X[:, 0] > 0).astype("int32")
    expected = model.evaluate(X, labels, verbose=0)
    assert model.evaluate(X, labels.astype(dtype), verbose=0) == expected


@pytest.mark.parametrize("name", ["two words", "größe_π", "a.b", "layer:0", "%d"])
def test_unusual_names_are_names(name: str, tmp_path: Path) -> None:
    x = cornu.Input((4,))
    model = cornu.Model(x, layers.Dense(1, name=name)(x))
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert model.get_layer(name).name == name
    model.save(tmp_path / "model.keras")
    loaded = cornu.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_slash_in_a_name_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="'/'"):
        layers.Dense(1, name="block/dense")


def test_two_layers_of_one_name_are_refused_by_name() -> None:
    x = cornu.Input((4,))
    y = layers.Dense(2, name="same")(layers.Dense(2, name="same")(x))
    with pytest.raises(ValueError, match="same"):
        cornu.Model(x, y)
    with pytest.raises(ValueError, match="same"):
        cornu.Sequential([layers.Dense(1, name="same"), layers.Dense(1, name="same")])


def test_shared_layer_is_saved_once_and_stays_shared(tmp_path: Path) -> None:
    a, b = cornu.Input((4,)), cornu.Input((4,))
    shared = layers.Dense(3, name="shared")
    model = cornu.Model([a, b], layers.Subtract()([shared(a), shared(b)]))
    model.save(tmp_path / "model.keras")
    loaded = cornu.saving.load_model(tmp_path / "model.keras")
    assert len(loaded.weights) == 2
    np.testing.assert_array_equal(loaded.predict([X, X], verbose=0), np.zeros((40, 3)))
    loaded.get_layer("shared").kernel.assign(np.ones((4, 3)))
    np.testing.assert_array_equal(loaded.predict([X, X], verbose=0), np.zeros((40, 3)))


def test_models_nest_deeply(tmp_path: Path) -> None:
    cornu.utils.set_random_seed(0)
    model: Any = cornu.Sequential([cornu.Input((4,)), layers.Dense(4)])
    for _ in range(12):
        x = cornu.Input((4,))
        model = cornu.Model(x, layers.Dense(4)(model(x)))
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    assert len(model.weights) == 26
    model.save(tmp_path / "model.keras")
    loaded = cornu.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_long_training_keeps_no_batch_and_no_step_alive() -> None:
    model = a_model()
    model.fit(X, Y, batch_size=4, verbose=0)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(5):
        model.fit(X, Y, batch_size=4, verbose=0)
        model.predict(X, verbose=0)
        model(X)
    gc.collect()
    assert len(gc.get_objects()) - before < 3000
