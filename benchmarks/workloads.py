"""The workloads, written once against the Keras API: `build(keras)` works with either library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["WORKLOADS", "Workload"]


@dataclass(frozen=True)
class Workload:
    """A model, its data and how it is trained.

    Attributes:
        title: A line for the table.
        build: Takes the library; returns a compiled model.
        data: Returns x and y.
        batch_size: Samples in a batch.
        trains: Whether steps are timed; else only how long it takes up to the first one.
    """

    title: str
    build: Callable[[Any], Any]
    data: Callable[[], tuple[Any, Any]]
    batch_size: int
    trains: bool = True


def _classes(shape: tuple[int, ...], classes: int, one_hot: bool = True) -> Any:
    def make() -> tuple[Any, Any]:
        random = np.random.default_rng(0)
        x = random.random(shape, dtype=np.float32)
        labels = random.integers(0, classes, shape[0])
        return x, np.eye(classes, dtype="float32")[labels] if one_hot else labels.astype("int32")

    return make


def _tokens(samples: int, length: int, vocabulary: int) -> Any:
    def make() -> tuple[Any, Any]:
        random = np.random.default_rng(0)
        return (
            random.integers(1, vocabulary, (samples, length)).astype("int32"),
            random.integers(0, 2, (samples, 1)).astype("float32"),
        )

    return make


def _next_tokens(samples: int, length: int, vocabulary: int) -> Any:
    def make() -> tuple[Any, Any]:
        random = np.random.default_rng(0)
        tokens = random.integers(0, vocabulary, (samples, length + 1)).astype("int32")
        # Copies: rows of the slices would lie apart.
        return tokens[:, :-1].copy(), tokens[:, 1:].copy()

    return make


def reference(keras: Any) -> Any:
    """The reference program: 100-32-10, RMSprop."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(32),
            layers.Activation("relu"),
            layers.Dense(10),
            layers.Activation("softmax"),
        ]
    )
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model


def mlp(keras: Any) -> Any:
    """784-512-512-10 with dropout, RMSprop."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    return model


def convnet(keras: Any) -> Any:
    """The MNIST convnet: two convolutions, a pooling, two dense layers, Adam."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def resnet(keras: Any) -> Any:
    """A ResNet of nine 3x3 blocks for 32x32 images, 16-32-64 filters, SGD with momentum."""
    layers = keras.layers

    def block(x: Any, filters: int, stride: int) -> Any:
        y = layers.Conv2D(filters, 3, stride, "same", use_bias=False)(x)
        y = layers.Activation("relu")(layers.BatchNormalization()(y))
        y = layers.Conv2D(filters, 3, 1, "same", use_bias=False)(y)
        y = layers.BatchNormalization()(y)
        if stride > 1 or x.shape[-1] != filters:
            x = layers.Conv2D(filters, 1, stride, use_bias=False)(x)
        return layers.Activation("relu")(layers.Add()([x, y]))

    inputs = keras.Input((32, 32, 3))
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    for filters, stride in ((16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1)):
        x = block(x, filters, stride)
    x = layers.GlobalAveragePooling2D()(block(x, 64, 1))
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(x))
    model.compile(
        keras.optimizers.SGD(0.05, momentum=0.9), "categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def lstm(keras: Any) -> Any:
    """A sentiment classifier: embedding 64, LSTM 64 over 80 steps, RMSprop."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((80,), dtype="int32"),
            layers.Embedding(5000, 64),
            layers.LSTM(64),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
    return model


def transformer(keras: Any) -> Any:
    """Two blocks of self-attention, width 64, 4 heads, 64 tokens, Adam."""
    layers = keras.layers
    tokens = keras.Input((64,), dtype="int32")
    x = layers.Embedding(2000, 64)(tokens)
    for _ in range(2):
        attended = layers.MultiHeadAttention(4, 16, dropout=0.1)(x, x)
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, attended]))
        y = layers.Dense(256, activation="relu")(x)
        y = layers.Dropout(0.1)(layers.Dense(64)(y))
        x = layers.LayerNormalization(epsilon=1e-6)(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling1D()(x)
    model = keras.Model(tokens, layers.Dense(1, activation="sigmoid")(x))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def tiny(keras: Any) -> Any:
    """A next-token model: 10 symbols, 33 positions, one causal block of width 6, Adam."""
    layers, ops = keras.layers, keras.ops
    tokens = keras.Input((33,), dtype="int32")
    positions = ops.cumsum(ops.ones_like(tokens), axis=1) - 1
    x = layers.Add()([layers.Embedding(10, 6)(tokens), layers.Embedding(33, 6)(positions)])
    attended = layers.MultiHeadAttention(1, 6)(x, x, use_causal_mask=True)
    x = layers.LayerNormalization()(layers.Add()([x, attended]))
    y = layers.Dense(6)(layers.Dense(4, activation="relu")(x))
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    model = keras.Model(tokens, layers.Dense(10, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def convnet20(keras: Any) -> Any:
    """Twenty convolutions, one after the other, Adam."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for i in range(20):
        model.add(layers.Conv2D(16, 3, padding="same", activation="relu"))
        if i % 5 == 4:
            model.add(layers.MaxPooling2D())
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def resnet50(keras: Any) -> Any:
    """ResNet-50 (He and others 2015, arXiv:1512.03385) for 64x64 images, Adam."""
    layers = keras.layers

    def convolution(x: Any, filters: int, width: int, stride: int = 1) -> Any:
        x = layers.Conv2D(filters, width, stride, "same" if width == 3 else "valid")(x)
        return layers.BatchNormalization()(x)

    def block(x: Any, filters: int, stride: int, first: bool) -> Any:
        shortcut = convolution(x, 4 * filters, 1, stride) if first else x
        y = layers.Activation("relu")(convolution(x, filters, 1, stride))
        y = layers.Activation("relu")(convolution(y, filters, 3))
        y = layers.Add()([shortcut, convolution(y, 4 * filters, 1)])
        return layers.Activation("relu")(y)

    inputs = keras.Input((64, 64, 3))
    x = convolution(layers.ZeroPadding2D(3)(inputs), 64, 7, 2)
    x = layers.ZeroPadding2D(1)(layers.Activation("relu")(x))
    x = layers.MaxPooling2D(3, 2)(x)
    for filters, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for i in range(blocks):
            x = block(x, filters, stride if i == 0 else 1, i == 0)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(1000, activation="softmax")(x))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


WORKLOADS = {
    "reference": Workload("reference program", reference, _classes((1000, 100), 10), 32),
    "mlp": Workload("MLP 784-512-512-10", mlp, _classes((6400, 784), 10), 128),
    "convnet": Workload("MNIST convnet", convnet, _classes((2560, 28, 28, 1), 10), 128),
    "resnet": Workload("small ResNet, 32x32", resnet, _classes((160, 32, 32, 3), 10), 32),
    "lstm": Workload("LSTM classifier, 80 steps", lstm, _tokens(480, 80, 5000), 32),
    "transformer": Workload("two-block transformer", transformer, _tokens(320, 64, 2000), 32),
    "tiny": Workload("transformer of 578 parameters", tiny, _next_tokens(2048, 33, 10), 64),
    "convnet20": Workload(
        "20 convolutions", convnet20, _classes((2, 32, 32, 3), 10), 2, trains=False
    ),
    "resnet50": Workload(
        "ResNet-50, 64x64", resnet50, _classes((1, 64, 64, 3), 1000), 1, trains=False
    ),
}
