"""Models made from tensors: inputs, outputs, layers, and tensors met in closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from cornu.graph.names import reset_names


def array(*shape: int) -> np.ndarray[Any, Any]:
    return np.arange(np.prod(shape), dtype="float32").reshape(shape) / 8


def values(x: Any) -> Any:
    return cornu.tree.map_structure(ops.convert_to_numpy, x)


def two_inputs(structure: Callable[..., Any]) -> Any:
    a, b = cornu.Input((3,), name="a"), cornu.Input((3,), name="b")
    return cornu.Model(structure(a, b), a - 2.0 * b)


@pytest.mark.parametrize(
    "structure",
    [
        lambda a, b: [a, b],
        lambda a, b: (a, b),
        lambda a, b: {"b": b, "a": a},
        lambda a, b: [a, {"b": b}],
    ],
)
def test_inputs_are_taken_in_the_structure_of_the_model(structure: Callable[..., Any]) -> None:
    model, a, b = two_inputs(structure), array(2, 3), array(2, 3) + 1
    np.testing.assert_array_equal(values(model(structure(a, b))), a - 2 * b)
    np.testing.assert_array_equal(model.predict(structure(a, b), verbose=0), a - 2 * b)


def test_a_list_of_inputs_may_be_given_by_name() -> None:
    model, a, b = two_inputs(lambda a, b: [a, b]), array(2, 3), array(2, 3) + 1
    np.testing.assert_array_equal(values(model({"b": b, "a": a})), a - 2 * b)


def test_a_missing_input_is_named() -> None:
    model = two_inputs(lambda a, b: {"a": a, "b": b})
    with pytest.raises(ValueError, match="'b' is missing"):
        model({"a": array(2, 3)})
    with pytest.raises(ValueError, match="2 inputs and received 1"):
        two_inputs(lambda a, b: [a, b])([array(2, 3)])


@pytest.mark.parametrize(
    "outputs",
    [
        lambda p, q: [p, q],
        lambda p, q: (p, q),
        lambda p, q: {"second": q, "first": p},
        lambda p, q: {"all": [p, q], "one": p},
    ],
)
def test_outputs_have_the_structure_of_the_model(outputs: Callable[..., Any]) -> None:
    x = cornu.Input((3,))
    model = cornu.Model(x, outputs(x * 2.0, x + 1.0))
    given = array(2, 3)
    found, expected = values(model(given)), outputs(given * 2, given + 1)
    cornu.tree.assert_same_structure(found, expected)
    for f, e in zip(cornu.tree.flatten(found), cornu.tree.flatten(expected), strict=True):
        np.testing.assert_array_equal(f, e)


def test_names_of_outputs_are_those_of_their_layers_in_a_dict_too() -> None:
    x = cornu.Input((4,))
    p, q = layers.Dense(1, name="p")(x), layers.Dense(2, name="q")(x)
    model = cornu.Model(x, {"b": p, "a": q})
    assert model.output_names == ["q", "p"]  # in the order of the keys
    model.compile("sgd", {"a": "mse", "b": "mae"}, metrics={"b": ["mse"]})
    data = np.ones((4, 4), "float32")
    history = model.fit(data, {"a": data[:, :2], "b": data[:, :1]}, verbose=0).history
    assert set(history) == {"loss", "a_loss", "b_loss", "b_mse"}
    nested = cornu.Model(x, {"z": p, "n": [q, layers.Dense(2, name="r")(x)]})
    assert nested.output_names == ["q", "r", "p"]


def test_a_shared_layer_has_one_set_of_weights() -> None:
    a, b = cornu.Input((3,)), cornu.Input((3,))
    shared = layers.Dense(2)
    model = cornu.Model([a, b], [shared(a), shared(b)])
    assert len(model.weights) == 2
    x = array(2, 3)
    first, second = values(model([x, x]))
    np.testing.assert_array_equal(first, second)


def test_a_submodel_ends_at_any_tensor_and_shares_its_layers() -> None:
    x = cornu.Input((3,))
    hidden = layers.Dense(4, activation="relu", name="hidden")(x)
    model = cornu.Model(x, layers.Dense(2, name="out")(hidden))
    features = cornu.Model(model.input, model.get_layer("hidden").output)
    assert features.get_layer("hidden") is model.get_layer("hidden")
    given = array(2, 3)
    weights = [v.numpy() for v in model.get_layer("hidden").weights]
    np.testing.assert_allclose(
        values(features(given)), np.maximum(given @ weights[0] + weights[1], 0), rtol=1e-6
    )


def test_a_submodel_may_begin_at_a_tensor_inside() -> None:
    reset_names()
    x = cornu.Input((4,), name="x")
    hidden = layers.Dense(3, name="hidden")(x)
    outputs = layers.Dense(1, name="out")(hidden * 2.0 + 1.0)
    part = cornu.Model(hidden, outputs)
    assert [o.name for o in part._cornu_function.operations] == [
        f"{hidden.name}CLONE", "multiply", "add", "out",
    ]  # fmt: skip
    config = part.get_config()  # calls of other models don't count in its file
    assert config["output_layers"] == ["out", 0, 0]
    full, given = cornu.Model(x, outputs), array(2, 4)
    inside = cornu.Model(x, hidden)(given)
    np.testing.assert_array_equal(values(part(inside)), values(full(given)))


def test_layers_come_in_the_order_of_the_graph_and_are_found_by_name_or_index() -> None:
    a, b = cornu.Input((3,), name="a"), cornu.Input((3,), name="b")
    model = cornu.Model([a, b], layers.Add(name="sum")([layers.Dense(3, name="d")(a), b]))
    assert [layer.name for layer in model.layers] == ["a", "d", "b", "sum"]
    assert model.get_layer(index=1) is model.get_layer("d")
    with pytest.raises(ValueError, match="no layer 'e'; there are: 'a', 'd', 'b', 'sum'"):
        model.get_layer("e")
    with pytest.raises(ValueError, match="a name or an index"):
        model.get_layer()


def test_trainable_reaches_the_layers_inside_and_back() -> None:
    x = cornu.Input((3,))
    inner = cornu.Sequential([layers.Dense(2, name="deep")], name="inner")
    model = cornu.Model(x, layers.Dense(1)(inner(x)))
    inner.trainable = False
    assert len(model.trainable_weights) == 2
    assert not inner.get_layer("deep").trainable
    model.trainable = False
    assert (len(model.trainable_weights), len(model.non_trainable_weights)) == (0, 4)
    model.trainable = True
    assert len(model.trainable_weights) == 4


def test_a_graph_that_is_not_connected_names_the_tensor() -> None:
    x, y = cornu.Input((3,), name="x"), cornu.Input((3,), name="y")
    with pytest.raises(ValueError, match=r"disconnected.*'y'"):
        cornu.Model(x, layers.Add()([x, y]))


def test_two_layers_of_one_name_are_refused() -> None:
    x = cornu.Input((3,))
    y = layers.Dense(3, name="same")(layers.Dense(3, name="same")(x))
    with pytest.raises(ValueError, match="the name 'same'"):
        cornu.Model(x, y)


def test_a_tensor_without_an_input_layer_gets_one() -> None:
    x = cornu.KerasTensor((None, 3), name="loose")
    model = cornu.Model(x, x * 2.0)
    assert model.layers[0].name == "loose"
    np.testing.assert_array_equal(values(model(array(2, 3))), array(2, 3) * 2)


def test_a_layer_that_closes_over_a_tensor_of_the_model_sees_the_value_of_the_run() -> None:
    x = cornu.Input((3,))
    mean = layers.Dense(3, kernel_initializer="ones", name="mean")(x)

    class Distance(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return ops.sum(ops.square(inputs - mean), axis=-1)

    model = cornu.Model(x, Distance()(x * 1.0))
    given = array(2, 3)
    expected = ((given - given.sum(-1, keepdims=True)) ** 2).sum(-1)
    np.testing.assert_allclose(values(model(given)), expected, rtol=1e-5)
    np.testing.assert_allclose(model.predict(given, verbose=0), expected, rtol=1e-5)


def test_a_loss_that_closes_over_tensors_of_the_model_can_be_trained() -> None:
    x = cornu.Input((3,))
    code = layers.Dense(2, name="code")(x)
    model = cornu.Model(x, layers.Dense(3, name="back")(code))

    def loss(y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.square(y_true - y_pred), -1) + 0.1 * ops.sum(ops.square(code), -1)

    model.compile(cornu.optimizers.SGD(0.0), loss)
    given = array(4, 3)
    found = model.fit(given, given, batch_size=4, epochs=1, verbose=0).history["loss"][0]
    encoder = cornu.Model(x, code)
    expected = np.mean((given - values(model(given))) ** 2, -1) + 0.1 * np.sum(
        values(encoder(given)) ** 2, -1
    )
    np.testing.assert_allclose(found, expected.mean(), rtol=1e-5)


def test_an_unknown_size_stays_unknown_through_the_graph() -> None:
    x = cornu.Input((None, 4))
    model = cornu.Model(x, layers.Dense(2)(ops.concatenate([x, x], axis=1)))
    assert model.output_shape == (None, None, 2)
    assert model(array(2, 5, 4)).shape == (2, 10, 2)


def test_a_recorded_training_wins_over_the_one_of_the_call() -> None:
    x = cornu.Input((100,))
    model = cornu.Model(x, layers.Dropout(0.5)(x, training=True))
    assert (values(model(np.ones((4, 100), "float32"), training=False)) == 0).any()
