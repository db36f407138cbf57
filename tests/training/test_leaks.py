"""Values of a trace that stay behind in attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.errors import TracedValueError
from tests.marks import traced_steps

X = np.ones((4, 3), "float32")


class Keeps(layers.Layer):
    def call(self, x: Any) -> Any:
        self.saved = x * 2
        return x


class KeepsInAList(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.activations: list[Any] = []

    def call(self, x: Any) -> Any:
        self.activations.append(x * 2)
        return x


class KeepsInADict(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, Any] = {}

    def call(self, x: Any) -> Any:
        self.seen["x"] = x * 2
        return x


def compiled(layer: Any) -> Any:
    class Model(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.inner = layer
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(self.inner(x))

    model = Model()
    model.compile("sgd", "mse")
    return model


@traced_steps
@pytest.mark.parametrize(
    ("cls", "name"), [(Keeps, "saved"), (KeepsInAList, "activations"), (KeepsInADict, "seen")]
)
def test_traced_value_in_an_attribute_raises_and_names_it(cls: type, name: str) -> None:
    model = compiled(cls())
    with pytest.raises(TracedValueError, match=rf"{cls.__name__}.*`{name}`.*training step") as info:
        model.fit(X, np.ones((4, 1)), verbose=0)
    assert "run_eagerly=True" in str(info.value)
    assert int(model.optimizer.iterations.numpy()) == 0


@traced_steps
def test_metric_that_keeps_a_value_is_named() -> None:
    class Remembers(cornu.metrics.Mean):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.last = y_pred
            super().update_state(y_pred)

    model = cornu.Sequential([cornu.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[Remembers(name="memory")])
    with pytest.raises(TracedValueError, match=r"Remembers 'memory'.*`last`"):
        model.evaluate(X, np.ones((4, 1)), verbose=0)


@traced_steps
def test_jit_names_the_attribute_too() -> None:
    layer = Keeps()
    with pytest.raises(TracedValueError, match=r"Keeps.*`saved`"):
        cornu.jit(lambda x: layer(x))(X)


def test_eager_steps_may_keep_values_to_look_at() -> None:
    layer = Keeps()
    model = compiled(layer)
    model.run_eagerly = True
    model.fit(X, np.ones((4, 1)), verbose=0)
    assert float(layer.saved[0, 0]) == 2.0
    assert float(ops.sum(layer.saved + 1)) == 36.0
    assert np.asarray(layer.saved).shape == (4, 3)


def test_call_outside_of_steps_may_keep_values() -> None:
    layer = Keeps()
    layer(X)
    assert float(layer.saved[0, 0]) == 2.0


def test_functional_graph_keeps_nothing_of_its_shape_inference() -> None:
    layer = KeepsInAList()
    x = cornu.Input((3,))
    cornu.Model(x, layer(x))
    assert layer.name
    with pytest.raises(TracedValueError):
        float(layer.activations[0][0, 0])  # what it kept there is no value, and says so
