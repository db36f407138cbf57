"""The same seed gives the same bits: weights, orders, noise, curves."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

X = np.random.default_rng(0).standard_normal((40, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def train(seed: int) -> tuple[dict[str, Any], list[bytes]]:
    cornu.utils.set_random_seed(seed)
    model = cornu.Sequential(
        [layers.Dense(8), layers.Dropout(0.3), layers.GaussianNoise(0.1), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    history = model.fit(X, Y, epochs=3, batch_size=16, validation_split=0.2, verbose=0).history
    return history, [w.tobytes() for w in model.get_weights()]


def test_set_random_seed_makes_two_runs_bit_identical() -> None:
    assert train(5) == train(5)


def test_another_seed_makes_another_run() -> None:
    assert train(5)[0] != train(6)[0]


def test_each_epoch_has_an_order_of_its_own_unless_told_otherwise() -> None:
    seen: list[Any] = []

    def orders(shuffle: Any) -> list[Any]:
        class Sees(layers.Layer):
            def call(self, x: Any) -> Any:
                seen.append(np.asarray(x)[:, 0].copy())
                return x

            def compute_output_spec(self, x: Any) -> Any:
                return cornu.KerasTensor(x.shape, x.dtype)

        cornu.utils.set_random_seed(0)
        model = cornu.Sequential([cornu.Input((4,)), Sees(), layers.Dense(1)])
        model.compile("sgd", "mse", run_eagerly=True)
        seen.clear()
        model.fit(X, Y, batch_size=40, epochs=2, shuffle=shuffle, verbose=0)
        return seen[-2:]

    a, b = orders(True)
    assert (a != b).any()
    assert sorted(a) == sorted(b) == sorted(X[:, 0])
    a, b = orders(False)
    np.testing.assert_array_equal(a, X[:, 0])
    np.testing.assert_array_equal(b, X[:, 0])


PROGRAM = """
import hashlib, cornu, numpy as np
from cornu import layers
cornu.utils.set_random_seed(1)
a, b = cornu.Input((3,), name="a"), cornu.Input((2,), name="b")
shared = layers.Concatenate()([a, layers.Dropout(0.2)(b)])
outputs = {"u": layers.Dense(1)(shared), "v": layers.Dense(2)(shared)}
model = cornu.Model({"b": b, "a": a}, outputs)
model.compile("adam", {"v": "mse", "u": "mae"}, metrics={"u": ["mse"], "v": ["mae", "mse"]})
x = {"a": np.ones((16, 3)), "b": np.ones((16, 2))}
y = {"u": np.ones((16, 1)), "v": np.ones((16, 2))}
history = model.fit(x, y, batch_size=8, epochs=2, verbose=0).history
weights = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
print([v.path for v in model.optimizer.variables], list(history), history, weights)
"""


def test_hash_seed_of_python_changes_nothing() -> None:
    found = set()
    for seed in ("0", "1", "4242"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(done.stderr)
        found.add(done.stdout)
    assert len(found) == 1
