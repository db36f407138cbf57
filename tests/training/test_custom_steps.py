"""A `train_step` of one's own, in both forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops

X = np.random.default_rng(0).standard_normal((40, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Plain(cornu.Model):
    """As `Trainer.train_step`, written out."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = layers.Dense(4, activation="tanh")
        self.normal = layers.BatchNormalization()
        self.head = layers.Dense(1)

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(self.normal(self.hidden(x), training=training))


class Stateful(Plain):
    def train_step(self, data: Any) -> dict[str, Any]:
        x, y, w = cornu.utils.unpack_x_y_sample_weight(data)

        def loss() -> Any:
            y_pred = self(x, training=True)
            return self.compute_loss(x, y, y_pred, w), y_pred

        weights = self.trainable_variables
        (value, y_pred), gradients = cornu.value_and_grad(loss, weights, has_aux=True)()
        self.optimizer.apply(gradients, weights)
        return {**self.compute_metrics(x, y, y_pred, w), "loss": value}


class ByLists(Plain):
    """Keras' form on JAX: `(state, data)` to `(logs, state)`."""

    def train_step(self, state: Any, data: Any) -> Any:
        trainable, other, slots, metrics = state
        x, y = data

        def loss(trainable: Any) -> Any:
            y_pred, new = self.stateless_call(trainable, other, x, training=True)
            return ops.mean((y - y_pred) ** 2), new

        (value, other), gradients = cornu.value_and_grad(loss, has_aux=True)(trainable)
        trainable, slots = self.optimizer.stateless_apply(slots, gradients, trainable)
        return {"loss": value}, (trainable, other, slots, metrics)

    def test_step(self, state: Any, data: Any) -> Any:
        trainable, other, _ = state
        x, y = data
        y_pred, _ = self.stateless_call(trainable, other, x, training=False)
        return {"loss": ops.mean((y - y_pred) ** 2)}, state

    def predict_step(self, state: Any, data: Any) -> Any:
        trainable, other = state
        x, _, _ = cornu.utils.unpack_x_y_sample_weight(data)
        return self.stateless_call(trainable, other, x, training=False)


def trained(cls: type, **options: Any) -> Any:
    cornu.utils.set_random_seed(4)
    model = cls()
    model.compile(cornu.optimizers.Adam(0.01), "mse", **options)
    model.fit(X, Y, batch_size=16, epochs=3, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize("cls", [Stateful, ByLists])
@pytest.mark.parametrize("eagerly", [False, True])
def test_own_step_trains_as_the_one_it_replaces(cls: type, eagerly: bool) -> None:
    ours, theirs = trained(cls, run_eagerly=eagerly), trained(Plain)
    for a, b in zip(ours.variables, theirs.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6, err_msg=b.path)
    for a, b in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=1e-6, err_msg=b.path)


def test_functional_steps_evaluate_and_predict() -> None:
    model = trained(ByLists)
    y_pred = model.predict(X, verbose=0)
    np.testing.assert_allclose(y_pred, cornu.ops.convert_to_numpy(model(X)), rtol=1e-5, atol=1e-6)
    loss = model.evaluate(X, Y, batch_size=40, verbose=0)
    assert loss == pytest.approx(float(np.mean((y_pred - Y) ** 2)), rel=1e-5)


def test_functional_step_that_returns_too_little_state_is_named() -> None:
    class Forgets(ByLists):
        def train_step(self, state: Any, data: Any) -> Any:
            logs, new = super().train_step(state, data)
            return logs, new[:2]

    model = Forgets()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"Forgets.train_step.* 4 lists"):
        model.fit(X, Y, verbose=0)


