"""Shapes that don't fit."""

from __future__ import annotations

import cornu
from cornu import layers, losses, ops
from cornu.errors import ArgumentError, ShapeError
from tests.messages.case import fit, floats, integers, message, small_model


@message(ShapeError, ValueError)
def more_features_than_the_layer_was_built_for() -> None:
    """
    dense: axis -1 of the input must have size 128, not 64.
      input  float32[2, 64]
    In layer "dense" (Dense), called with inputs=float32[2, 64].
    The size was settled when the layer was built: its weights fit no other.
    """
    dense = layers.Dense(10)
    dense(floats(2, 128))
    dense(floats(2, 64))


@message(ShapeError, ValueError)
def one_sample_without_the_batch_axis() -> None:
    """
    dense: the input must have at least 2 axes, not 1.
      input  float32[4]
    In layer "dense" (Dense), called with inputs=float32[4].
    The first axis is that of the samples: `ops.expand_dims(x, 0)` makes a batch of one,
    `ops.expand_dims(x, -1)` adds an axis of channels or features.
    """
    layers.Dense(3)(floats(4))


@message(ShapeError, ValueError)
def images_without_channels() -> None:
    """
    conv2d: the input must have 4 axes, not 3.
      input  float32[2, 28, 28]
    In layer "conv2d" (Conv2D), called with inputs=float32[2, 28, 28].
    The first axis is that of the samples: `ops.expand_dims(x, 0)` makes a batch of one,
    `ops.expand_dims(x, -1)` adds an axis of channels or features.
    """
    layers.Conv2D(8, 3)(floats(2, 28, 28))


@message(ShapeError, ValueError)
def gray_images_for_a_model_of_colored_ones() -> None:
    """
    conv2d: axis -1 of the input must have size 3, not 1.
      input  float32[2, 28, 28, 1]
    In layer "sequential/conv2d" (Conv2D), called with inputs=float32[2, 28, 28, 1].
    The size was settled when the layer was built: its weights fit no other.
    """
    model = cornu.Sequential([cornu.Input((28, 28, 3)), layers.Conv2D(8, 3)])
    model.predict(floats(2, 28, 28, 1), verbose=0)


@message(ShapeError, ValueError)
def image_smaller_than_the_window() -> None:
    """
    conv: the window reaches over 5 elements of spatial axis 0, which has 3 with padding.
      x  float32[2, 3, 3, 1]
    In layer "conv2d" (Conv2D), called with inputs=float32[2, 3, 3, 1].
    """
    layers.Conv2D(8, 5)(floats(2, 3, 3, 1))


@message(ShapeError, ValueError)
def sequences_without_features() -> None:
    """
    lstm: the input must have 3 axes, not 2.
      input  float32[2, 6]
    In layer "lstm" (LSTM), called with sequences=float32[2, 6].
    The first axis is that of the samples: `ops.expand_dims(x, 0)` makes a batch of one,
    `ops.expand_dims(x, -1)` adds an axis of channels or features.
    """
    layers.LSTM(4)(floats(2, 6))


@message(ArgumentError, ValueError)
def attention_without_a_value() -> None:
    """
    MultiHeadAttention.call: the arguments don't fit: missing a required argument: 'value'.
    It is call(query, value, key=None, query_mask=None, value_mask=None, key_mask=None, attention_mask=None, return_attention_scores=False, training=None, use_causal_mask=False).
    """  # noqa: E501
    layers.MultiHeadAttention(2, 4)(floats(2, 3, 4))


@message(ShapeError, ValueError)
def matrices_that_do_not_fit() -> None:
    """
    matmul: the last axis of `x1` must match the second-to-last of `x2`.
      x1  float32[32, 128]
      x2  float32[64, 10]
    """
    ops.matmul(floats(32, 128), floats(64, 10))


@message(ShapeError, ValueError, backend="numpy native")
def sum_of_arrays_that_do_not_broadcast() -> None:
    """
    add: the shapes don't broadcast: axis -1 has 3 and 4.
      a  float32[32, 3]
      b  float32[32, 4]
    """
    ops.ones((32, 3)) + floats(32, 4)


@message(ShapeError, ValueError)
def concatenate_along_the_wrong_axis() -> None:
    """
    concatenate: all shapes must agree, except along axis 0.
      operand_0  float32[2, 3]
      operand_1  float32[4, 4]
    """
    ops.concatenate([floats(2, 3), floats(4, 4)], axis=0)


@message(ShapeError, ValueError)
def concatenate_layer_on_other_batch_sizes() -> None:
    """
    concatenate: all inputs must have the same batch size.
      shapes  [(2, 3), (4, 3)]
    In layer "concatenate" (Concatenate), called with inputs=[float32[2, 3], float32[4, 3]].
    """
    layers.Concatenate()([floats(2, 3), floats(4, 3)])


@message(ShapeError, ValueError)
def concatenate_layer_on_other_lengths() -> None:
    """
    concatenate: the inputs must have equal sizes along all axes but -1.
      shapes  [(None, 3, 5), (None, 4, 5)]
    In layer "concatenate" (Concatenate), called with inputs=[float32[None, 3, 5], float32[None, 4, 5]].
    """  # noqa: E501
    layers.Concatenate()([cornu.Input((3, 5)), cornu.Input((4, 5))])


@message(ShapeError, ValueError)
def stack_of_different_shapes() -> None:
    """
    stack: all shapes must be the same.
      x  [float32[2, 7], float32[3, 7]]
    """
    ops.stack([floats(2, 7), floats(3, 7)])


