"""`run_eagerly`, and what a compiled step says where only an eager one could go on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.errors import TracedValueError
from tests.marks import traced_steps

X = np.random.default_rng(0).standard_normal((24, 3)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Branches(layers.Layer):
    def call(self, x: Any) -> Any:
        if ops.sum(x) > 0:
            return x
        return -x


def model_with(*inner: Any, **options: Any) -> Any:
    class Model(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = list(inner)
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            for layer in self.inner:
                x = layer(x)
            return self.dense(x)

    cornu.utils.set_random_seed(2)
    model = Model()
    model.compile(**{"optimizer": cornu.optimizers.Adam(0.01), "loss": "mse", **options})
    return model


def test_eager_training_equals_compiled_training() -> None:
    def run(eagerly: bool) -> tuple[Any, list[np.ndarray]]:
        cornu.utils.set_random_seed(5)
        model = model_with(
            layers.Dense(4, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3, seed=1),
            metrics=["mae"],
            run_eagerly=eagerly,
        )
        history = model.fit(X, Y, epochs=3, batch_size=10, verbose=0, validation_split=0.25)
        return history.history, [v.numpy() for v in model.variables]

    (eager, a), (compiled, b) = run(True), run(False)
    assert list(eager) == list(compiled)
    for name, curve in compiled.items():
        np.testing.assert_allclose(eager[name], curve, rtol=1e-4, err_msg=name)
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-6)


def test_eager_steps_may_branch_print_and_convert(capsys: pytest.CaptureFixture[str]) -> None:
    class Looks(layers.Layer):
        def call(self, x: Any) -> Any:
            print("mean", round(float(ops.mean(x)), 3))
            if float(ops.max(x)) > 0 and int(ops.size(x)) and np.isfinite(np.asarray(x)).all():
                return x * ops.convert_to_numpy(x).std()
            return x

    model = model_with(Looks(), Branches(), run_eagerly=True)
    model.fit(X, Y, batch_size=12, epochs=1, verbose=0)
    assert capsys.readouterr().out.count("mean") >= 2


def test_branch_on_a_value_in_a_compiled_step_shows_layer_line_and_the_ways_out() -> None:
    model = model_with(Branches(name="gate"))
    with pytest.raises(TracedValueError) as info:
        model.fit(X, Y, verbose=0)
    text = str(info.value)
    assert "`if`" in text
    assert 'gate" (Branches)' in text
    assert "test_eagerly.py:" in text
    assert "ops.where" in text
    assert "run_eagerly=True" in text


def test_branch_on_a_value_under_an_eager_gradient_is_taken() -> None:
    layer = Branches()
    slope = cornu.grad(lambda x: ops.sum(layer(x)))
    np.testing.assert_array_equal(slope(np.full((2, 3), -1.0, "float32")), -np.ones((2, 3)))
    np.testing.assert_array_equal(slope(np.full((2, 3), 1.0, "float32")), np.ones((2, 3)))


@traced_steps
@pytest.mark.parametrize(
    "read",
    [
        lambda y: float(ops.mean(y)),
        lambda y: np.asarray(y).std(),
        lambda y: ops.convert_to_numpy(y).std(),
    ],
    ids=["float", "asarray", "numpy"],
)
def test_metric_that_needs_values_is_named_with_its_line(read: Any) -> None:
    def spread(y_true: Any, y_pred: Any) -> Any:
        return read(y_pred)

    model = model_with(metrics=[spread])
    with pytest.raises(TracedValueError) as info:
        model.fit(X, Y, verbose=0)
    text = str(info.value)
    assert "spread" in text
    assert "test_eagerly.py:" in text
    assert "run_eagerly=True" in text
    model.run_eagerly = True
    model.fit(X, Y, verbose=0)


@traced_steps
def test_metric_that_keeps_python_numbers_works_eagerly() -> None:
    class Largest(cornu.metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="largest")
            self.values: list[float] = []

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.values.append(float(ops.max(y_true)))

        def result(self) -> float:
            return max(self.values)

        def reset_state(self) -> None:
            self.values = []

    model = model_with(metrics=[Largest()], run_eagerly=True)
    history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert history.history["largest"] == pytest.approx([float(Y.max())] * 2)
    with pytest.raises(TracedValueError):
        model_with(metrics=[Largest()]).fit(X, Y, verbose=0)


def test_print_and_counters_in_a_compiled_step_run_while_it_is_compiled() -> None:
    calls: list[int] = []

    class Counts(layers.Layer):
        def call(self, x: Any) -> Any:
            calls.append(1)
            return x

    model = model_with(Counts())
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    after_one = len(calls)
    model.fit(X, Y, batch_size=8, epochs=5, verbose=0)
    assert len(calls) == after_one


def test_eager_steps_run_python_at_every_step() -> None:
    calls: list[int] = []

    class Counts(layers.Layer):
        def call(self, x: Any) -> Any:
            calls.append(1)
            return x

    model = model_with(Counts(), run_eagerly=True)
    model(X)
    calls.clear()
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert len(calls) == 6
