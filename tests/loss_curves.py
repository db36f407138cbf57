"""Fifty steps of three models from one seed: a program, because a process has one backend.

`python -m tests.loss_curves BACKEND` prints, as JSON and for each model, a checksum of the initial
weights, one of the batches in their order, and the loss of every step.
`python -m tests.loss_curves --record` runs it on every backend whose library is installed and
writes `tests/loss_curves.json`.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["BACKENDS", "MODELS", "RECORDED", "run_on"]

BACKENDS = ("numpy", "torch", "jax")
MODELS = ("mlp", "convnet", "lstm")
RECORDED = Path(__file__).with_suffix(".json")
STEPS, BATCH = 50, 16


def mlp(keras: Any) -> tuple[Any, tuple[int, ...]]:
    """Two dense layers with dropout."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((20,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(4, activation="softmax"),
        ]
    ), (20,)


def convnet(keras: Any) -> tuple[Any, tuple[int, ...]]:
    """A convolution, its statistics, a pooling."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((10, 10, 2)),
            layers.Conv2D(8, 3, padding="same"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    ), (10, 10, 2)


def lstm(keras: Any) -> tuple[Any, tuple[int, ...]]:
    """A recurrent layer over twelve steps."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((12, 5)), layers.LSTM(16), layers.Dense(4, activation="softmax")]
    ), (12, 5)


def curve(build: Callable[[Any], tuple[Any, tuple[int, ...]]]) -> dict[str, Any]:
    """Train a model from its seed; return checksums and losses."""
    import cornu as keras

    keras.utils.set_random_seed(1234)
    model, shape = build(keras)
    weights = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
    random = np.random.default_rng(5)
    x = random.standard_normal((STEPS * BATCH, *shape)).astype("float32")
    flat = x.reshape(len(x), -1)
    y = (flat @ random.standard_normal((flat.shape[1], 4))).argmax(-1).astype("int32")
    losses: list[float] = []

    class Keep(keras.callbacks.Callback):  # type: ignore[misc]
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            losses.append(float(logs["loss"]))
            self.model.reset_metrics()  # else it is the mean so far

    optimizer = {"mlp": "adam", "convnet": "sgd", "lstm": "rmsprop"}[build.__name__]
    model.compile(optimizer, "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0, callbacks=[Keep()])
    order = keras.random.shuffle(np.arange(50, dtype="int32"), seed=3)
    numbers = np.asarray(keras.ops.convert_to_numpy(order))
    return {
        "weights": weights,
        "shuffled": hashlib.sha256(numbers.tobytes()).hexdigest(),
        "losses": losses,
    }


def run_on(backend: str) -> dict[str, Any]:
    """Return the curves of a backend, in a process of its own."""
    root = Path(__file__).parent.parent
    path = os.pathsep.join([str(root), *sys.path])  # the package that is being tested
    environment = {k: v for k, v in os.environ.items() if k != "JAX_ENABLE_X64"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.loss_curves", backend],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**environment, "PYTHONPATH": path, "CORNU_BACKEND": backend},
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the curves, or record them all."""
    if sys.argv[1] == "--record":
        recorded = {backend: run_on(backend) for backend in BACKENDS}
        RECORDED.write_text(f"{json.dumps(recorded, indent=1)}\n")
    else:
        print(json.dumps({b.__name__: curve(b) for b in (mlp, convnet, lstm)}))


if __name__ == "__main__":
    main()
