"""Pickle and deepcopy: Python's own protocol, with everything that hangs on a model."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

X = np.random.default_rng(0).standard_normal((16, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


class Block(layers.Layer):
    """Unregistered, with attributes that no config knows."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.inner = [layers.Dense(units, activation="relu"), layers.Dropout(0.1, seed=3)]
        self.note = {"made": "by hand"}

    def call(self, x: Any, training: bool = False) -> Any:
        return self.inner[1](self.inner[0](x), training=training)


class Subclass(cornu.Model):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block(3)
        self.again = self.block  # one object under two names
        self.head = layers.Dense(1)

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(self.block(x, training=training))


def functional() -> Any:
    x = cornu.Input((4,))
    shared = layers.Dense(4, activation="tanh")
    return cornu.Model(x, layers.Dense(1)(shared(shared(x)) * 2.0))


def sequential() -> Any:
    return cornu.Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dense(1)])


def deep() -> Any:
    x = y = cornu.Input((4,))
    for _ in range(120):
        y = layers.Dense(4)(y)
    return cornu.Model(x, layers.Dense(1)(y))


HOW = {"deepcopy": copy.deepcopy, "pickle": lambda x: pickle.loads(pickle.dumps(x))}


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
@pytest.mark.parametrize("make", [functional, sequential, Subclass])
def test_copy_predicts_equally_trains_on_equally_and_apart(make: Any, how: Any) -> None:
    cornu.utils.set_random_seed(0)
    model = make()
    model.compile(cornu.optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    twin = how(model)
    assert [v.path for v in twin.variables] == [v.path for v in model.variables]
    assert [m.name for m in twin.metrics] == [m.name for m in model.metrics]
    np.testing.assert_array_equal(twin.predict(X, verbose=0), model.predict(X, verbose=0))
    before = model.get_weights()
    first = twin.fit(X, Y, epochs=2, shuffle=False, verbose=0).history
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.fit(X, Y, epochs=2, shuffle=False, verbose=0).history == first
    for a, b in zip(twin.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_copy_keeps_attributes_sharing_and_tracking(how: Any) -> None:
    model = Subclass()
    model(X)
    twin = how(model)
    assert twin.again is twin.block
    assert twin.block is not model.block
    assert twin.block.note == {"made": "by hand"}
    assert len(twin.weights) == 4
    fresh = how(Block(2))
    fresh.inner.append(layers.Dense(1))
    assert len(list(fresh._flatten_layers(include_self=False))) == 3


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_copy_keeps_what_compile_found_trainable(how: Any) -> None:
    model = sequential()
    model.build((None, 4))
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    twin = how(model)
    before = twin.layers[0].kernel.numpy()
    twin.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(twin.layers[0].kernel.numpy(), before)


@pytest.mark.parametrize("how", HOW.values(), ids=HOW)
def test_deep_graph_is_copied(how: Any) -> None:
    model = deep()
    twin = how(model)
    np.testing.assert_array_equal(twin.predict(X, verbose=0), model.predict(X, verbose=0))


def test_lambda_gives_the_error_of_pickle_itself() -> None:
    layer = layers.Lambda(lambda x: x * 2)
    with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):
        pickle.dumps(layer)


def test_arrays_pickle_as_plain_ones() -> None:
    found = pickle.loads(pickle.dumps(cornu.ops.convert_to_numpy(cornu.ops.ones(3))))
    assert type(found) is np.ndarray
