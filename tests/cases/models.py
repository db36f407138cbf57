"""Whole models with data: their loss curves are recorded, of some their files as well.

Each has 150 samples or a number that leaves a partial last batch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.cases.case import Keras, ModelCase, bits, eighths, one_hot, positive, whole

_FIT = {"batch_size": 32, "epochs": 3}


def _mlp(
    k: Keras,
    /,
    optimizer: Callable[[Keras], Any] | str = "rmsprop",
    loss: str = "categorical_crossentropy",
    layers: Callable[[Keras], list[Any]] | None = None,
    **compiled: Any,
) -> Any:
    """The reference network: 100 inputs, 32 hidden units, 10 classes."""
    model = k.Sequential(
        [
            k.layers.Input((100,)),
            *(
                layers(k)
                if layers
                else [
                    k.layers.Dense(32, activation="relu"),
                    k.layers.Dense(10, activation="softmax"),
                ]
            ),
        ]
    )
    chosen = optimizer if isinstance(optimizer, str) else optimizer(k)
    model.compile(chosen, loss, **{"metrics": ["accuracy"], **compiled})
    return model


_mlp_row = partial(ModelCase, x=eighths(150, 100), y=one_hot(150, 10), options=_FIT)
_CLASS_WEIGHT = {i: 0.5 + 0.25 * i for i in range(10)}

_MLP = (
    _mlp_row(name="mlp", make=_mlp, saved=True),
    _mlp_row(name="mlp-class_weight", make=_mlp, class_weight=_CLASS_WEIGHT),
    _mlp_row(name="mlp-sample_weight", make=_mlp, sample_weight=positive(150)),
    _mlp_row(
        name="mlp-weighted_metrics",
        make=partial(_mlp, weighted_metrics=["accuracy", "mse"]),
        sample_weight=positive(150),
    ),
    _mlp_row(name="mlp-validation_split", make=_mlp, options={**_FIT, "validation_split": 0.2}),
    _mlp_row(name="mlp-validation_data", make=_mlp, validation=(eighths(40, 100), one_hot(40, 10))),
    _mlp_row(
        name="mlp-validation_freq",
        make=_mlp,
        options={**_FIT, "validation_split": 0.2, "validation_freq": 2},
    ),
    _mlp_row(
        name="mlp-sparse",
        make=partial(
            _mlp,
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy", "sparse_top_k_categorical_accuracy"],
        ),
        y=whole(10, 150),
    ),
    _mlp_row(name="mlp-sgd", make=partial(_mlp, optimizer="sgd")),
    _mlp_row(
        name="mlp-adam-clipnorm",
        make=partial(_mlp, optimizer=lambda k: k.optimizers.Adam(0.01, clipnorm=0.5)),
    ),
    _mlp_row(
        name="mlp-schedule",
        make=partial(
            _mlp,
            optimizer=lambda k: k.optimizers.SGD(
                k.optimizers.schedules.ExponentialDecay(0.5, 4, 0.5), momentum=0.9
            ),
        ),
    ),
    _mlp_row(
        name="mlp-accumulation",
        make=partial(
            _mlp, optimizer=lambda k: k.optimizers.Adam(0.01, gradient_accumulation_steps=2)
        ),
    ),
    _mlp_row(
        name="mlp-steps_per_epoch",
        make=_mlp,
        options={"batch_size": 32, "epochs": 2, "steps_per_epoch": 2},
    ),
    _mlp_row(name="mlp-steps_per_execution", make=partial(_mlp, steps_per_execution=3)),
    _mlp_row(
        name="mlp-regularized",
        make=partial(
            _mlp,
            layers=lambda k: [
                k.layers.Dense(
                    16, activation="relu", kernel_regularizer="l2", kernel_constraint="unit_norm"
                ),
                k.layers.Dense(10, activation="softmax", activity_regularizer="l1"),
            ],
        ),
    ),
    _mlp_row(
        name="mlp-frozen",
        make=partial(
            _mlp,
            layers=lambda k: [
                k.layers.Dense(16, activation="relu", trainable=False),
                k.layers.BatchNormalization(trainable=False),
                k.layers.Dense(10, activation="softmax"),
            ],
        ),
    ),
)


def _cnn(k: Keras) -> Any:
    model = k.Sequential(
        [
            k.layers.Input((8, 8, 2)),
            k.layers.Conv2D(4, 3, padding="same", use_bias=False),
            k.layers.BatchNormalization(momentum=0.9),
            k.layers.ReLU(),
            k.layers.MaxPooling2D(),
            k.layers.Conv2D(6, 3, activation="relu"),
            k.layers.Flatten(),
            k.layers.Dense(5, activation="softmax"),
        ]
    )
    optimizer = k.optimizers.SGD(0.05, momentum=0.9, nesterov=True)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _lstm(k: Keras) -> Any:
    model = k.Sequential(
        [
            k.layers.Input((7,), dtype="int32"),
            k.layers.Embedding(20, 6, mask_zero=True),
            k.layers.Bidirectional(k.layers.LSTM(5)),
            k.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(k.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy", "auc"])
    return model


def _tagger(k: Keras) -> Any:
    """A label per time step; masked steps count neither in the loss nor in the metrics."""
    model = k.Sequential(
        [
            k.layers.Input((7,), dtype="int32"),
            k.layers.Embedding(4, 5, mask_zero=True),
            k.layers.GRU(6, return_sequences=True),
            k.layers.TimeDistributed(k.layers.Dense(3, activation="softmax")),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _two_inputs(k: Keras) -> Any:
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    hidden = k.layers.Dense(5, activation="tanh", name="hidden")(a)
    joined = k.layers.Concatenate()([hidden * 2.0, b])
    shifted = joined - k.ops.mean(b, axis=-1, keepdims=True)
    outputs = k.layers.Dense(2, name="out")(k.ops.relu(shifted))
    model = k.Model([a, b], outputs, name="two_inputs")
    model.compile(k.optimizers.SGD(0.05, momentum=0.9), "mse", metrics=["mae"])
    return model


def _two_outputs(k: Keras, /, **compiled: Any) -> Any:
    inputs = k.Input((6,), name="features")
    hidden = k.layers.Dense(8, activation="relu", name="shared")(inputs)
    price = k.layers.Dense(1, name="price")(hidden)
    kind = k.layers.Dense(3, activation="softmax", name="kind")(hidden)
    outputs = {"price": price, "kind": kind} if compiled.pop("named", False) else [price, kind]
    model = k.Model(inputs, outputs, name="two_outputs")
    model.compile("adam", **compiled)
    return model


def _nested(k: Keras) -> Any:
    """A model in a model, one layer used twice, inputs by name in another order than sorted."""
    tower = k.Sequential(
        [k.layers.Input((4,)), k.layers.Dense(5, activation="relu"), k.layers.Dropout(0.0)],
        name="tower",
    )
    inputs = {"right": k.Input((4,), name="right"), "left": k.Input((4,), name="left")}
    left, right = tower(inputs["left"]), tower(inputs["right"])
    shared = k.layers.Dense(3, name="twice")
    merged = k.layers.Subtract()([shared(left), shared(right)])
    model = k.Model(inputs, k.layers.Dense(1, activation="sigmoid")(merged), name="nested")
    model.compile(k.optimizers.AdamW(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model


def _attention(k: Keras) -> Any:
    tokens = k.Input((6,), dtype="int32", name="tokens")
    embedded = k.layers.Embedding(12, 8)(tokens)
    attended = k.layers.MultiHeadAttention(2, 4)(embedded, embedded, use_causal_mask=True)
    normed = k.layers.LayerNormalization()(k.layers.Add()([embedded, attended]))
    pooled = k.layers.GlobalAveragePooling1D()(normed)
    model = k.Model(tokens, k.layers.Dense(4)(pooled), name="attention")
    model.compile(
        k.optimizers.Nadam(0.01),
        k.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[k.metrics.SparseCategoricalAccuracy(name="hits")],
    )
    return model


_OUTPUTS = partial(ModelCase, x=eighths(50, 6), options={"batch_size": 16, "epochs": 3})

CASES: tuple[ModelCase, ...] = (
    *_MLP,
    ModelCase(
        name="cnn",
        make=_cnn,
        x=eighths(50, 8, 8, 2),
        y=whole(5, 50),
        options={"batch_size": 16, "epochs": 3},
        saved=True,
    ),
    ModelCase(
        name="lstm",
        make=_lstm,
        x=whole(20, 50, 7),
        y=bits(50, 1),
        options={"batch_size": 16, "epochs": 3},
        saved=True,
    ),
    ModelCase(
        name="tagger",
        make=_tagger,
        x=whole(4, 30, 7),
        y=whole(3, 30, 7),
        options={"batch_size": 8, "epochs": 3},
    ),
    ModelCase(
        name="tagger-sample_weight",
        make=_tagger,
        x=whole(4, 30, 7),
        y=whole(3, 30, 7),
        sample_weight=positive(30, 7),
        options={"batch_size": 8, "epochs": 3},
    ),
    ModelCase(
        name="two_inputs",
        make=_two_inputs,
        x=[eighths(50, 4), eighths(50, 3)],
        y=eighths(50, 2),
        options={"batch_size": 16, "epochs": 3},
        saved=True,
    ),
    _OUTPUTS(
        name="two_outputs-list",
        make=partial(
            _two_outputs,
            loss=["mse", "sparse_categorical_crossentropy"],
            loss_weights=[0.5, 2.0],
            metrics=[["mae"], ["accuracy"]],
        ),
        y=[eighths(50, 1), whole(3, 50)],
        saved=True,
    ),
    _OUTPUTS(
        name="two_outputs-dict",
        make=partial(
            _two_outputs,
            named=True,
            loss={"price": "mse", "kind": "sparse_categorical_crossentropy"},
            loss_weights={"kind": 0.5, "price": 2.0},
            metrics={"kind": ["accuracy"], "price": ["mae", "mse"]},
        ),
        y={"price": eighths(50, 1), "kind": whole(3, 50)},
    ),
    ModelCase(
        name="nested",
        make=_nested,
        x={"left": eighths(50, 4), "right": eighths(50, 4)},
        y=bits(50, 1),
        options={"batch_size": 16, "epochs": 3},
        saved=True,
    ),
    ModelCase(
        name="attention",
        make=_attention,
        x=whole(12, 50, 6),
        y=whole(4, 50),
        options={"batch_size": 16, "epochs": 3},
        saved=True,
    ),
)
