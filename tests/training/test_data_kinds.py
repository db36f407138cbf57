"""Everything that may be passed as data, through `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

X = np.random.default_rng(0).standard_normal((30, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def a_model(size: int = 4) -> Any:
    cornu.utils.set_random_seed(3)
    model = cornu.Sequential([cornu.Input((size,)), layers.Dense(3), layers.Dense(1)])
    model.compile(cornu.optimizers.SGD(0.05), "mse", metrics=["mae"])
    return model


def curve(*data: Any, **options: Any) -> list[float]:
    options = {"batch_size": 8, **options}
    found = a_model().fit(*data, epochs=2, shuffle=False, verbose=0, **options)
    return list(found.history["loss"])


@pytest.fixture(scope="module")
def expected() -> list[float]:
    return curve(X, Y)


@pytest.mark.parametrize(
    "data",
    [
        (X.astype("float64"), Y.astype("float64")),
        (X.tolist(), Y.tolist()),
        (np.asfortranarray(X), Y[:, 0]),
        ([X], [Y]),
        (X[::-1][::-1], Y),
        (np.concatenate([X, X], 1)[:, :4], Y),
        ({"x": X}, Y),
    ],
    ids=["float64", "lists", "targets of one axis", "list of one", "strided", "view", "dict"],
)
def test_arrays_of_any_kind_train_alike(data: Any, expected: list[float]) -> None:
    if isinstance(data[0], dict):
        x = cornu.Input((4,), name="x")
        cornu.utils.set_random_seed(3)
        hidden = layers.Dense(3)(x)
        model = cornu.Model(x, layers.Dense(1)(hidden))
        model.compile(cornu.optimizers.SGD(0.05), "mse")
        found = model.fit(*data, epochs=2, shuffle=False, batch_size=8, verbose=0)
        assert found.history["loss"] == pytest.approx(expected, rel=1e-5)
        return
    assert curve(*data) == pytest.approx(expected, rel=1e-5)


def batches(times: int = 1) -> Iterator[Any]:
    for _ in range(times):
        for i in range(0, 30, 8):
            yield X[i : i + 8], Y[i : i + 8]


def test_generator_trains_alike_with_steps_and_without(expected: list[float]) -> None:
    def endless() -> Iterator[Any]:
        while True:
            yield from batches()

    found = curve(endless(), steps_per_epoch=4, batch_size=None)
    assert found == pytest.approx(expected, rel=1e-6)
    assert curve(batches(), batch_size=None)[0] == pytest.approx(expected[0], rel=1e-6)


def test_py_dataset_trains_alike(expected: list[float]) -> None:
    class Data(cornu.utils.PyDataset):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Any:
            return X[index * 8 : index * 8 + 8], Y[index * 8 : index * 8 + 8]

    assert curve(Data(), batch_size=None) == pytest.approx(expected, rel=1e-6)


def test_finite_generator_with_more_steps_than_batches_warns_and_ends() -> None:
    model = a_model()
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit(batches(), steps_per_epoch=3, epochs=3, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 4
    assert len(history.epoch) == 2


def test_arrays_with_more_steps_than_batches_warn() -> None:
    model = a_model()
    with pytest.warns(UserWarning, match="ran out of data"):
        model.fit(X, Y, batch_size=8, steps_per_epoch=9, epochs=1, verbose=0)
    assert int(model.optimizer.iterations.numpy()) == 4


def test_array_changed_between_epochs_is_read_as_it_is_then() -> None:
    x = X.copy()

    class Zeros(cornu.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            x[:] = 0.0

    model = a_model()
    model.optimizer.learning_rate = 0.0
    history = model.fit(x, Y, epochs=2, callbacks=[Zeros()], verbose=0).history["loss"]
    assert history[1] == pytest.approx(float((Y**2).mean()), rel=1e-4)
    assert history[0] != pytest.approx(history[1], rel=1e-3)


def test_users_arrays_are_never_written_and_carry_no_mask() -> None:
    x = np.array([[1, 2, 0]] * 4, "int32")
    before = x.copy()
    model = cornu.Sequential(
        [layers.Embedding(4, 2, mask_zero=True), layers.GlobalAveragePooling1D(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    model.fit(x, np.ones((4, 1)), verbose=0)
    model(x)
    np.testing.assert_array_equal(x, before)
    assert not hasattr(x, "_keras_mask")


def test_predictions_are_plain_writable_arrays_for_any_number_of_samples() -> None:
    model = a_model()
    y = model.predict(X, batch_size=7, verbose=0)
    assert type(y) is np.ndarray
    assert y.shape == (30, 1)
    y[:] = 0.0
    assert model.predict(X[:1], verbose=0).shape == (1, 1)


def test_last_partial_batch_counts_by_its_samples() -> None:
    model = a_model()
    model.optimizer.learning_rate = 0.0
    one = model.fit(X, Y, batch_size=30, verbose=0).history["loss"][0]
    many = model.fit(X, Y, batch_size=8, verbose=0).history["loss"][0]
    assert many == pytest.approx(one, rel=1e-5)
    assert model.evaluate(X, Y, batch_size=7, verbose=0)[0] == pytest.approx(one, rel=1e-5)


def test_last_axis_of_size_one_is_added_or_dropped() -> None:
    x = cornu.Input((5, 1))
    model = cornu.Model(x, layers.Dense(1)(layers.Flatten()(x)))
    np.testing.assert_array_equal(
        model.predict(np.ones((2, 5)), verbose=0), model.predict(np.ones((2, 5, 1)), verbose=0)
    )
    flat = a_model()
    np.testing.assert_array_equal(flat.predict(X[..., None], verbose=0), flat.predict(X, verbose=0))


def test_validation_data_of_every_form() -> None:
    for data in ((X, Y), [X, Y], (X, Y, np.ones(30)), batches()):
        history = a_model().fit(X, Y, validation_data=data, verbose=0).history
        assert {"val_loss", "val_mae"} <= set(history)


def test_empty_data_is_an_error_that_says_so() -> None:
    with pytest.raises(ValueError, match=r"there was no batch|no samples|at least"):
        a_model().fit(X[:0], Y[:0], verbose=0)


def test_weights_of_samples_scale_their_losses() -> None:
    model = a_model()
    w = np.linspace(0, 2, 30).astype("float32")
    squares = (model.predict(X, verbose=0) - Y)[:, 0] ** 2
    found = model.evaluate(X, Y, sample_weight=w, batch_size=30, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(float((squares * w).mean()), rel=1e-5)
    plain = model.evaluate(X, Y, batch_size=30, verbose=0, return_dict=True)
    assert found["mae"] == plain["mae"]  # weights touch `weighted_metrics` only


def test_class_weight_takes_numpy_keys_and_float_labels() -> None:
    x = np.ones((6, 4), "float32")
    y = np.array([0, 1, 2, 0, 1, 2])

    def loss_of(labels: Any, weights: Any) -> float:
        cornu.utils.set_random_seed(3)
        model = cornu.Sequential([cornu.Input((4,)), layers.Dense(3, activation="softmax")])
        model.compile(cornu.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
        return float(model.fit(x, labels, class_weight=weights, verbose=0).history["loss"][0])

    weights = {0: 1.0, 1: 2.0, 2: 4.0}
    numpy_keys = {np.int64(k): np.float32(v) for k, v in weights.items()}
    assert loss_of(y, weights) == loss_of(y, numpy_keys) == loss_of(y.astype("float64"), weights)
    assert loss_of(y, weights) != loss_of(y, None)


def test_train_on_batch_and_its_kin_agree_with_fit_and_evaluate() -> None:
    a, b = a_model(), a_model()
    a.fit(X, Y, batch_size=30, shuffle=False, epochs=3, verbose=0)
    for _ in range(3):
        b.reset_metrics()
        logs = b.train_on_batch(X, Y, return_dict=True)
    assert logs == {k: v[-1] for k, v in a.history.history.items()}
    for v, w in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_array_equal(v, w)
    b.reset_metrics()
    assert b.test_on_batch(X, Y) == a.evaluate(X, Y, batch_size=30, verbose=0)
    np.testing.assert_array_equal(b.predict_on_batch(X), a.predict(X, verbose=0))
