"""Names of arguments: old ones are understood with a warning, wrong ones bring a suggestion."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, optimizers
from cornu.errors import UnknownArgumentError
from cornu.renames import ARGUMENTS, PARTS

# What is made with old names, what it must equal, and what the warning must say.
OLD: dict[str, tuple[Callable[[], Any], Callable[[], Any], str]] = {
    "dense": (
        lambda: layers.Dense(output_dim=3, init="he_normal", W_regularizer="l2", bias=False),
        lambda: layers.Dense(
            3, kernel_initializer="he_normal", kernel_regularizer="l2", use_bias=False
        ),
        "'output_dim' is 'units'",
    ),
    "convolution": (
        lambda: layers.Conv2D(nb_filter=4, nb_row=3, nb_col=2, border_mode="same", subsample=2),
        lambda: layers.Conv2D(4, (3, 2), padding="same", strides=2),
        "'nb_row', 'nb_col' are 'kernel_size'",
    ),
    "order_of_axes": (
        lambda: layers.Conv2D(4, 3, dim_ordering="th"),
        lambda: layers.Conv2D(4, 3, data_format="channels_first"),
        "'dim_ordering' is 'data_format'",
    ),
    "pooling": (
        lambda: layers.MaxPooling1D(pool_length=3, stride=2, border_mode="same"),
        lambda: layers.MaxPooling1D(3, 2, "same"),
        "'pool_length' is 'pool_size'; 'stride' is 'strides'; 'border_mode' is 'padding'",
    ),
    "dropout": (lambda: layers.Dropout(p=0.3), lambda: layers.Dropout(0.3), "'p' is 'rate'"),
    "recurrent": (
        lambda: layers.LSTM(output_dim=3, inner_activation="relu", dropout_W=0.1, dropout_U=0.2),
        lambda: layers.LSTM(3, recurrent_activation="relu", dropout=0.1, recurrent_dropout=0.2),
        "'dropout_U' is 'recurrent_dropout'",
    ),
    # It still has an `output_dim`.
    "embedding": (
        lambda: layers.Embedding(10, output_dim=3, init="zeros"),
        lambda: layers.Embedding(10, 3, embeddings_initializer="zeros"),
        "changed since this was written: 'init' is 'embeddings_initializer' now",
    ),
    "optimizer": (
        lambda: optimizers.SGD(lr=0.25, momentum=0.5),
        lambda: optimizers.SGD(0.25, momentum=0.5),
        "'lr' is 'learning_rate'",
    ),
}


@pytest.mark.parametrize("name", OLD)
def test_old_names_mean_todays_arguments(name: str) -> None:
    old, new, text = OLD[name]
    with pytest.warns(DeprecationWarning, match=text) as caught:
        made = old()
    assert len(caught) == 1
    assert caught[0].filename == __file__
    expected = new()
    without_name = [
        {k: v for k, v in x.get_config().items() if k != "name"} for x in (made, expected)
    ]
    assert without_name[0] == without_name[1]


def test_todays_names_are_no_reason_for_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _, new, _ in OLD.values():
            new()


def test_a_model_made_from_input_and_output() -> None:
    x = cornu.Input((3,))
    y = layers.Dense(2)(x)
    with pytest.warns(DeprecationWarning, match="'input' is 'inputs'; 'output' is 'outputs'"):
        model = cornu.Model(input=x, output=y)
    assert type(model) is type(cornu.Model(x, y))
    assert model.output_shape == (None, 2)

    class Named(cornu.Model):  # type: ignore[misc]
        pass

    with pytest.warns(DeprecationWarning, match="'output' is 'outputs'"):
        assert Named(input=x, output=y).output_shape == (None, 2)


def test_a_subclass_takes_the_old_names_of_its_base() -> None:
    class Wide(layers.Dense):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)

    with pytest.warns(DeprecationWarning, match="'output_dim' is 'units'"):
        assert Wide(output_dim=4).units == 4


def test_fit_takes_the_number_of_epochs_by_its_old_name() -> None:
    model = cornu.Sequential([cornu.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
    with pytest.warns(DeprecationWarning, match="fit: .* 'nb_epoch' is 'epochs'") as caught:
        history = model.fit(x, y, nb_epoch=3, verbose=0)
    assert caught[0].filename == __file__
    assert len(history.history["loss"]) == 3


def test_to_categorical_takes_the_number_of_classes_by_its_old_name() -> None:
    with pytest.warns(DeprecationWarning, match="'nb_classes' is 'num_classes'"):
        assert cornu.utils.to_categorical([0, 1], nb_classes=3).shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "question"),
    [
        (lambda m, x: m.fit(x, x, epoch=3), "Did you mean 'epochs'?"),
        (lambda m, x: m.compile("sgd", "mse", metric=["mae"]), "Did you mean 'metrics'?"),
        (lambda m, x: m.evaluate(x, x, batchsize=3), "Did you mean 'batch_size'?"),
        (lambda m, x: m.predict(x, batchsize=3), "Did you mean 'batch_size'?"),
        (lambda m, x: m.train_on_batch(x, x, class_weights={}), "Did you mean 'class_weight'?"),
        (lambda m, x: layers.Dropout(0.5, sed=1), "Did you mean 'seed'?"),
        (lambda m, x: layers.Flatten(dataformat="x"), "Did you mean 'data_format'?"),
        (lambda m, x: optimizers.SGD(momentun=0.5), "Did you mean 'momentum'?"),
    ],
)
def test_a_wrong_name_brings_the_right_one(call: Callable[..., Any], question: str) -> None:
    x = np.ones((4, 2), "float32")
    model = cornu.Sequential([cornu.Input((2,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(UnknownArgumentError) as caught:
        call(model, x)
    assert isinstance(caught.value, TypeError)  # as Python's own error
    assert isinstance(caught.value, ValueError)  # as Keras' layers and optimizers have it
    assert str(caught.value).endswith(question)


def test_an_error_from_inside_a_call_is_left_as_it_is() -> None:
    model = cornu.Sequential([cornu.Input((2,)), layers.Dense(2)])
    model.compile("sgd", "mse")

    def callback(epoch: int, logs: Any) -> None:
        print(epoch, unknown=3)  # type: ignore[call-overload]

    x = np.ones((4, 2), "float32")
    with pytest.raises(TypeError, match="unknown") as caught:
        model.fit(x, x, verbose=0, callbacks=[cornu.callbacks.LambdaCallback(callback)])
    assert not isinstance(caught.value, UnknownArgumentError)


def test_an_argument_too_few_is_reported_by_python() -> None:
    model = cornu.Sequential([layers.Dense(2)])
    with pytest.raises(TypeError, match=r"predict\(\) missing 1 required .* 'x'"):
        model.predict()


def test_no_old_name_is_a_new_one_too() -> None:
    new = {name for names in ARGUMENTS.values() for name in names} | set(PARTS.values())
    assert new.isdisjoint({*ARGUMENTS, *(part for parts in PARTS for part in parts)})
