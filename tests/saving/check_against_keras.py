"""Run cornu's files on real Keras' own objects: both sides must read and write the same.

Real Keras' layers keep the same protocols, so `cornu.saving` can save and load them as they are.
Needs keras 3.15.1 with a backend: `KERAS_BACKEND=jax python -m tests.saving.check_against_keras`.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras.src import api_export
from keras.src.ops import numpy as keras_ops_numpy

from cornu.saving import registry
from cornu.saving.model_file import load_model, save_model
from cornu.saving.weights import load_weights, save_weights

FOLDER = Path(tempfile.mkdtemp())


def resolver(namespace: str, name: str) -> Any:
    if (namespace, name) == ("models", "Functional"):
        return keras.src.models.functional.Functional
    if namespace == "operations":
        return getattr(keras_ops_numpy, name, None)
    return api_export.get_symbol_from_name(".".join(filter(None, ("keras", namespace, name))))


def namer(obj: Any) -> tuple[str, str] | None:
    name = api_export.get_name_from_symbol(obj)
    if name is not None:
        module, _, last = name.rpartition(".")
        return module, last
    if getattr(obj, "__module__", "").startswith("keras.src."):
        return obj.__module__, obj.__name__
    return None


@keras.saving.register_keras_serializable("check")
class Block(keras.layers.Layer):
    """A user's layer with layers in attributes, lists and a dictionary."""

    def __init__(self, units: int = 3, **rest: Any) -> None:
        super().__init__(**rest)
        self.units = units
        self.last = keras.layers.Dense(units)
        self._hidden = keras.layers.Dense(units)
        self.many = [keras.layers.Dense(units), [keras.layers.LayerNormalization()]]
        self.named = {"b": keras.layers.Dense(units), "a": keras.layers.PReLU()}
        self.alias = self.last

    def _parts(self) -> list[Any]:
        return [self.last, self._hidden, self.many[0], self.many[1][0], *self.named.values()]

    def build(self, shape: Any) -> None:
        for layer in self._parts():
            layer.build(shape)
            shape = layer.compute_output_shape(shape)

    def call(self, x: Any) -> Any:
        for layer in self._parts():
            x = layer(x)
        return x

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


registry.register_keras_serializable("check")(Block)


def mlp() -> Any:
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(5, "relu"), keras.layers.Dropout(0.5), Block()]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    model.fit(np.ones((8, 4)), np.ones((8, 3)), verbose=0)
    return model


def functional() -> Any:
    a, b = keras.Input((4,)), keras.Input((4,), name="b")
    shared = keras.layers.Dense(3, kernel_regularizer="l2")
    x = keras.ops.sum(shared(a) * shared(b) + 2.0, axis=-1, keepdims=True)
    x = keras.layers.BatchNormalization()(keras.layers.Concatenate()([x, a]))
    model = keras.Model([a, b], x)
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "mse")
    model.fit([np.ones((8, 4))] * 2, np.ones((8, 5)), verbose=0)
    return model


def recurrent() -> Any:
    lstm = keras.layers.LSTM(3, return_sequences=True)
    model = keras.Sequential(
        [
            keras.Input((5,), dtype="int32"),
            keras.layers.Embedding(10, 4, mask_zero=True),
            keras.layers.Bidirectional(lstm),
            keras.layers.GRU(2),
        ]
    )
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.RMSprop(schedule)), "mse")
    model.fit(np.ones((8, 5), "int32"), np.ones((8, 2)), verbose=0)
    return model


def mixed() -> Any:
    inputs = keras.Input((6, 6, 1))
    x = keras.layers.Conv2D(2, 3, dtype="mixed_bfloat16")(inputs)
    x = keras.layers.SeparableConv2D(2, 3, dtype="bfloat16")(x)
    inner = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, dtype="float16")])
    return keras.Model(inputs, inner(x))


MODELS: list[Callable[[], Any]] = [mlp, functional, recurrent, mixed]


def datasets(file: Path) -> dict[str, tuple[Any, str]]:
    found = {}
    with h5py.File(file) as opened:
        opened.visititems(
            lambda name, item: found.update(
                {name: (item[()].tolist(), str(item.dtype))}
                if isinstance(item, h5py.Dataset)
                else {}
            )
        )
    return found


def without_numbers(config: Any) -> Any:
    if isinstance(config, dict):
        return {k: without_numbers(v) for k, v in config.items() if k != "shared_object_id"}
    return [without_numbers(item) for item in config] if isinstance(config, list) else config


def check(make: Callable[[], Any]) -> None:
    name = make.__name__
    model = make()
    ours, theirs = FOLDER / f"{name}-ours.weights.h5", FOLDER / f"{name}-theirs.weights.h5"
    save_weights(model, ours)
    model.save_weights(theirs)
    assert datasets(ours) == datasets(theirs), "weights differ"

    for path, load in ((ours, lambda m, p: m.load_weights(p)), (theirs, load_weights)):
        other = make()
        for variable in other.variables:
            if "seed" not in variable.path:
                variable.assign(np.zeros(variable.shape, variable.dtype))
        load(other, path)
        ours_now, expected = FOLDER / "again.weights.h5", datasets(theirs)
        other.save_weights(ours_now)
        assert datasets(ours_now) == expected, "loaded weights differ"

    ours, theirs = FOLDER / f"{name}-ours.keras", FOLDER / f"{name}-theirs.keras"
    save_model(model, ours)
    model.save(theirs)
    with zipfile.ZipFile(ours) as a, zipfile.ZipFile(theirs) as b:
        config_a, config_b = (json.loads(z.read("config.json")) for z in (a, b))
        assert without_numbers(config_a) == without_numbers(config_b), "configs differ"
        assert set(a.namelist()) == set(b.namelist())
    for loaded in (keras.saving.load_model(ours), load_model(theirs), load_model(ours)):
        again = FOLDER / "again.weights.h5"
        loaded.save_weights(again)
        assert datasets(again) == datasets(FOLDER / f"{name}-theirs.weights.h5"), "models differ"
        assert without_numbers(json.loads(loaded.to_json())) == without_numbers(
            json.loads(model.to_json())
        )
    print(f"{name}: the same both ways")


def main() -> None:
    if keras.__version__ != "3.15.1":
        sys.exit(f"needs keras 3.15.1, this is {keras.__version__}")
    registry.set_resolver(resolver)
    registry.set_namer(namer)
    warnings.simplefilter("error", UserWarning)
    for make in MODELS:
        check(make)
    buffer = io.BytesIO()
    save_model(mlp(), buffer)
    buffer.seek(0)
    load_model(buffer)


if __name__ == "__main__":
    main()
