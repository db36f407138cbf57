"""Arguments that aren't allowed, and names that stand for nothing."""

from __future__ import annotations

import cornu
from cornu import layers
from cornu.errors import ArgumentError, ArgumentTypeError, UnknownArgumentError, UnknownNameError
from tests.messages.case import fit, floats, message, small_model


@message(ArgumentError, ValueError)
def units_below_zero() -> None:
    """
    Dense: `units` must be a positive integer.
      units  -1
    """
    layers.Dense(-1)


@message(ArgumentTypeError, TypeError)
def layer_without_its_units() -> None:
    """
    Dense: missing a required argument: 'units'.
    """
    layers.Dense()  # type: ignore[call-arg]


@message(UnknownArgumentError, ValueError)
def argument_with_a_typing_error() -> None:
    """
    Dense: there is no argument 'kernel_initialiser'.
      kernel_initialiser  'zeros'
    Did you mean 'kernel_initializer'?
    """
    layers.Dense(3, kernel_initialiser="zeros")


@message(ArgumentError, ValueError)
def padding_that_is_not_known() -> None:
    """
    Conv2D: `padding` must be one of 'valid', 'same'.
      padding  'samee'
    """
    layers.Conv2D(8, 3, padding="samee")


@message(ArgumentError, ValueError)
def strides_and_dilation() -> None:
    """
    Conv2D: strides and dilation can't both be above 1.
      strides        (2, 2)
      dilation_rate  (2, 2)
    """
    layers.Conv2D(8, 3, strides=2, dilation_rate=2)


@message(ArgumentError, ValueError)
def rate_above_one() -> None:
    """
    Dropout: `rate` must be a number from 0 to 1.
      rate  1.5
    """
    layers.Dropout(1.5)


@message(ArgumentTypeError, TypeError)
def shape_that_is_text() -> None:
    """
    Reshape: sizes must be integers; one may be -1.
      target_shape  '28'
    """
    layers.Reshape("28")


@message(ArgumentError, ValueError)
def two_directions_of_a_layer_without_any() -> None:
    """
    Bidirectional: `layer` must be a recurrent layer, such as an LSTM: one with `go_backwards`.
      layer  an object of class Dense
    """
    layers.Bidirectional(layers.Dense(3))


@message(ArgumentError, ValueError)
def input_without_a_shape() -> None:
    """
    Input: give `shape=` (without the batch axis) or `batch_shape=`.
    """
    cornu.Input()


@message(ArgumentError, ValueError)
def dtype_with_a_typing_error() -> None:
    """
    DTypePolicy: there is no policy 'flaot32'.
    Did you mean 'float32'?
    """
    layers.Dense(3, dtype="flaot32")


@message(UnknownNameError, ValueError)
def activation_with_a_typing_error() -> None:
    """
    activations.get: there is no such activation function.
      name  'rleu'
    Did you mean 'relu'?
    """
    layers.Dense(3, activation="rleu")


@message(UnknownNameError, ValueError)
def initializer_with_a_typing_error() -> None:
    """
    initializers.get: there is no such initializer.
      name  'glorot_unifrom'
    Did you mean 'glorot_uniform'?
    """
    layers.Dense(3, kernel_initializer="glorot_unifrom")


@message(UnknownNameError, ValueError)
def regularizer_that_is_not_known() -> None:
    """
    regularizers.get: there is no such regularizer.
      name  'weight_decay'
    """
    layers.Dense(3, kernel_regularizer="weight_decay")


@message(UnknownNameError, ValueError)
def optimizer_with_a_typing_error() -> None:
    """
    optimizers.get: there is no such optimizer.
      name  'adma'
    Did you mean 'Adam'?
    """
    cornu.Sequential([layers.Dense(3)]).compile("adma", "mse")


@message(UnknownNameError, ValueError)
def loss_with_a_typing_error() -> None:
    """
    losses.get: there is no such loss.
      name  'mean_squared_eror'
    Did you mean 'mean_squared_error'?
    """
    small_model(loss="mean_squared_eror")


