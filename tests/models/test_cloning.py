"""`clone_model`, `to_json` and `model_from_json`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.models import clone_model, model_from_json
from tests.models.recorded import comparable


def graph() -> Any:
    a, b = cornu.Input((3,), name="a"), cornu.Input((3,), name="b")
    tower = cornu.Sequential([cornu.Input((3,)), layers.Dense(4, name="deep")], name="tower")
    shared = layers.Dense(2, name="shared")
    y = ops.relu(shared(tower(a)) - 2.0 * shared(tower(b)))
    model = cornu.Model({"a": a, "b": b}, [y, layers.Dense(1, name="end")(y)], name="graph")
    model.compile("sgd", ["mse", "mae"])
    return model


def stack() -> Any:
    model = cornu.Sequential(
        [cornu.Input((3,), name="begin"), layers.Dense(4), layers.Dropout(0.5), layers.Dense(1)]
    )
    model.compile("adam", "mse", metrics=["mae"])
    return model


@pytest.mark.parametrize("make", [graph, stack])
@pytest.mark.parametrize("recursive", [False, True])
def test_clone_has_the_same_config_and_other_weights(make: Any, recursive: bool) -> None:
    model = make()
    found = clone_model(model, recursive=recursive)
    assert comparable(cornu.saving.serialize_keras_object(found)) == comparable(
        cornu.saving.serialize_keras_object(model)
    )
    assert not {id(v) for v in found.variables} & {id(v) for v in model.variables}
    assert not {id(v) for v in found.layers} & {id(v) for v in model.layers}
    found.set_weights(model.get_weights())
    x = np.ones((2, 3), "float32")
    given = {"a": x, "b": x * 3} if make is graph else x
    for p, q in zip(
        cornu.tree.flatten(model.predict(given, verbose=0)),
        cornu.tree.flatten(found.predict(given, verbose=0)),
        strict=True,
    ):
        np.testing.assert_array_equal(p, q)


def test_clone_function_gets_each_layer_once_but_neither_inputs_nor_ops() -> None:
    seen: list[str] = []

    def function(layer: Any) -> Any:
        seen.append(layer.name)
        config = layer.get_config()
        return type(layer).from_config({**config, "name": f"new_{layer.name}"})

    found = clone_model(graph(), clone_function=function)
    assert seen == ["tower", "shared", "end"]
    assert found.get_layer("new_shared").count_params() == 10
    seen.clear()
    clone_model(graph(), clone_function=function, recursive=True)
    assert seen == ["deep", "shared", "end"]


def test_call_function_may_put_layers_in_between() -> None:
    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        y = layer(*args, **kwargs)
        return layers.Dropout(0.5, name=f"drop_{layer.name}")(y) if layer.name == "end" else y

    found = clone_model(graph(), clone_function=lambda layer: layer, call_function=call)
    assert found.layers[-1].name == "drop_end"
    with pytest.raises(ValueError, match="`call_function` is for models made from tensors"):
        clone_model(stack(), call_function=call)


def test_clone_begins_at_the_tensors_given() -> None:
    a, b = cornu.Input((3,), name="p"), cornu.Input((3,), name="q")
    found = clone_model(graph(), input_tensors={"a": a, "b": b})
    assert found.input["a"] is a
    with pytest.raises(ValueError, match="structure"):
        clone_model(graph(), input_tensors=[a, b])
    begin = cornu.Input((3,), name="other")
    assert clone_model(stack(), input_tensors=begin).inputs[0] is begin


def test_subclass_is_cloned_by_its_config() -> None:
    class Net(cornu.Model):
        def __init__(self, units: int = 3, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.units = units
            self.dense = layers.Dense(units)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": self.units}

    found = clone_model(Net(units=5))
    assert (type(found), found.units) == (Net, 5)
    with pytest.raises(ValueError, match="Sequentials and models made from tensors"):
        clone_model(Net(), clone_function=lambda layer: layer)


@pytest.mark.parametrize("make", [graph, stack])
def test_json_holds_all_but_the_weights(make: Any) -> None:
    model = make()
    found = model_from_json(model.to_json())
    assert found.to_json() == model.to_json()
    assert found.compiled


def test_json_with_a_key_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="appears twice"):
        model_from_json('{"class_name": "Sequential", "class_name": "Model", "config": {}}')
