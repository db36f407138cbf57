"""Data that can't be trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cornu
from cornu.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from tests.messages.case import fit, floats, message, small_model


@message(ArgumentError, ValueError)
def no_samples() -> None:
    """
    fit: there must be at least one sample.
      x  float32[0, 4]
      y  float32[0, 3]
    """
    fit(small_model(), floats(0, 4), floats(0, 3))


@message(ArgumentError, ValueError)
def lengths_that_differ() -> None:
    """
    fit: all arrays must have the same number of samples (the length of the first axis).
      x  float32[8, 4]
      y  float32[7, 3]
    Look at where the arrays were cut or joined.
    """
    fit(small_model(), floats(8, 4), floats(7, 3))


@message(ArgumentError, ValueError)
def no_data() -> None:
    """
    fit: there is no data: `x` must be given.
      x  None
    """
    fit(small_model(), None)


@message(ArgumentError, ValueError)
def something_that_is_no_data() -> None:
    """
    fit: `x` must be an array, or a list, tuple or dict of arrays, or a generator, PyDataset, torch DataLoader or tf.data.Dataset.
      received  'train.csv'
    Make arrays of what isn't: `numpy.array(...)`.
    """  # noqa: E501
    fit(small_model(), "train.csv")


@message(ArgumentError, ValueError)
def batches_of_no_samples() -> None:
    """
    fit: `batch_size` must be at least 1, not 0.
    """
    fit(small_model(), batch_size=0)


@message(ArgumentError, ValueError)
def too_few_samples_to_split() -> None:
    """
    fit: `validation_split=0.5` of 1 samples leaves none for training.
    Give more data or another fraction.
    """
    fit(small_model(), floats(1, 4), floats(1, 3), validation_split=0.5)


@message(ArgumentError, ValueError)
def number_as_validation_data() -> None:
    """
    fit, validation_data: `x` must be an array, or a list, tuple or dict of arrays, or a generator, PyDataset, torch DataLoader or tf.data.Dataset.
      received  3
    It is (x, y), (x, y, sample_weight), a generator or the like.
    """  # noqa: E501
    fit(small_model(), validation_data=3)


@message(ArgumentError, ValueError)
def validation_data_of_two_lengths() -> None:
    """
    fit, validation_data: all arrays must have the same number of samples (the length of the first axis).
      x  float32[8, 4]
      y  float32[3, 3]
    Look at where the arrays were cut or joined.
    """  # noqa: E501
    fit(small_model(), validation_data=(floats(8, 4), floats(3, 3)))


@message(ArgumentError, ValueError)
def data_without_targets() -> None:
    """
    The loss needs targets and predictions, and one of them is None.
    In loss "mse", called with y_true=None, y_pred=float32[8, 3].
    Give `y`, or let the data bring it: batches are (x, y) or (x, y, sample_weight).
    """
    fit(small_model(), floats(8, 4))


@message(ArgumentError, ValueError)
def split_of_a_generator() -> None:
    """
    fit: `validation_split` needs arrays, of which it can set the last ones aside.
      x  an object of class list_iterator
    Give a second generator or data set as `validation_data`.
    """
    fit(small_model(), iter([(floats(2, 4), floats(2, 3))]), validation_split=0.5)


@message(ArgumentError, ValueError)
def targets_beside_a_generator() -> None:
    """
    fit: `y` can't be given where `x` is a generator.
      received  float32[2, 3]
    The generator must give it: batches are (x, y) or (x, y, sample_weight).
    """
    fit(small_model(), iter([floats(2, 4)]), floats(2, 3))


@message(ArgumentError, ValueError)
def generator_that_yields_nothing() -> None:
    """
    fit: the data must give at least one batch, but it ended at once.
      x  an object of class list_iterator
    """
    fit(small_model(), iter([]))


@message(ArgumentError, ValueError)
def generator_that_yields_arrays_alone() -> None:
    """
    fit: a Python generator must yield tuples: (x,), (x, y) or (x, y, sample_weight).
      received  float32[2, 4]
    For inputs alone: `yield (x,)`.
    """
    fit(small_model(), iter([floats(2, 4)]))


@message(ShapeError, ValueError)
def generator_with_one_bad_batch() -> None:
    """
    dense: axis -1 of the input must have size 4, not 5.
      input  float32[2, 5]
      batch  number 3 of this epoch, unlike those before it
    In layer "sequential/dense" (Dense), called with inputs=float32[2, 5].
    The size was settled when the layer was built: its weights fit no other.
    """

    def batches() -> Iterator[Any]:
        yield floats(2, 4), floats(2, 3)
        yield floats(2, 4), floats(2, 3)
        yield floats(2, 5), floats(2, 3)

    fit(small_model(), batches())


@message(ArgumentError, ValueError)
def two_targets_for_one_output() -> None:
    """
    the loss: targets must have the structure of the predictions.
    In loss "mse", called with y_true=[float32[8, 3], float32[8, 3]], y_pred=float32[8, 3].
    To one output belongs one array of targets, to several a list or dict of as many.
    """
    fit(small_model(), floats(8, 4), [floats(8, 3), floats(8, 3)])


@message(ShapeError, ValueError)
def weights_of_samples_of_another_shape() -> None:
    """
    multiply: the shapes don't broadcast: axis -1 has 8 and 2.
      a  float32[8]
      b  float32[8, 2]
    In loss "mse", called with y_true=float32[8, 3], y_pred=float32[8, 3], sample_weight=float32[8, 2].
    A weight goes with each sample, or with each sample and place: no axis for the columns.
    """  # noqa: E501
    fit(small_model(), sample_weight=floats(8, 2))


@message(ArgumentError, ValueError)
def weights_of_classes_and_of_samples() -> None:
    """
    fit: `class_weight` and `sample_weight` can't both be given.
    Multiply the weights of the classes into `sample_weight`.
    """
    fit(small_model(), class_weight={0: 1.0}, sample_weight=floats(8))


@message(StateError, RuntimeError)
def fit_inside_of_fit() -> None:
    """
    fit: this model is being trained already, perhaps by a callback or in another thread.
    Wait until that `fit` has ended, or train a clone: `clone_model(model)`.
    """

    class Again(cornu.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            fit(self.model)

    fit(small_model(), callbacks=[Again()])


@message(ArgumentTypeError, TypeError)
def step_that_returns_a_number() -> None:
    """
    train_step: it must return a dict of values by name.
      returned  3.0
    return {"loss": loss}
    """

    class Net(cornu.Sequential):
        def train_step(self, data: Any) -> Any:
            return 3.0

    model = Net([cornu.layers.Dense(3)])
    model.compile("sgd", "mse")
    fit(model)


@message(ArgumentTypeError, TypeError)
def loss_that_returns_nothing() -> None:
    """
    my_loss: the loss returned None.
    In loss "my_loss", called with y_true=float32[8, 3], y_pred=float32[8, 3].
    It must return a number for each sample, or their mean: is there a `return`?
    """

    def my_loss(y_true: Any, y_pred: Any) -> Any:
        y_pred - y_true

    fit(small_model(loss=my_loss))
