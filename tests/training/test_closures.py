"""Layers and losses that close over tensors of the graph: variational autoencoders since 2017."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops

X = np.random.default_rng(0).uniform(size=(32, 6)).astype("float32")


def encoder() -> tuple[Any, Any, Any, Any]:
    x = cornu.Input((6,))
    hidden = layers.Dense(5, activation="relu", name="hidden")(x)
    mean = layers.Dense(2, name="mean")(hidden)
    log_variance = layers.Dense(2, name="log_variance", kernel_initializer="zeros")(hidden)
    return x, mean, log_variance, layers.Dense(6, activation="sigmoid", name="decoder")(mean)


def kl_of(mean: Any, log_variance: Any) -> Any:
    return -0.5 * ops.sum(1 + log_variance - mean**2 - ops.exp(log_variance), axis=-1)


def numbers(model: Any, x: Any, *tensors: Any) -> list[np.ndarray]:
    found = cornu.Model(x, list(tensors)).predict(X, verbose=0)
    return list(found)


@pytest.mark.parametrize("eagerly", [False, True])
def test_loss_that_closes_over_tensors_of_the_graph(eagerly: bool) -> None:
    x, mean, log_variance, y = encoder()

    def loss(y_true: Any, y_pred: Any) -> Any:
        return ops.mean((y_true - y_pred) ** 2, axis=-1) + kl_of(mean, log_variance)

    model = cornu.Model(x, y)
    model.compile(cornu.optimizers.Adam(0.05), loss, run_eagerly=eagerly)
    m, s, decoded = numbers(model, x, mean, log_variance, y)
    expected = ((X - decoded) ** 2).mean(1) - 0.5 * (1 + s - m**2 - np.exp(s)).sum(1)
    assert model.evaluate(X, X, verbose=0) == pytest.approx(expected.mean(), rel=1e-5)
    history = model.fit(X, X, epochs=30, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < history[0]
    assert np.abs(numbers(model, x, mean, log_variance)[0]).mean() < np.abs(m).mean()


def test_metric_that_closes_over_a_tensor_of_the_graph() -> None:
    x, mean, _, y = encoder()

    def size_of_code(y_true: Any, y_pred: Any) -> Any:
        return ops.sum(ops.abs(mean), axis=-1)

    model = cornu.Model(x, y)
    model.compile("sgd", "mse", metrics=[size_of_code])
    code = numbers(model, x, mean, y)[0]
    found = model.evaluate(X, X, verbose=0, return_dict=True)["size_of_code"]
    assert found == pytest.approx(np.abs(code).sum(1).mean(), rel=1e-5)


@pytest.mark.parametrize("eagerly", [False, True])
def test_layer_whose_call_closes_over_tensors_of_the_outer_graph(eagerly: bool) -> None:
    x, mean, log_variance, y = encoder()

    class Penalty(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(ops.mean(kl_of(mean, log_variance)))
            return inputs

    model = cornu.Model(x, Penalty()(y))
    model.compile(cornu.optimizers.Adam(0.01), "mse", run_eagerly=eagerly)
    m, s, decoded = numbers(model, x, mean, log_variance, y)
    expected = ((X - decoded) ** 2).mean() - 0.5 * (1 + s - m**2 - np.exp(s)).sum(1).mean()
    assert model.evaluate(X, X, verbose=0) == pytest.approx(expected, rel=1e-5)
    history = model.fit(X, X, epochs=10, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_add_loss_of_a_tensor_of_the_graph_is_part_of_every_step() -> None:
    x, mean, log_variance, y = encoder()
    model = cornu.Model(x, y)
    model.add_loss(ops.mean((x - y) ** 2) + ops.mean(kl_of(mean, log_variance)))
    model.compile("sgd")
    m, s, decoded = numbers(model, x, mean, log_variance, y)
    expected = ((X - decoded) ** 2).mean() - 0.5 * (1 + s - m**2 - np.exp(s)).sum(1).mean()
    for _ in range(2):  # it is there in the second step too
        assert model.evaluate(X, verbose=0) == pytest.approx(expected, rel=1e-5)
    history = model.fit(X, epochs=10, verbose=0).history["loss"]
    assert history[-1] < history[0]


def test_values_of_a_step_are_let_go_of() -> None:
    x, _, _, y = encoder()
    model = cornu.Model(x, layers.ActivityRegularization(l2=0.1)(y))
    model.compile("sgd", "mse")
    model.fit(X, X, verbose=0)
    assert model.losses == []
    assert not any(layer._losses for layer in model.layers)
