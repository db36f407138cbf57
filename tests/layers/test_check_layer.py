"""`check_layer` finds broken layers, and says what is broken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import Layer, ops
from cornu.testing import check_layer

X = np.random.default_rng(0).standard_normal((4, 3)).astype("float32")


class Scale(Layer):
    """A layer of one's own that keeps every promise."""

    def __init__(self, power: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.power = power

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return ops.multiply(inputs, self.factor)


class ForgetsItsArguments(Scale):
    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "power": self.power + 1}


class KeepsFloat32(Scale):
    def call(self, inputs: Any) -> Any:
        return ops.cast(super().call(inputs), "float32")


class SaysAnotherShape(Scale):
    def compute_output_spec(self, inputs: Any) -> Any:
        return cornu.KerasTensor((*inputs.shape[:-1], 7), "float32")


class LosesItsWeights(Scale):
    def save_own_variables(self, store: Any) -> None:
        store["0"] = np.zeros(self.factor.shape, "float32")


class BuildsOtherwise(Scale):
    def build(self, input_shape: Any) -> None:
        size = input_shape[-1] if self._called else 2 * input_shape[-1]
        self.factor = self.add_weight(shape=(size,), initializer="ones", name="factor")


def test_a_good_layer_passes() -> None:
    check_layer(Scale, X)
    check_layer(Scale(power=3), X)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (ForgetsItsArguments, "has another one"),
        (KeepsFloat32, "returns float32 under mixed_bfloat16"),
        (SaysAnotherShape, "says .* of its outputs"),
        (LosesItsWeights, "computes something else after saving and loading"),
        (BuildsOtherwise, "makes other variables"),
    ],
)
def test_a_broken_promise_is_found(layer: type[Layer], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_layer(layer, X)


def test_it_is_found_without_importing_its_module() -> None:
    assert cornu.testing.check_layer is check_layer


def test_the_example_of_its_page_runs() -> None:
    page = (Path(__file__).parents[2] / "docs/testing.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    exec(compile(program, "docs/testing.md", "exec"), {"__name__": "example"})
