"""A model that only has what callbacks ask of one, and writes down what they do to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np


class Metric:
    def __init__(self, name: str, direction: str | None) -> None:
        self.name = name
        if direction is not None:
            self._direction = direction


class Variable:
    """An array under `assign`, as optimizers keep them."""

    def __init__(self, value: Any) -> None:
        self.value = np.array(value, "float32")

    def assign(self, value: Any) -> None:
        self.value = np.array(value, "float32")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.value


class FakeModel:
    """Weights are one number, the epoch: so it shows which epoch's weights were restored."""

    def __init__(self, learning_rate: float = 1.0, metrics: list[Metric] | None = None) -> None:
        self.stop_training = False
        self.optimizer = SimpleNamespace(learning_rate=learning_rate, built=True)
        self.metrics = [SimpleNamespace(name="compile_metrics", metrics=metrics or [])]
        self.weights = 0.0
        self.saved: list[tuple[str, str]] = []
        self.built = True
        self.trainable_variables: list[Any] = []
        self.history: Any = None

    def get_weights(self) -> list[np.ndarray]:
        return [np.array(self.weights)]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = float(weights[0])

    def save(self, path: str, overwrite: bool = False) -> None:
        self.saved.append(("model", path))

    def save_weights(self, path: str, overwrite: bool = False) -> None:
        self.saved.append(("weights", path))
        with open(path, "w") as file:  # noqa: PTH123  # as a library would
            file.write(str(self.weights))

    def load_weights(self, path: str) -> None:
        with open(path) as file:  # noqa: PTH123
            self.weights = float(file.read())


def train(callback: Any, model: FakeModel, values: list[dict[str, float]]) -> list[int]:
    """Run the hooks of epochs with these logs; gives the epochs that were run."""
    callback.set_model(model)
    callback.set_params({"epochs": len(values), "steps": 1, "verbose": 0})
    callback.on_train_begin()
    ran = []
    for epoch, logs in enumerate(values):
        model.weights = float(epoch)
        ran.append(epoch)
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, dict(logs))
        if model.stop_training:
            break
    callback.on_train_end()
    return ran
