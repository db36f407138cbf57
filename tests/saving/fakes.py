"""A tiny library that keeps Keras' protocols, so that files can be tested without layers.

Its classes stand for built-in ones: the resolver knows them under `keras.layers` and the like.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.saving.serialization import deserialize_keras_object, serialize_keras_object


class Variable:
    def __init__(self, value: Any, name: str = "v") -> None:
        self.array = np.array(value)
        self.name = name

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def numpy(self) -> np.ndarray[Any, Any]:
        return self.array.copy()

    def assign(self, value: Any) -> None:
        value = np.asarray(value)
        if value.shape != self.array.shape:
            raise ValueError(f"shape {value.shape} isn't {self.array.shape}")
        self.array = value.astype(self.array.dtype)


class Part:
    """What layers, optimizers and models have in common here."""

    _cornu_module = "keras.layers"
    kind = "Layer"

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self._variables: list[Variable] = []
        self.built = True

    def _obj_type(self) -> str:
        return self.kind

    def save_own_variables(self, store: dict[str, Any]) -> None:
        for index, variable in enumerate(self._variables):
            store[str(index)] = variable

    def load_own_variables(self, store: Any) -> None:
        if len(store) != len(self._variables):
            raise ValueError(f"{len(self._variables)} variables, {len(store)} arrays")
        for index, variable in enumerate(self._variables):
            variable.assign(store[str(index)])

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Part:
        return cls(**config)


# As for cornu's own classes, what they expect is compared with a file before anything is read.
Part.load_own_variables.__module__ = "cornu.fakes"


class Dense(Part):
    _cornu_module = "keras.layers"

    def __init__(self, units: int, inputs: int = 3, name: str | None = None) -> None:
        super().__init__(name)
        self.units, self.inputs = units, inputs
        kernel = np.arange(inputs * units, dtype="float32").reshape(inputs, units)
        self._variables = [Variable(kernel, "kernel"), Variable(np.zeros(units, "float32"), "bias")]

    def get_config(self) -> dict[str, Any]:
        return {"units": self.units, "inputs": self.inputs, "name": self.name}


class Lookup(Part):
    """A layer with a file of its own beside its variables."""

    _cornu_module = "keras.layers"

    def __init__(self, words: list[str] | None = None, name: str | None = None) -> None:
        super().__init__(name)
        self.words = list(words or [])

    def save_assets(self, folder: str) -> None:
        with open(f"{folder}/vocabulary.txt", "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write("\n".join(self.words))

    def load_assets(self, folder: str) -> None:
        with open(f"{folder}/vocabulary.txt", encoding="utf-8") as file:  # noqa: PTH123
            self.words = file.read().split("\n")


class Adam(Part):
    _cornu_module = "keras.optimizers"
    kind = "Optimizer"

    def __init__(self, learning_rate: float = 0.1, name: str = "adam") -> None:
        super().__init__(name)
        self.learning_rate = learning_rate

    def build(self, variables: list[Variable]) -> None:
        self._variables = [Variable(np.int64(0), "iteration")]
        self._variables += [Variable(np.zeros(v.shape, "float32"), "m") for v in variables]

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "name": self.name}


class Sequential(Part):
    _cornu_module = "keras"
    kind = "Sequential"

    def __init__(self, layers: list[Part], name: str | None = None) -> None:
        super().__init__(name)
        self.layers = layers
        self.optimizer: Adam | None = None

    def compile(self, optimizer: Adam) -> None:
        self.optimizer = optimizer
        optimizer.build([v for layer in self.layers for v in layer._variables])

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "layers": [serialize_keras_object(x) for x in self.layers]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Sequential:
        return cls(deserialize_keras_object(config["layers"]), config["name"])

    def get_compile_config(self) -> dict[str, Any] | None:
        return None if self.optimizer is None else {"optimizer": self.optimizer}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        self.compile(deserialize_keras_object(config["optimizer"]))


BUILT_IN = {
    ("layers", "Dense"): Dense,
    ("layers", "Lookup"): Lookup,
    ("optimizers", "Adam"): Adam,
    ("", "Sequential"): Sequential,
    ("models", "Sequential"): Sequential,
}


def small_model() -> Sequential:
    model = Sequential([Dense(4, name="a"), Dense(2, 4, name="b"), Lookup(["x", "y"])], "net")
    model.compile(Adam(0.5))
    return model


def all_arrays(model: Any) -> list[Any]:
    parts = [*model.layers, *([model.optimizer] if model.optimizer else [])]
    return [variable.array.tolist() for part in parts for variable in part._variables]


def fill(model: Any, start: float = 1.0) -> Any:
    """Give every variable other values, so that a load that does nothing shows."""
    for part in [*model.layers, *([model.optimizer] if model.optimizer else [])]:
        for variable in part._variables:
            variable.array = np.full(variable.shape, start, variable.dtype)
            start += 1
    return model