@message(ShapeError, ValueError)
def sum_of_tensors_in_a_model() -> None:
    """
    add: the shapes don't broadcast: axis -1 has 3 and 4.
      a  float32[None, 3]
      b  float32[None, 4]
    In layer "add" (Add), called with inputs=[float32[None, 3], float32[None, 4]].
    """
    layers.Add()([cornu.Input((3,)), cornu.Input((4,))])


@message(ShapeError, ValueError)
def reshape_to_another_number_of_elements() -> None:
    """
    reshape: 12 elements don't fit into the shape (2, 5, 2).
      x  float32[2, 6]
    In layer "reshape" (Reshape), called with inputs=float32[2, 6].
    """
    layers.Reshape((5, 2))(floats(2, 6))


@message(ShapeError, ValueError)
def axis_that_is_not_there() -> None:
    """
    sum: there is no axis 2; there are axes from -2 to 1.
      axis  2
      x     float32[2, 3]
    """
    ops.sum(floats(2, 3), axis=2)


@message(ShapeError, ValueError)
def inverse_of_a_matrix_that_is_not_square() -> None:
    """
    inv: only a square matrix has an inverse.
      x  float32[2, 3]
    """
    ops.inv(floats(2, 3))


@message(ShapeError, ValueError)
def lists_of_unequal_lengths() -> None:
    """
    convert_to_tensor: lists can become an array only if those inside of one have equal lengths.
      value  [[1, 2], [3]]
    `utils.pad_sequences` makes sequences equally long.
    """
    ops.convert_to_tensor([[1, 2], [3]])


@message(ShapeError, ValueError)
def other_features_than_a_functional_model_has() -> None:
    """
    dense: axis -1 of the input must have size 4, not 5.
      input  float32[2, 5]
    In layer "functional/dense" (Dense), called with inputs=float32[2, 5].
    The size was settled when the layer was built: its weights fit no other.
    """
    features = cornu.Input((4,), name="features")
    model = cornu.Model(features, layers.Dense(2)(features))
    model(floats(2, 5))


@message(ShapeError, ValueError)
def one_input_for_a_model_with_two() -> None:
    """
    functional: the model has 2 inputs and received 1.
      expected  ['a', 'b']
      received  [float32[2, 4]]
    In layer "functional" (Functional), called with inputs=[float32[2, 4]].
    """
    a, b = cornu.Input((4,), name="a"), cornu.Input((4,), name="b")
    model = cornu.Model([a, b], layers.Add()([a, b]))
    model([floats(2, 4)])


@message(ArgumentError, ValueError)
def dict_without_one_of_the_inputs() -> None:
    """
    functional: the input 'b' is missing.
      given  ['a']
    In layer "functional" (Functional), called with inputs={'a': float32[2, 4]}.
    """
    a, b = cornu.Input((4,), name="a"), cornu.Input((4,), name="b")
    model = cornu.Model({"a": a, "b": b}, layers.Add()([a, b]))
    model({"a": floats(2, 4)})


@message(ShapeError, ValueError)
def targets_of_another_width_in_fit() -> None:
    """
    subtract: the shapes don't broadcast: axis -1 has 3 and 10.
      a  float32[8, 3]
      b  float32[8, 10]
    In loss "mse", called with y_true=float32[8, 3], y_pred=float32[8, 10].
    Do the targets have as many columns as the last layer has units?
    """
    fit(small_model(10), floats(8, 4), floats(8, 3))


@message(ShapeError, ValueError)
def class_numbers_for_one_hot_loss() -> None:
    """
    categorical_crossentropy: `target` and `output` must have the same shape.
      target  float32[8]
      output  float32[8, 10]
    In loss "categorical_crossentropy", called with y_true=int32[8], y_pred=float32[8, 10].
    For class numbers use `sparse_categorical_crossentropy`.
    """
    fit(small_model(10, "categorical_crossentropy"), floats(8, 4), integers(8))


@message(ShapeError, ValueError)
def one_hot_rows_for_loss_of_class_numbers() -> None:
    """
    sparse_categorical_crossentropy: `target` must have the shape of `output` without axis 1.
      target  int32[8, 10]
      output  float32[8, 10]
    In loss "sparse_categorical_crossentropy", called with y_true=float32[8, 10], y_pred=float32[8, 10].
    For one-hot rows use `categorical_crossentropy`.
    """  # noqa: E501
    fit(small_model(10, "sparse_categorical_crossentropy"), floats(8, 4), floats(8, 10))


@message(ShapeError, ValueError)
def loss_of_two_widths() -> None:
    """
    subtract: the shapes don't broadcast: axis -1 has 3 and 10.
      a  float32[8, 3]
      b  float32[8, 10]
    In loss "mean_squared_error" (MeanSquaredError), called with y_true=float32[8, 3], y_pred=float32[8, 10].
    Do the targets have as many columns as the last layer has units?
    """  # noqa: E501
    losses.MeanSquaredError()(floats(8, 3), floats(8, 10))


@message(ShapeError, ValueError)
def metric_of_another_shape() -> None:
    """
    subtract: the shapes don't broadcast: axis -1 has 5 and 3.
      a  float32[8, 5]
      b  float32[8, 3]
    In metric "error" (MeanSquaredError), called with y_true=float32[8, 5], y_pred=float32[8, 3].
    """
    metric = cornu.metrics.MeanSquaredError(name="error")
    fit(small_model(3, metrics=[metric], loss=_sum_of_outputs), floats(8, 4), floats(8, 5))


def _sum_of_outputs(y_true, y_pred):  # type: ignore[no-untyped-def]
    return ops.sum(y_pred, axis=-1)
