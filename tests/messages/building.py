"""Layers and models that are put together or used in the wrong order."""

from __future__ import annotations

from typing import Any

import cornu
from cornu import layers
from cornu.errors import ArgumentError, ShapeError, StateError
from tests.messages.case import fit, floats, message, small_model


@message(StateError, RuntimeError)
def parameters_of_a_layer_that_is_not_built() -> None:
    """
    dense.count_params: the layer isn't built yet, so its weights don't exist.
    Call it on data or `build(input_shape)` first.
    """
    layers.Dense(3).count_params()


@message(StateError, RuntimeError)
def parameters_of_a_model_that_is_not_built() -> None:
    """
    sequential.count_params: the layer isn't built yet, so its weights don't exist.
    Call it on data or `build(input_shape)` first.
    """
    cornu.Sequential([layers.Dense(3)]).count_params()


@message(None, AttributeError)
def output_of_a_layer_that_was_never_called() -> None:
    """
    The Dense 'dense' has never been called on a KerasTensor, so it has no output.
    """
    layers.Dense(3).output


@message(ArgumentError, ValueError)
def fit_before_compile() -> None:
    """
    fit: the model must be compiled before.
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    """
    fit(cornu.Sequential([layers.Dense(3)]))


@message(ArgumentError, ValueError)
def fit_without_a_loss() -> None:
    """
    fit: there is no loss to minimise.
    Give `compile` a loss, or call `add_loss` in a layer.
    """
    model = cornu.Sequential([layers.Dense(3)])
    model.compile("sgd")
    fit(model)


@message(ArgumentError, ValueError)
def slash_in_a_name() -> None:
    """
    Dense: a name must be a string without '/', which stands between the names of a path.
      name  'encoder/dense'
    """
    layers.Dense(3, name="encoder/dense")


@message(ArgumentError, ValueError)
def two_layers_of_one_name_in_a_sequential() -> None:
    """
    Sequential.add: there is already a layer named 'a'.
    Give it another `name=`.
    """
    cornu.Sequential([layers.Dense(3, name="a"), layers.Dense(3, name="a")])


@message(ArgumentError, ValueError)
def two_layers_of_one_name_in_a_functional() -> None:
    """
    Two layers or ops of a model have the name 'a'; each must have its own.
    Give one of them another `name=`.
    """
    x = cornu.Input((3,))
    cornu.Model(x, layers.Dense(3, name="a")(layers.Dense(3, name="a")(x)))


@message(ArgumentError, ValueError)
def graph_that_is_not_connected() -> None:
    """
    The graph is disconnected: 'dense' needs the tensor 'b', which can't be computed from the inputs given.
      needed  float32[None, 3]
    Is an `Input` missing among the inputs?
    """  # noqa: E501
    a, b = cornu.Input((3,), name="a"), cornu.Input((3,), name="b")
    cornu.Model(a, layers.Dense(3)(b))


@message(ArgumentError, ValueError)
def model_of_arrays() -> None:
    """
    Model: inputs and outputs must be KerasTensors.
      found  float32[2, 3]
    """
    cornu.Model(floats(2, 3), floats(2, 3))


@message(ArgumentError, ValueError)
def number_in_a_list_of_layers() -> None:
    """
    Sequential.add: only layers can be added.
      received  3
    """
    cornu.Sequential([layers.Dense(3), 3])


@message(StateError, RuntimeError)
def weight_made_in_call() -> None:
    """
    Weights and sublayers of the layer 'scale' can't be added any more once it is built. Create them all in `__init__` or `build`.
    In layer "scale" (Scale), called with x=float32[2, 3].
    """  # noqa: E501

    class Scale(layers.Layer):
        def build(self, input_shape: Any) -> None:
            pass

        def call(self, x: Any) -> Any:
            self.factor = self.add_weight(shape=(3,))
            return x * self.factor

    Scale()(floats(2, 3))


@message(StateError, RuntimeError)
def init_without_super() -> None:
    """
    The layer Scale was not initialised: its `__init__` must begin with `super().__init__()`.
    """

    class Scale(layers.Layer):
        def __init__(self) -> None:
            self.factor = 2.0

        def call(self, x: Any) -> Any:
            return x * self.factor

    Scale()(floats(2, 3))


@message(None, NotImplementedError)
def model_without_call() -> None:
    """
    The model Net has no `call`: define `def call(self, inputs):`, or make it from tensors: `Model(inputs, outputs)`.
    In layer "net" (Net), called with args=(float32[8, 4],), training=False.
    """  # noqa: E501

    class Net(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.head = layers.Dense(3)

    model = Net()
    model.compile("sgd", "mse")
    fit(model)


@message(ArgumentError, ValueError)
def weights_in_the_wrong_number() -> None:
    """
    sequential.set_weights: the layer has 2 weights, and 1 were given.
    """
    small_model().set_weights([floats(4, 3)])


@message(ShapeError, ValueError)
def weights_of_the_wrong_shape() -> None:
    """
    sequential.set_weights: the value for 'sequential/dense/kernel' must have its shape.
      weight  float32[4, 3]
      given   (4, 2)
    """
    small_model().set_weights([floats(4, 2), floats(3)])


@message(ArgumentError, ValueError)
def layer_that_is_not_there() -> None:
    """
    get_layer: there is no layer 'conv'; there are: 'dense'.
    """
    small_model().get_layer("conv")


@message(ShapeError, ValueError)
def value_of_another_shape_into_a_variable() -> None:
    """
    Variable.assign: the value must have the shape of the variable 'v'.
      variable  float32[2]
      value     float32[3]
    """
    cornu.Variable(floats(2), name="v").assign(floats(3))
