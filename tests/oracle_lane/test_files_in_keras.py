"""What cornu writes opens in real Keras, computes the same and trains on; and comes back."""

from __future__ import annotations

import os
import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops, tree
from cornu.graph.names import reset_names
from tests.cases import models
from tests.oracle import read
from tests.tolerances import tolerance

pytestmark = pytest.mark.oracle

SCRIPT = Path(__file__).with_name("open_files.py")


def _masked() -> tuple[Any, Any, Any]:
    x = cornu.Input((6,), dtype="int32")
    y = layers.LSTM(3)(layers.Embedding(8, 4, mask_zero=True)(x))
    return cornu.Model(x, layers.Dense(1)(y)), np.arange(48).reshape(8, 6) % 8, np.ones((8, 1))


def _ops() -> tuple[Any, Any, Any]:
    x = cornu.Input((4, 3))
    y = ops.softmax(ops.einsum("bij,bkj->bik", x, x) / 2.0, axis=-1) @ x
    y = ops.concatenate([y[:, 1:], -x[..., :1, :]], axis=1) + np.ones((4, 3), "float32")
    y = ops.where(y > 1.0, y, ops.square(y)) ** 2
    y = ops.mean(ops.split(y, 3, axis=-1)[1], axis=(1, 2), keepdims=True)
    y = layers.Dense(1)(ops.reshape(y, (-1, 1)))
    return cornu.Model(x, y), np.linspace(0, 1, 96).reshape(8, 4, 3), np.ones((8, 1))


def _towers() -> tuple[Any, Any, Any]:
    x = cornu.Input((3,))
    inner = cornu.Model(x, layers.Dense(2, kernel_regularizer="l2")(x), name="inner")
    a, b = cornu.Input((3,), name="a"), cornu.Input((3,), name="b")
    model = cornu.Model({"a": a, "b": b}, [inner(a), layers.Dense(1)(inner(b))])
    given = np.linspace(0, 1, 24).reshape(8, 3)
    return model, {"a": given, "b": given + 1}, [np.ones((8, 2)), np.ones((8, 1))]


def _mixed() -> tuple[Any, Any, Any]:
    model = cornu.Sequential(
        [
            cornu.Input((3,)),
            layers.Dense(4, dtype="mixed_bfloat16", activation="gelu"),
            layers.Dense(1, dtype="float32", bias_constraint=cornu.constraints.MaxNorm(1.0)),
        ]
    )
    return model, np.linspace(0, 1, 24).reshape(8, 3), np.ones((8, 1))


OWN: dict[str, Callable[[], tuple[Any, Any, Any]]] = {
    "own-masked": _masked, "own-ops": _ops, "own-towers": _towers, "own-mixed": _mixed,
}  # fmt: skip
# Rows that differ in how `fit` is called, not in the model, say nothing of files.
_CALLS = ("class_weight", "sample_weight", "validation", "steps_per_epoch", "weighted_metrics")
ROWS = {c.name: c for c in models.CASES if not any(call in c.name for call in _CALLS)}


def _trained(name: str) -> tuple[Any, Any, Any]:
    """Return a model that was trained a little by cornu, and its data."""
    reset_names()
    if name in OWN:
        model, x, y = OWN[name]()
        x = tree.map_structure(lambda a: a.astype("int32" if a.dtype.kind == "i" else "float32"), x)
        y = tree.map_structure(lambda a: a.astype("float32"), y)
        optimizer = cornu.optimizers.Adam(cornu.optimizers.schedules.CosineDecay(0.01, 20))
        model.compile(optimizer, "mse", metrics=None if isinstance(y, list) else ["mae"])
    else:
        recorded = read.model(ROWS[name])
        model, x, y = ROWS[name].make(cornu), recorded.x, recorded.y
    _fit(model, x, y)
    return model, x, y


def _fit(model: Any, x: Any, y: Any) -> None:
    model.fit(x, y, shuffle=False, verbose=0, batch_size=16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, keras_python: str) -> Path:
    """The files of all models, opened and used by real Keras."""
    found = tmp_path_factory.mktemp("files")
    for name in [*ROWS, *OWN]:
        model, x, y = _trained(name)
        model.save(found / f"{name}.keras")
        model.save_weights(found / f"{name}.weights.h5")
        (found / f"{name}.pickle").write_bytes(pickle.dumps({"x": x, "y": y}))
    environment = {"KERAS_BACKEND": "jax", **os.environ}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [keras_python, str(SCRIPT), str(found)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return found


@pytest.mark.parametrize("name", [*ROWS, *OWN])
def test_keras_opens_uses_and_returns_a_file(name: str, folder: Path) -> None:
    error = folder / f"{name}.error"
    assert not error.exists(), error.read_text()
    with np.load(folder / f"{name}.result.npz") as result:

        def of(key: str) -> list[Any]:
            return [result[f"{key}/{i}"] for i in range(len(result)) if f"{key}/{i}" in result]

        theirs = {key.split("/")[0]: of(key.split("/")[0]) for key in result}
    data = pickle.loads((folder / f"{name}.pickle").read_bytes())
    model, x, y = cornu.models.load_model(folder / f"{name}.keras"), data["x"], data["y"]
    rtol, atol = tolerance("training", "bfloat16" if name == "own-mixed" else "float32")
    rtol, atol = min(rtol, 0.05), min(atol, 0.05)
    ours = {
        "predictions": tree.flatten(model.predict(x, verbose=0)),
        "evaluate": tree.flatten(model.evaluate(x, y, verbose=0)),
    }
    for key in ("weights", "from_weights"):
        for a, v in zip(theirs[key], model.weights, strict=True):
            np.testing.assert_array_equal(a, v.numpy())
    for a, v in zip(theirs["optimizer"], model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, v.numpy())
    _fit(model, x, y)
    ours["after"] = [v.numpy() for v in model.weights]
    for key, found in ours.items():
        for a, b in zip(found, theirs[key], strict=True):
            np.testing.assert_allclose(a, b, rtol, atol, err_msg=key)
    back = cornu.models.load_model(folder / f"{name}.back.keras")
    for a, v in zip(theirs["after"], back.weights, strict=True):
        np.testing.assert_array_equal(a, v.numpy())
