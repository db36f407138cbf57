"""Ops of a graph in files: each form that real Keras wrote is read and written again unchanged."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import cornu
from cornu import ops
from cornu.errors import CornuError
from cornu.graph.names import reset_names
from cornu.models.graph_config import graph_from_config
from cornu.ops.op import op
from cornu.symbolic.saved_ops import form_of_class
from tests.models.recorded import comparable
from tests.oracle import read

TABLE = read.table("ops")
EXAMPLES = {name: row["example"] for name, row in TABLE["ops"].items() if "example" in row}
FUNCTIONS_INSIDE = {
    "AssociativeScan", "ForiLoop", "JVP", "Map", "Scan", "Switch", "WhileLoop",
}  # fmt: skip
# Keras records these for inputs on which they fail once they run; cornu refuses them at once.
INTEGERS = {
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_not",
    "bitwise_or", "bitwise_right_shift", "bitwise_xor", "gcd", "lcm", "ldexp", "left_shift",
    "right_shift",
}  # fmt: skip
SHAPES = {"corrcoef": [[4, 4]], "tensordot": [[2, 4, 4], [4, 4, 2]]}
# Their results are no tensors of a graph: ints, or shapes that depend on data.
NO_TENSORS = {"bincount", "ndim", "nonzero", "size", "unique", "where"}
# Two names of one op in cornu, two classes in Keras.
SAME = {
    "bitwise_invert": "bitwise_not",
    "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift",
}


def example(name: str) -> dict[str, Any]:
    """Return the recorded form of an op, on inputs that it can be computed for."""
    found = copy.deepcopy(EXAMPLES[name])
    tensors = [a["config"] for a in found["node"]["args"] if isinstance(a, dict)]
    for config in tensors if name in INTEGERS else ():
        config["dtype"] = "int32"
    for config, shape in zip(tensors, SHAPES.get(name, ()), strict=False):
        config["shape"] = shape
    return found


def model_around(saved: dict[str, Any]) -> dict[str, Any]:
    """Return the config of a model that calls one op on inputs of its own."""
    inputs: dict[str, Any] = {}

    def find(x: Any) -> None:
        if isinstance(x, dict) and x.get("class_name") == "__keras_tensor__":
            inputs[x["config"]["keras_history"][0]] = x["config"]
        elif isinstance(x, dict):
            for value in x.values():
                find(value)
        elif isinstance(x, list):
            for value in x:
                find(value)

    find(saved["node"])
    layers = [
        {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "config": {"batch_shape": c["shape"], "dtype": c["dtype"], "name": name},
            "registered_name": None,
            "name": name,
            "inbound_nodes": [],
        }
        for name, c in inputs.items()
    ]
    name = saved["operation"]["config"]["name"]
    return {
        "name": "around",
        "trainable": True,
        "layers": [
            *layers,
            {**saved["operation"], "name": name, "inbound_nodes": [saved["node"]]},
        ],
        "input_layers": [[key, 0, 0] for key in inputs],
        "output_layers": [[name, 0, 0]],
    }


def in_a_graph(name: str) -> bool:
    form = form_of_class(EXAMPLES[name]["operation"]["class_name"])
    left_out = name in NO_TENSORS or name in SAME
    return form is not None and hasattr(ops, form.op) and not left_out


GRAPH_OPS = [name for name in EXAMPLES if in_a_graph(name)]


@pytest.mark.parametrize("name", GRAPH_OPS)
def test_op_is_read_and_written_as_keras_has_it(name: str) -> None:
    config = model_around(example(name))
    model = cornu.Model.from_config(config)
    written = comparable(model.get_config())
    assert written["layers"][-1] == comparable(config["layers"][-1])


@pytest.mark.parametrize("name", [n for n in GRAPH_OPS if hasattr(ops, n)])
def test_name_of_a_recorded_op_is_the_one_keras_gives(name: str) -> None:
    reset_names()
    config = model_around(example(name))
    found = graph_from_config(config)
    model = cornu.Model(found["inputs"], found["outputs"])
    node = model._cornu_function._map.nodes[-1]
    again = getattr(ops, name)(*node.args, **node.kwargs)
    while isinstance(again, (list, tuple, dict)):
        again = next(iter(again.values())) if isinstance(again, dict) else again[0]
    expected = EXAMPLES[name]["operation"]["config"]["name"]
    assert again._keras_history.operation.name == expected


@pytest.mark.parametrize("name", SAME)
def test_op_with_two_classes_is_read_from_either(name: str) -> None:
    model = cornu.Model.from_config(model_around(example(name)))
    assert model._cornu_function.operations[-1].op is getattr(ops, SAME[name])


@pytest.mark.parametrize("expression", TABLE["operators"])
def test_operator_is_saved_as_keras_saves_it(expression: str) -> None:
    reset_names()
    expected = TABLE["operators"][expression]
    config = model_around(expected)
    tensors = [
        cornu.Input(batch_shape=c["config"]["batch_shape"], dtype=c["config"]["dtype"])
        for c in config["layers"][:-1]
    ]
    names = dict(zip("xyz", tensors, strict=False))
    result = eval(expression, {"ops": ops, **names})  # the recorder's own expressions
    model = cornu.Model(tensors, result)
    found = comparable(model.get_config()["layers"][-1])
    assert {key: found[key] for key in ("module", "class_name", "config")} == {
        key: expected["operation"][key] for key in ("module", "class_name", "config")
    }
    assert found["inbound_nodes"] == comparable([expected["node"]])


def test_every_saved_class_of_keras_is_in_the_table() -> None:
    classes = {s["class_name"] for row in TABLE["ops"].values() for s in row["saved"]}
    classes |= {e["operation"]["class_name"] for e in EXAMPLES.values()}
    assert {c for c in classes if form_of_class(c) is None} == FUNCTIONS_INSIDE


@op
def only_here(x: Any) -> Any:
    return ops.add(x, 1.0)


def test_option_of_an_op_that_is_a_tensor_is_refused() -> None:
    x, low = cornu.Input((3,)), cornu.Input((3,))
    with pytest.raises(CornuError, match="'x_min' of the op 'clip' depends on a tensor"):
        cornu.Model([x, low], ops.clip(x, low, 1.0)).get_config()


def test_op_without_a_form_is_refused_with_a_way_out() -> None:
    x = cornu.Input((3,))
    with pytest.raises(CornuError, match=r"only_here.*no form in files(.|\n)*layer of your own"):
        cornu.Model(x, only_here(x)).get_config()
