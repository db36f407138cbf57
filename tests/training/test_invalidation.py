"""What makes a step compile anew: whatever of Python the compiled one has read."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from tests.marks import traced_steps

X = np.ones((8, 3), "float32")
Y = np.ones((8, 3), "float32")


class Scale(layers.Layer):
    """Multiplies by an attribute, and counts how often Python runs its `call`."""

    def __init__(self, factor: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor
        self.__dict__["calls"] = 0

    def call(self, x: Any) -> Any:
        self.__dict__["calls"] += 1
        return x * self.factor


def model_with(layer: Any) -> Any:
    model = cornu.Sequential([cornu.Input((3,)), layer])
    model.compile("sgd", "mse")
    return model


def test_attribute_of_a_layer_acts_after_the_first_predict() -> None:
    layer = Scale(2.0)
    model = model_with(layer)
    assert model.predict(X, verbose=0)[0, 0] == 2.0
    layer.factor = 5.0
    assert model.predict(X, verbose=0)[0, 0] == 5.0


@traced_steps
def test_nothing_changed_means_nothing_compiled() -> None:
    layer = Scale(2.0)
    model = model_with(layer)
    model.predict(X, verbose=0)
    calls = layer.calls
    for _ in range(3):
        model.predict(X, verbose=0)
        model.predict_on_batch(X)
    assert layer.calls == calls


@traced_steps
def test_another_size_of_batch_compiles_once_more_and_no_more() -> None:
    layer = Scale(2.0)
    model = model_with(layer)
    model.predict(np.ones((10, 3), "float32"), batch_size=4, verbose=0)
    calls = layer.calls
    for _ in range(2):
        model.predict(np.ones((10, 3), "float32"), batch_size=4, verbose=0)
    assert layer.calls == calls
    assert len(model._cornu_steps["predict"]._prepared) == 2


@pytest.mark.filterwarnings("ignore:The model has no weights")
def test_rate_of_dropout_changed_after_a_fit_acts() -> None:
    dropout = layers.Dropout(0.999)
    model = model_with(dropout)
    assert model.train_on_batch(X, Y) > 0.5  # nearly all is dropped
    dropout.rate = 0.0
    model.reset_metrics()
    assert model.train_on_batch(X, Y) == 0.0


def test_hyperparameter_of_an_optimizer_changed_after_a_fit_acts() -> None:
    def weights_after(momentum: float) -> np.ndarray:
        cornu.utils.set_random_seed(0)
        model = cornu.Sequential([cornu.Input((3,)), layers.Dense(3)])
        model.compile(cornu.optimizers.SGD(0.1, momentum=0.9), "mse")
        model.fit(X, Y, verbose=0)
        model.optimizer.momentum = momentum
        model.fit(X, Y, epochs=3, verbose=0)
        return model.layers[0].kernel.numpy()

    assert np.abs(weights_after(0.9) - weights_after(0.1)).max() > 1e-3


def test_attribute_of_an_optimizer_of_ones_own_step_acts() -> None:
    class Own(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1, kernel_initializer="zeros")

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            f = lambda: ops.mean((self(x) - y) ** 2)  # noqa: E731
            loss, gradients = cornu.value_and_grad(f, self.trainable_variables)()
            self.own.apply(gradients, self.trainable_variables)
            return {"loss": loss}

    def bias_after(momentum: float) -> float:
        model = Own()
        model.compile(loss="mse")
        model.own = cornu.optimizers.SGD(0.01, momentum=0.9)
        model.fit(X, np.ones((8, 1)), verbose=0)
        model.own.momentum = momentum
        model.fit(X, np.ones((8, 1)), epochs=2, verbose=0)
        return float(model.dense.bias.numpy()[0])

    assert bias_after(0.9) != pytest.approx(bias_after(0.0), rel=1e-3)


@traced_steps
def test_learning_rate_is_state_and_compiles_nothing() -> None:
    layer = Scale(1.0)
    model = cornu.Sequential([cornu.Input((3,)), layer, layers.Dense(3)])
    model.compile(cornu.optimizers.SGD(0.1), "mse")
    model.fit(X, Y, verbose=0)
    calls, before = layer.calls, model.layers[1].kernel.numpy()
    model.optimizer.learning_rate = 0.0
    model.fit(X, Y, verbose=0)
    assert layer.calls == calls
    np.testing.assert_array_equal(model.layers[1].kernel.numpy(), before)


def test_attribute_of_a_loss_acts() -> None:
    loss = cornu.losses.Huber(delta=1.0)
    model = cornu.Sequential([cornu.Input((3,)), layers.Dense(3, kernel_initializer="zeros")])
    model.compile(cornu.optimizers.SGD(0.0), loss)
    assert model.train_on_batch(X, Y * 10) == pytest.approx(9.5)
    replaced = cornu.losses.MeanSquaredError()
    model.compile(cornu.optimizers.SGD(0.0), replaced)
    assert model.train_on_batch(X, Y * 10) == pytest.approx(100.0)


def test_attribute_of_a_metric_acts() -> None:
    class Shifted(cornu.metrics.Mean):
        shift = 0.0

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            super().update_state(y_pred * 0 + self.shift)

    metric = Shifted(name="shifted")
    model = cornu.Sequential([cornu.Input((3,)), layers.Dense(3)])
    model.compile("sgd", "mse", metrics=[metric])
    assert model.evaluate(X, Y, verbose=0)[1] == 0.0
    metric.shift = 3.0
    assert model.evaluate(X, Y, verbose=0)[1] == 3.0


def test_dtype_policy_of_a_layer_acts() -> None:
    dense = layers.Dense(3)
    model = model_with(dense)
    assert model.predict(X, verbose=0).dtype == np.float32
    dense.dtype_policy = "mixed_bfloat16"
    assert model.predict(X, verbose=0).dtype.name == "bfloat16"


def test_more_than_eight_forms_of_a_step_warn_once() -> None:
    layer = Scale(0.0)
    model = model_with(layer)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for i in range(14):
            layer.factor = float(i)
            model.predict_on_batch(X)
    messages = [str(w.message) for w in caught if "was compiled" in str(w.message)]
    assert len(messages) == 1
    assert "Keep what changes in a Variable" in messages[0]


def test_attribute_set_in_call_while_a_step_is_traced_compiles_nothing_anew() -> None:
    class Remembers(Scale):
        def call(self, x: Any) -> Any:
            self.last_rank = len(x.shape)
            return super().call(x)

    layer = Remembers(2.0)
    model = model_with(layer)
    for _ in range(3):
        model.predict(X, verbose=0)
    assert layer.last_rank == 2
    assert len(model._cornu_steps["predict"]._prepared) == 1


def test_run_eagerly_can_be_switched_on_between_two_fits() -> None:
    layer = Scale(1.0)
    model = cornu.Sequential([cornu.Input((3,)), layer, layers.Dense(3)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=2, verbose=0)
    calls = layer.calls
    model.run_eagerly = True
    model.fit(X, Y, batch_size=2, verbose=0)
    assert layer.calls == calls + 4


def test_model_that_grew_after_compile_uses_what_was_added() -> None:
    model = cornu.Sequential([cornu.Input((3,)), Scale(2.0)])
    model.compile("sgd", "mse")
    assert model.predict(X, verbose=0)[0, 0] == 2.0
    model.add(Scale(3.0))
    assert model.predict(X, verbose=0)[0, 0] == 6.0
    model.pop()
    assert model.predict(X, verbose=0)[0, 0] == 2.0
