"""Models with several inputs and outputs: names, orders, structures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

N = 12
A = np.random.default_rng(0).standard_normal((N, 3)).astype("float32")
B = np.random.default_rng(1).standard_normal((N, 2)).astype("float32")
P, K = A.sum(1, keepdims=True), np.arange(N) % 3


def a_model(outputs: str = "list", **options: Any) -> Any:
    cornu.utils.set_random_seed(0)
    a, b = cornu.Input((3,), name="a"), cornu.Input((2,), name="b")
    joined = layers.Concatenate()([a, b])
    price = layers.Dense(1, name="price")(joined)
    kind = layers.Dense(3, activation="softmax", name="kind")(joined)
    made = [price, kind] if outputs == "list" else {"price": price, "kind": kind}
    model = cornu.Model({"b": b, "a": a}, made)
    model.compile("sgd", **options)
    return model


LOSSES = ["mse", "sparse_categorical_crossentropy"]


def test_metrics_names_match_the_list_of_evaluate() -> None:
    model = a_model(loss=LOSSES, metrics=[["mae"], ["accuracy"]])
    x, y = {"a": A, "b": B}, [P, K]
    history = model.fit(x, y, verbose=0).history
    named = model.evaluate(x, y, verbose=0, return_dict=True)
    listed = model.evaluate(x, y, verbose=0)
    assert dict(zip(model.metrics_names, listed, strict=True)) == named
    assert model.metrics_names[:3] == ["loss", "price_loss", "kind_loss"]
    assert sorted(named) == list(history) == sorted(history)
    assert named["loss"] == pytest.approx(named["price_loss"] + named["kind_loss"], rel=1e-5)


def test_one_output_has_no_prefix_and_names_are_those_of_2017() -> None:
    model = cornu.Sequential([cornu.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mse", "mae"])
    model.fit(A, P, verbose=0)
    assert model.metrics_names == ["loss", "mse", "mae"]  # as given, not sorted
    assert [m.name for m in model.metrics] == ["loss", "compile_metrics"]


def test_dicts_go_by_name_whatever_their_order() -> None:
    kinds = {"kind": LOSSES[1], "price": LOSSES[0]}
    weights = {"price": 2.0, "kind": 0.5}
    one = a_model("dict", loss=kinds, loss_weights=weights)
    two = a_model("dict", loss=dict(reversed(kinds.items())), loss_weights=weights)
    a = one.fit({"a": A, "b": B}, {"price": P, "kind": K}, shuffle=False, verbose=0).history
    b = two.fit({"b": B, "a": A}, {"kind": K, "price": P}, shuffle=False, verbose=0).history
    assert a == b
    total = 2 * a["price_loss"][0] + 0.5 * a["kind_loss"][0]
    assert a["loss"][0] == pytest.approx(total, rel=1e-5)


def test_list_model_takes_inputs_and_targets_by_name() -> None:
    model = a_model(loss={"price": "mse", "kind": LOSSES[1]}, metrics={"price": ["mae"]})
    by_list = model.evaluate({"a": A, "b": B}, [P, K], verbose=0)
    by_name = model.evaluate({"b": B, "a": A}, {"kind": K, "price": P}, verbose=0)
    assert by_list == by_name


def test_predictions_have_the_structure_of_the_outputs() -> None:
    x = {"a": A, "b": B}
    price, kind = a_model(loss=LOSSES).predict(x, batch_size=5, verbose=0)
    assert (price.shape, kind.shape) == ((N, 1), (N, 3))
    named = a_model("dict").predict(x, batch_size=5, verbose=0)
    np.testing.assert_array_equal(named["price"], price)
    np.testing.assert_array_equal(named["kind"], kind)


@pytest.mark.filterwarnings("ignore:There are no gradients")
def test_output_without_a_loss_is_left_out() -> None:
    model = a_model(loss=["mse", None])
    history = model.fit({"a": A, "b": B}, [P, K], verbose=0).history
    assert list(history) == ["loss"]


def test_missing_input_is_named() -> None:
    model = a_model(loss=LOSSES)
    with pytest.raises(ValueError, match=r"'b'.*missing"):
        model.predict({"a": A}, verbose=0)


def test_inputs_of_a_dict_model_are_in_sorted_order() -> None:
    model = a_model(loss=LOSSES)
    assert [t.name for t in model.inputs] == ["a", "b"]
    np.testing.assert_array_equal(
        model.predict([A, B], verbose=0)[0], model.predict({"b": B, "a": A}, verbose=0)[0]
    )


def test_sample_weights_for_each_output() -> None:
    model = a_model(loss=LOSSES)
    zeros, ones = np.zeros(N, "float32"), np.ones(N, "float32")
    x, y = {"a": A, "b": B}, [P, K]
    found = model.evaluate(x, y, sample_weight=[zeros, ones], verbose=0, return_dict=True)
    assert found["price_loss"] == 0.0
    assert found["kind_loss"] > 0.0
