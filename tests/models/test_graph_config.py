"""Graphs in configs: structure there and back, and graphs that don't hold together."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.errors import FileFormatError
from tests.models.recorded import comparable


def again(model: Any) -> Any:
    """Return the model made from the model's config as a file holds it."""
    return cornu.Model.from_config(json.loads(json.dumps(comparable(model.get_config()))))


def same_outputs(a: Any, b: Any, *inputs: Any) -> None:
    b.set_weights(a.get_weights())
    given = inputs[0] if len(inputs) == 1 else list(inputs)
    np.testing.assert_array_equal(ops.convert_to_numpy(a(given)), ops.convert_to_numpy(b(given)))


def test_shared_layers_keep_their_calls_apart() -> None:
    x, y = cornu.Input((3,), name="x"), cornu.Input((3,), name="y")
    shared = layers.Dense(2, name="shared")
    shared(cornu.Input((3,)))  # a call outside of the model counts neither in it nor in its file
    model = cornu.Model([x, y], ops.subtract(shared(y), shared(x)))
    config = comparable(model.get_config())
    (node,) = config["layers"][-1]["inbound_nodes"]
    assert [a["config"]["keras_history"] for a in node["args"]] == [
        ["shared", 0, 0],
        ["shared", 1, 0],
    ]
    found = again(model)
    assert comparable(found.get_config()) == config
    same_outputs(model, found, np.ones((2, 3), "float32"), np.zeros((2, 3), "float32"))


def test_layer_called_on_what_it_made_itself_is_restored() -> None:
    x = cornu.Input((3,))
    a, b = layers.Dense(3, name="a"), layers.Dense(3, name="b")
    model = cornu.Model(x, a(b(a(b(x)))))
    found = again(model)
    assert comparable(found.get_config()) == comparable(model.get_config())
    same_outputs(model, found, np.ones((2, 3), "float32"))


def test_output_of_a_model_inside_is_counted_from_one_as_keras_does() -> None:
    x = cornu.Input((3,))
    inner = cornu.Model(x, layers.Dense(2)(x), name="inner")
    outer = cornu.Input((3,))
    model = cornu.Model(outer, [inner(outer), layers.Dense(1, name="end")(inner(outer))])
    config = model.get_config()
    assert config["output_layers"] == [["inner", 1, 0], ["end", 0, 0]]
    (node,) = comparable(config)["layers"][-1]["inbound_nodes"]
    assert node["args"][0]["config"]["keras_history"] == ["inner", 1, 0]
    assert comparable(again(model).get_config()) == comparable(config)


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        (lambda x, y: [x, y], lambda a, b: a),
        (lambda x, y: {"y": y, "x": x}, lambda a, b: {"a": a, "b": [b]}),
        (lambda x, y: (x, {"y": y}), lambda a, b: (a, b)),
        (lambda x, y: [[x], [y]], lambda a, b: [a]),
    ],
)
def test_structures_of_inputs_and_outputs_are_restored(
    inputs: Callable[..., Any], outputs: Callable[..., Any]
) -> None:
    x, y = cornu.Input((3,), name="x"), cornu.Input((3,), name="y")
    model = cornu.Model(
        inputs(x, y), outputs(layers.Dense(2, name="a")(x), layers.Dense(1, name="b")(y))
    )
    found = cornu.Model.from_config(model.get_config())
    assert found.get_config()["input_layers"] == model.get_config()["input_layers"]
    assert found.get_config()["output_layers"] == model.get_config()["output_layers"]
    assert found.output_shape == model.output_shape


def test_arguments_of_calls_are_restored() -> None:
    x = cornu.Input((4, 3))
    y = layers.Dropout(0.5)(x, training=True)[:, 1:, ::-1]
    y = ops.einsum("bij,bkj->bik", y, y)[:, [2, 0, 1]] + np.eye(3, dtype="float32")
    model = cornu.Model(x, ops.split(y, 3, axis=1)[1])
    config = comparable(model.get_config())
    found = again(model)
    assert comparable(found.get_config()) == config
    assert found.layers[1]._inbound_nodes[0].kwargs == {"training": True}
    assert found.output_shape == (None, 1, 3)


def test_subclass_made_from_tensors_is_saved_by_its_graph() -> None:
    @cornu.saving.register_keras_serializable("graph_config")
    class Net(cornu.Model):
        def extra(self) -> str:
            return "mine"

    x = cornu.Input((3,))
    model = Net(x, layers.Dense(2)(x), name="net")
    saved = cornu.saving.serialize_keras_object(model)
    found = cornu.saving.deserialize_keras_object(saved)
    assert (saved["registered_name"], found.extra(), found.name) == (
        "graph_config>Net",
        "mine",
        "net",
    )
    same_outputs(model, found, np.ones((2, 3), "float32"))


def test_trainable_of_model_and_layers_is_restored_each_by_itself() -> None:
    x = cornu.Input((3,))
    model = cornu.Model(x, layers.Dense(1)(layers.Dense(2, trainable=False)(x)))
    assert [layer.trainable for layer in again(model).layers] == [True, False, True]
    model.trainable = False
    found = again(model)
    assert (found.trainable, len(found.trainable_weights)) == (False, 0)


