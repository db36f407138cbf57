"""Values that can't be used: indices outside, text, writes in place."""

from __future__ import annotations

import numpy as np

import cornu
from cornu import layers, ops
from cornu.errors import ArgumentTypeError, DtypeError, IndexOutOfRange, TracedValueError
from tests.messages.case import fit, floats, integers, message, small_model


@message(IndexOutOfRange, IndexError, backend="numpy native")
def label_that_is_no_class_in_fit() -> None:
    """
    The label 3 is no class: there are 3 classes.
    In loss "sparse_categorical_crossentropy".
    Labels are counted from 0, so they are 0 to 2.
    """
    model = small_model(3, "sparse_categorical_crossentropy")
    fit(model, floats(8, 4), np.full(8, 3))


@message(IndexOutOfRange, IndexError, backend="numpy native")
def label_below_zero_in_fit() -> None:
    """
    The label -1 is no class: there are 3 classes.
    In loss "sparse_categorical_crossentropy".
    Labels are counted from 0, so they are 0 to 2. `ignore_class=-1` leaves entries out.
    """
    model = small_model(3, "sparse_categorical_crossentropy")
    fit(model, floats(8, 4), np.full(8, -1))


@message(IndexOutOfRange, IndexError)
def label_that_is_no_class() -> None:
    """
    The label 5 is no class: there are 3 classes.
    In loss "sparse_categorical_crossentropy" (SparseCategoricalCrossentropy), called with y_true=int64[2], y_pred=float32[2, 3].
    Labels are counted from 0, so they are 0 to 2.
    """  # noqa: E501
    loss = cornu.losses.SparseCategoricalCrossentropy(from_logits=True)
    loss(np.array([0, 5]), floats(2, 3))


@message(IndexOutOfRange, IndexError, backend="numpy native")
def word_beyond_the_embedding_in_fit() -> None:
    """
    take: index 10 is out of range for axis 0 of size 10.
    In layer "sequential/words".
    An index must lie between -10 and 9.
    """
    model = cornu.Sequential([layers.Embedding(10, 4, name="words"), layers.Flatten()])
    model.add(layers.Dense(1))
    model.compile("sgd", "mse")
    fit(model, np.full((8, 2), 10), floats(8, 1))


@message(IndexOutOfRange, IndexError)
def word_beyond_the_embedding() -> None:
    """
    take: index 11 is out of range for axis 0 of size 10.
    In layer "embedding" (Embedding), called with inputs=int32[1, 2].
    An index must lie between -10 and 9.
    """
    layers.Embedding(10, 4)(np.array([[3, 11]]))


@message(DtypeError, TypeError)
def text_into_a_dense_layer() -> None:
    """
    convert_to_tensor: this is no array of numbers.
      value  str32[1, 2]
    In layer "dense" (Dense).
    `layers.StringLookup` or `layers.TextVectorization` make numbers of text.
    """
    layers.Dense(3)(np.array([["a", "b"]]))


@message(DtypeError, TypeError, backend="numpy native")
def text_into_fit() -> None:
    """
    cast: text can't become float32.
      x  string[8, 4]
    In layer "sequential" (Sequential), called with inputs=string[8, 4], training=True.
    `layers.StringLookup` or `layers.TextVectorization` make numbers of it.
    """
    fit(small_model(), np.array([["a", "b", "c", "d"]] * 8), floats(8, 3))


@message(DtypeError, TypeError)
def bits_of_floats() -> None:
    """
    bitwise_and: the dtype must be an integer dtype or bool.
      a  float32[3]
      b  float32[3]
    Cast it before.
    """
    ops.bitwise_and(floats(3), floats(3))


@message(TracedValueError, TypeError, backend="numpy native")
def write_into_what_an_op_returned() -> None:
    """
    The values that ops and layers return can't be written in place.
      wrong:  x[i] = v        right:  x = ops.slice_update(x, (i,), v)
              x[mask] = 0             x = ops.where(mask, 0, x)
    """
    x = ops.ones((3,))
    x[0] = 1.0


@message(ArgumentTypeError, TypeError)
def weights_of_classes_by_name() -> None:
    """
    fit: the keys of `class_weight` must be class indices (integers).
      key  'cat'
    For named classes use the index which each has in `y`.
    """
    model = small_model(3, "sparse_categorical_crossentropy")
    fit(model, floats(8, 4), integers(8), class_weight={"cat": 1.0})
