"""Layers as users write and call them: names, tracking, masks, `training`, conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from tests.marks import array_values, own_words

X = np.ones((2, 3), "float32")


@pytest.fixture(autouse=True)
def fresh_names() -> None:
    cornu.utils.clear_session(free_memory=False)


# Shapes that are not known


def test_arithmetic_and_loops_over_unknown_sizes_find_the_shape() -> None:
    class Uses(layers.Layer):
        def call(self, x: Any) -> Any:
            doubled = ops.reshape(x, (-1, x.shape[1] * 2, 2))
            total = sum(doubled[:, i] for i in range(doubled.shape[1]))
            return total if x.shape[1] > 3 else total * 2

    x = cornu.Input((None, 4))
    y = Uses()(x)
    assert y.shape == (None, 2)
    model = cornu.Model(x, y)
    for n in (1, 5):
        data = np.random.default_rng(0).standard_normal((3, n, 4)).astype("float32")
        expected = data.reshape(3, -1, 2).sum(1) * (1 if n > 3 else 2)
        np.testing.assert_allclose(model.predict(data, verbose=0), expected, rtol=1e-4, atol=1e-5)


def test_sizes_are_plain_numbers_in_a_step() -> None:
    seen: list[Any] = []

    class Looks(layers.Layer):
        def call(self, x: Any) -> Any:
            seen.append(x.shape)
            return x

    x = cornu.Input((None, 2))
    model = cornu.Model(x, Looks()(x))
    seen.clear()
    model.predict(np.ones((4, 5, 2)), verbose=0)
    assert seen == [(4, 5, 2)]


# Values are not written in place


@own_words
@array_values
def test_writing_into_an_input_raises_and_shows_the_way() -> None:
    class Writes(layers.Layer):
        def call(self, x: Any) -> Any:
            x[:, 0] = 0.0
            return x

    source = X.copy()
    for run in (lambda: Writes()(source), lambda: cornu.jit(lambda x: Writes()(x))(source)):
        with pytest.raises((TypeError, ValueError), match="slice_update"):
            run()
    np.testing.assert_array_equal(source, X)


def test_in_place_operators_bind_a_new_value() -> None:
    class Adds(layers.Layer):
        def call(self, x: Any) -> Any:
            x += 1.0
            x *= 3.0
            return x

    source = X.copy()
    np.testing.assert_array_equal(np.asarray(Adds()(source)), X * 0 + 6)
    np.testing.assert_array_equal(source, X)
    np.array(Adds()(source))[0] = 5.0  # a copy is the user's own


# Masks


def test_only_layers_set_masks_and_any_op_drops_them() -> None:
    x = np.array([[1, 0], [2, 3]], "int32")
    y = layers.Embedding(4, 2, mask_zero=True)(x)
    np.testing.assert_array_equal(np.asarray(y._keras_mask), x != 0)
    assert getattr(y * 2.0, "_keras_mask", None) is None
    kept = layers.Dropout(0.5)(y)
    np.testing.assert_array_equal(np.asarray(kept._keras_mask), x != 0)
    assert not hasattr(x, "_keras_mask")


def test_layer_that_returns_its_input_leaves_the_users_array_without_a_mask() -> None:
    class Same(layers.Layer):
        supports_masking = True

        def call(self, x: Any) -> Any:
            return x

        def compute_mask(self, inputs: Any, previous: Any = None) -> Any:
            return ops.ones(ops.shape(inputs)[:1], "bool")

    source = X.copy()
    assert Same()(source)._keras_mask is not None
    assert not hasattr(source, "_keras_mask")


# `training`


def test_training_recorded_in_a_graph_wins_over_the_models() -> None:
    x = cornu.Input((64,))
    model = cornu.Model(x, layers.Dropout(0.5, seed=1)(x, training=True))
    assert (model.predict(np.ones((1, 64)), verbose=0) == 0).any()  # Monte Carlo dropout
    off = cornu.Model(x, layers.Dropout(0.5)(x, training=False))
    assert (np.asarray(off(np.ones((1, 64)), training=True)) == 1).all()


def test_training_goes_to_inner_layers_unless_they_are_told_otherwise() -> None:
    seen: list[Any] = []

    class Inner(layers.Layer):
        def call(self, x: Any, training: Any = None) -> Any:
            seen.append(training)
            return x

    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Inner()

        def call(self, x: Any, training: bool = False) -> Any:
            return self.inner(self.inner(x), training=False)

    outer = Outer()
    outer(X, training=True)
    assert seen == [True, False]
    seen.clear()
    outer(X)
    assert seen == [False, False]


def test_fit_trains_evaluate_and_predict_do_not() -> None:
    seen: list[Any] = []

    class Notes(layers.Layer):
        def call(self, x: Any, training: Any = None) -> Any:
            seen.append(training)
            return x

    model = cornu.Sequential([cornu.Input((3,)), Notes(), layers.Dense(1)])
    model.compile("sgd", "mse")
    for run, expected in (
        (lambda: model.fit(X, np.ones((2, 1)), verbose=0), True),
        (lambda: model.evaluate(X, np.ones((2, 1)), verbose=0), False),
        (lambda: model.predict(X, verbose=0), False),
    ):
        seen.clear()
        run()
        assert set(seen) == {expected}


# Names and paths


def test_paths_of_variables_are_those_of_keras() -> None:
    class Inner(layers.Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.dense = layers.Dense(2)

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight((shape[-1],), name="scale")
            self.dense.build(shape)

        def call(self, x: Any) -> Any:
            return self.dense(x * self.scale)

    layer = Inner(name="outer")
    layer(X)
    assert [v.path for v in layer.variables] == [
        "outer/scale",
        "outer/dense/kernel",
        "outer/dense/bias",
    ]
    optimizer = cornu.optimizers.Adam()
    optimizer.build(layer.trainable_variables)
    assert optimizer.variables[2].path == "adam/outer_scale_momentum"


def test_names_count_by_class_and_begin_anew_with_a_session() -> None:
    assert [layers.Dense(1).name for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    assert layers.Conv2D(1, 1).name == "conv2d"
    cornu.utils.clear_session()
    assert layers.Dense(1).name == "dense"


# Tracking


def test_weights_follow_the_order_of_assignment_depth_first() -> None:
    class Nest(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.z = layers.Dense(1, name="z")
            self.a = layers.Dense(1, name="a")
            self.more = {"k": [layers.Dense(1, name="k")], "j": (layers.Dense(1, name="j"),)}
            self.also = self.z

        def build(self, shape: Any) -> None:
            self.own = self.add_weight((1,), name="own")
            for layer in (self.a, self.z, self.more["k"][0], self.more["j"][0]):
                layer.build(shape)

        def call(self, x: Any) -> Any:
            return x

    nest = Nest()
    nest(X)
    names = [v.path.split("/")[-2] for v in nest.weights[1:]]
    assert nest.weights[0].path.endswith("own")
    assert names == ["z", "z", "a", "a", "k", "k", "j", "j"]


def test_containers_track_what_is_added_and_forget_what_is_taken_out() -> None:
    layer = layers.Layer()
    layer.blocks = []
    first, second = layers.Dense(1), layers.Dense(1)
    layer.blocks.append(first)
    layer.blocks += [second]
    layer.table = {}
    layer.table["x"] = third = layers.Dense(1)
    inside = lambda: list(layer._flatten_layers(include_self=False))  # noqa: E731
    assert inside() == [first, second, third]
    layer.blocks.pop(0)
    del layer.table["x"]
    assert inside() == [second]


def test_weights_after_build_are_refused() -> None:
    dense = layers.Dense(1)
    dense.build((None, 3))
    with pytest.raises(RuntimeError, match="built"):
        dense.add_weight((1,))


def test_layers_of_a_model_cannot_be_replaced() -> None:
    class Model(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [layers.Dense(1)]

    with pytest.raises(AttributeError, match="layers"):
        Model()


def test_variables_hash_by_identity() -> None:
    a, b = cornu.Variable(1.0), cornu.Variable(1.0)
    assert len({a, b, a}) == 2


def test_forgotten_super_init_is_named() -> None:
    class Forgets(layers.Layer):
        def __init__(self) -> None:
            self.units = 3

        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(RuntimeError, match=r"Forgets.*super\(\).__init__\(\)"):
        Forgets()(X)


# Calling conventions


def test_lists_of_numbers_are_refused_as_inputs() -> None:
    with pytest.raises(ValueError, match="only arrays"):
        layers.Dense(1)([[1.0, 2.0]])


def test_plain_arrays_are_inputs_but_no_tensors() -> None:
    assert float(layers.Dense(2, kernel_initializer="ones")(X)[0, 0]) == 3.0
    assert not ops.is_tensor(X)
    assert ops.is_tensor(ops.ones(1))


def test_build_gets_a_shape_for_each_array_argument() -> None:
    seen: dict[str, Any] = {}

    class Two(layers.Layer):
        def build(self, a_shape: Any, b_shape: Any) -> None:
            seen.update(a=a_shape, b=b_shape)

        def call(self, a: Any, b: Any, scale: float = 1.0) -> Any:
            return ops.matmul(a, b) * scale

    y = Two()(X, b=np.ones((3, 5), "float32"), scale=2.0)
    assert seen == {"a": (2, 3), "b": (3, 5)}
    assert float(y[0, 0]) == 6.0


def test_each_array_argument_gets_its_own_mask() -> None:
    seen: dict[str, Any] = {}

    class Two(layers.Layer):
        def call(self, a: Any, b: Any, a_mask: Any = None, b_mask: Any = None) -> Any:
            seen.update(a=a_mask, b=b_mask)
            return a

    x = np.array([[1, 0]], "int32")
    embed = layers.Embedding(3, 2, mask_zero=True)
    Two()(np.ones((1, 2), "float32"), embed(x))
    assert seen["a"] is None
    np.testing.assert_array_equal(np.asarray(seen["b"]), x != 0)


def test_wrong_rank_names_layer_and_shapes() -> None:
    with pytest.raises(ValueError, match=r"(?s)conv2d.*\b3\b") as info:
        layers.Conv2D(1, 1)(np.ones((2, 3, 4), "float32"))
    assert "(2, 3, 4)" in str(info.value) or "[2, 3, 4]" in str(info.value)


def test_unknown_argument_shows_the_signature() -> None:
    with pytest.raises((ValueError, TypeError), match="nonsense"):
        layers.Dense(1)(X, nonsense=1)


def test_nested_inputs_and_outputs_keep_their_structure() -> None:
    class Nested(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return {"sum": inputs["b"][0] + inputs["a"], "rest": [inputs["b"][1]]}

    data = {"b": [X, X * 2], "a": X * 3}
    y = Nested()(data)
    assert float(y["sum"][0, 0]) == 4.0
    symbolic = {"b": [cornu.Input((3,)), cornu.Input((3,))], "a": cornu.Input((3,))}
    model = cornu.Model(symbolic, Nested()(symbolic))
    found = model.predict(data, verbose=0)
    assert found["sum"][0, 0] == 4.0
    assert found["rest"][0][0, 0] == 2.0