def test_nodes_of_keras_2_are_read() -> None:
    def dense(name: str, *nodes: Any) -> dict[str, Any]:
        return {
            "class_name": "Dense",
            "config": {"name": name, "units": 3},
            "name": name,
            "inbound_nodes": list(nodes),
        }

    begin = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 3], "dtype": "float32", "name": "in"},
        "name": "in",
        "inbound_nodes": [],
    }
    join = {
        "class_name": "Add",
        "config": {"name": "join"},
        "name": "join",
        "inbound_nodes": [[["a", 0, 0, {}], ["b", 0, 0, {}]]],
    }
    config = {
        "name": "old",
        "layers": [begin, dense("a", [["in", 0, 0, {}]]), dense("b", [["a", 0, 0]]), join],
        "input_layers": [["in", 0, 0]],
        "output_layers": [["join", 0, 0]],
    }
    model = cornu.Model.from_config(config)
    assert [layer.name for layer in model.layers] == ["in", "a", "b", "join"]
    assert model.count_params() == 24


# What a file may say to break the graph: a change of the config, and what the error names.


def _cycle(c: Any) -> None:
    history(c, 1)[0] = "second"


def _itself(c: Any) -> None:
    history(c, 1)[0] = "first"


def _name_twice(c: Any) -> None:
    c["layers"][2]["name"] = c["layers"][2]["config"]["name"] = "first"


def history(config: Any, layer: int) -> Any:
    return config["layers"][layer]["inbound_nodes"][0]["args"][0]["config"]["keras_history"]


def _set(path: str, value: Any) -> Callable[[Any], None]:
    def change(config: Any) -> None:
        *parents, last = path.split("/")
        for part in parents:
            config = config[int(part) if part.isdigit() else part]
        config[int(last) if last.isdigit() else last] = value

    return change


NODE = "layers/1/inbound_nodes/0"
BROKEN: dict[str, tuple[Callable[[Any], None], str]] = {
    "cycle": (_cycle, "cycle or a gap"),
    "layer on itself": (_itself, "cycle or a gap"),
    "missing layer": (lambda c: history(c, 2).__setitem__(0, "nowhere"), "no layer 'nowhere'"),
    "missing call": (lambda c: history(c, 2).__setitem__(1, 7), "cycle or a gap"),
    "negative call": (lambda c: history(c, 2).__setitem__(1, -1), "named by a layer"),
    "missing output": (lambda c: history(c, 2).__setitem__(2, 4), "output 4 of 'first'"),
    "layer named twice": (_name_twice, "two of its layers have the name 'first'"),
    "other name inside": (_set("layers/2/config/name", "other"), "calls itself 'other'"),
    "layers no list": (_set("layers", {"a": 1}), "`layers` must be a list"),
    "layer no dictionary": (_set("layers/1", "Dense"), "must be a dictionary"),
    "name no string": (_set("layers/1/name", 3), "must have a name"),
    "nodes no list": (_set("layers/1/inbound_nodes", 5), "`inbound_nodes` must be a list"),
    "node a number": (_set(NODE, 5), "must be a dictionary"),
    "args a string": (_set(f"{NODE}/args", "abc"), "`args`"),
    "kwargs a list": (_set(f"{NODE}/kwargs", [1]), "`kwargs`"),
    "unknown argument": (_set(f"{NODE}/kwargs", {"nonsense": 1}), "nonsense"),
    "too many arguments": (_set(f"{NODE}/args", [1, 2, 3, 4, 5, 6, 7]), "can't be called"),
    "input missing": (_set("input_layers", ["gone", 0, 0]), "no layer 'gone'"),
    "input no list": (_set("input_layers", 3), "must be lists or dictionaries"),
    "output call missing": (_set("output_layers", ["second", 3, 0]), "call 3 of 'second'"),
    "output number a string": (_set("output_layers", ["second", "0", 0]), "named by a layer"),
    "a loss as layer": (
        _set("layers/1", {
            "module": "keras.losses", "class_name": "MeanSquaredError", "name": "first",
            "config": {"name": "first"}, "registered_name": None, "inbound_nodes": [],
        }),
        "no layer and no op",
    ),
    "op without a tensor": (
        _set("layers/1", {
            "module": "keras.src.ops.numpy", "class_name": "ZerosLike", "name": "first",
            "config": {"name": "first", "dtype": None}, "registered_name": "ZerosLike",
            "inbound_nodes": [{"args": [[1, 2]], "kwargs": {}}],
        }),
        "needs a tensor of the graph",
    ),
    "op of functions": (
        _set("layers/1", {
            "module": "keras.src.ops.core", "class_name": "Scan", "name": "first",
            "config": {"name": "first"}, "registered_name": "Scan", "inbound_nodes": [],
        }),
        "`keras.src.ops.core.Scan`",
    ),
    "unknown option of an op": (
        _set("layers/1", {
            "module": "keras.src.ops.numpy", "class_name": "Sum", "name": "first",
            "config": {"name": "first", "out": "x"}, "registered_name": "Sum",
            "inbound_nodes": [],
        }),
        "no argument 'out'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_graph_is_refused(name: str) -> None:
    change, message = BROKEN[name]
    x = cornu.Input((3,), name="x")
    model = cornu.Model(x, layers.Dense(3, name="second")(layers.Dense(3, name="first")(x)))
    config = copy.deepcopy(comparable(model.get_config()))
    change(config)
    saved = {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }
    with pytest.raises(FileFormatError) as caught:
        cornu.saving.deserialize_keras_object(saved)
    assert message in str(caught.value)