@message(UnknownNameError, ValueError)
def metric_with_a_typing_error() -> None:
    """
    metrics.get: there is no such metric.
      name  'acuracy'
    Did you mean 'accuracy'?
    """
    small_model(metrics=["acuracy"])


@message(UnknownNameError, ValueError)
def metric_of_one_output_with_a_typing_error() -> None:
    """
    metrics.get: there is no such metric.
      name  'acuracy'
    Did you mean 'accuracy'?
    """
    small_model(metrics={"dense": ["mae", "acuracy"]})


@message(UnknownNameError, ValueError)
def loss_of_one_output_with_a_typing_error() -> None:
    """
    losses.get: there is no such loss.
      name  'msee'
    Did you mean 'mse'?
    """
    small_model(loss={"dense": "msee"})


@message(ArgumentError, ValueError)
def metrics_as_a_name_alone() -> None:
    """
    compile: `metrics` must be a list, tuple or dict.
      received  'accuracy'
    metrics=['accuracy']
    """
    small_model(metrics="accuracy")


@message(UnknownArgumentError, TypeError)
def argument_of_fit_with_a_typing_error() -> None:
    """
    fit: there is no argument 'epoch'.
      epoch  3
    Did you mean 'epochs'?
    """
    fit(small_model(), epoch=3)


@message(ArgumentTypeError, TypeError)
def needed_argument_with_a_typing_error() -> None:
    """
    Dense: missing a required argument: 'units'.
    Did you mean 'units'?
    """
    layers.Dense(unit=3)  # type: ignore[call-arg]


@message(UnknownArgumentError, ValueError)
def optimizer_argument_with_a_typing_error() -> None:
    """
    Adam: there is no argument 'learning_rte'.
      learning_rte  0.1
    Did you mean 'learning_rate'?
    """
    cornu.optimizers.Adam(learning_rte=0.1)


@message(ArgumentError, ValueError)
def two_ways_of_clipping() -> None:
    """
    Adam: only one of clipnorm, clipvalue and global_clipnorm may be given.
    """
    cornu.optimizers.Adam(clipnorm=1.0, clipvalue=0.5)


@message(None, AttributeError)
def class_with_a_typing_error() -> None:
    """
    module 'cornu.layers' has no attribute 'Dence'. Did you mean 'Dense'?
    """
    layers.Dence


@message(None, AttributeError)
def module_with_a_typing_error() -> None:
    """
    module 'cornu' has no attribute 'optimzers'. Did you mean 'optimizers'?
    """
    cornu.optimzers


@message(ArgumentError, ValueError)
def list_of_numbers_into_a_layer() -> None:
    """
    Dense.__call__: only arrays may be positional arguments.
      received  1.0
    Pass anything else by name, and lists of numbers as np.array([...]).
    """
    layers.Dense(3)([1.0, 2.0])


@message(ArgumentError, ValueError)
def argument_that_call_does_not_have() -> None:
    """
    Dense.call: there is no argument 'train'.
    It is call(inputs, training=None).
    """
    layers.Dense(3)(floats(2, 4), train=True)


@message(ArgumentTypeError, TypeError)
def layer_instead_of_a_list_of_layers() -> None:
    """
    Sequential: it takes a list of layers.
    Write `Sequential([layer])`.
    """
    cornu.Sequential(layers.Dense(3))


@message(ArgumentTypeError, TypeError)
def class_of_a_callback() -> None:
    """
    callbacks: each must be an object of a subclass of `Callback`.
      received  the class EarlyStopping
    Make one of the class: `EarlyStopping(...)`.
    """
    fit(small_model(), callbacks=[cornu.callbacks.EarlyStopping])


@message(ArgumentTypeError, TypeError)
def half_an_epoch() -> None:
    """
    fit: `epochs` must be an integer.
      received  1.5
    """
    fit(small_model(), epochs=1.5)