def test_two_optimizers_and_two_metrics_of_ones_own_are_state_of_the_step() -> None:
    class Two(Plain):
        def compile(self, fast: Any, slow: Any) -> None:
            super().compile(loss="mse")
            self.fast, self.slow = fast, slow
            self.error = cornu.metrics.Mean(name="error")

        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            f = lambda: ops.mean((self(x, training=True) - y) ** 2)  # noqa: E731
            head, body = self.head.trainable_variables, self.hidden.trainable_variables
            loss, gradients = cornu.value_and_grad(f, [*head, *body])()
            self.fast.apply(gradients[: len(head)], head)
            self.slow.apply(gradients[len(head) :], body)
            self.error.update_state(loss)
            return {"error": self.error.result()}

    model = Two()
    model.compile(cornu.optimizers.SGD(0.1), cornu.optimizers.SGD(0.0))
    model(X)
    kernel, head = model.hidden.kernel.numpy(), model.head.kernel.numpy()
    history = model.fit(X, Y, batch_size=8, epochs=4, verbose=0)
    np.testing.assert_array_equal(model.hidden.kernel.numpy(), kernel)
    assert (model.head.kernel.numpy() != head).any()
    assert history.history["error"][-1] < history.history["error"][0]
    assert int(model.fast.iterations.numpy()) == 20
    assert [m.name for m in model.metrics][-1] == "error"


def test_metric_of_ones_own_is_reset_between_epochs() -> None:
    class Counts(Plain):
        def __init__(self) -> None:
            super().__init__()
            self.seen = cornu.metrics.Sum(name="seen")

        def train_step(self, data: Any) -> dict[str, Any]:
            logs = super().train_step(data)
            self.seen.update_state(1.0)
            return {**logs, "seen": self.seen.result()}

    model = Counts()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, batch_size=8, epochs=3, verbose=0)
    assert history.history["seen"] == [5.0, 5.0, 5.0]


def test_compute_loss_of_ones_own_gets_everything_by_name() -> None:
    seen: dict[str, Any] = {}

    class Own(Plain):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            seen.update(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
            return ops.mean(sample_weight * ops.abs(y - y_pred)[:, 0])

    model = Own()
    model.compile(cornu.optimizers.SGD(0.1))
    history = model.fit(X, Y, sample_weight=np.ones(40), epochs=30, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0] / 2
    assert all(v is not None for v in seen.values())
    assert seen["training"] is True
    model.evaluate(X, Y, sample_weight=np.ones(40), verbose=0)
    assert seen["training"] is False


def test_step_may_return_nested_logs_and_numbers() -> None:
    class Nested(Plain):
        def train_step(self, data: Any) -> dict[str, Any]:
            return {"a": {"b": super().train_step(data)["loss"]}, "one": 1}

    model = Nested()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, verbose=0).history
    assert set(history) == {"b", "one"}
    assert history["one"] == [1.0]


def test_own_step_of_a_functional_model() -> None:
    class Own(cornu.Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            logs = super().train_step(data)
            return {**logs, "own": ops.convert_to_tensor(7.0)}

    x = cornu.Input((3,))
    model = Own(x, layers.Dense(1)(x))
    model.compile("sgd", "mse")
    assert model.fit(X, Y, verbose=0).history["own"] == [7.0]
    assert model.output_shape == (None, 1)


def test_weights_of_a_subclass_exist_before_the_first_line_of_its_step() -> None:
    class Early(Plain):
        def train_step(self, data: Any) -> dict[str, Any]:
            assert len(self.trainable_variables) == 6
            return super().train_step(data)

    model = Early()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)


def test_model_whose_call_does_not_take_the_data_still_runs_its_own_step() -> None:
    class Generator(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.net = layers.Dense(3)
            self.seed = cornu.random.SeedGenerator(1)

        def call(self, noise: Any) -> Any:
            return self.net(ops.reshape(noise, (-1, 7)))

        def train_step(self, real: Any) -> dict[str, Any]:
            noise = cornu.random.normal((ops.shape(real)[0], 7), seed=self.seed)
            self.net(noise)
            f = lambda: ops.mean((self.net(noise) - real) ** 2)  # noqa: E731
            loss, gradients = cornu.value_and_grad(f, self.net.trainable_variables)()
            self.optimizer.apply(gradients, self.net.trainable_variables)
            return {"loss": loss}

    model = Generator()
    model.compile("sgd")
    model.fit(X, batch_size=8, verbose=0)
    assert model.net.kernel.shape == (7, 3)
