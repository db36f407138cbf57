"""Dense, Embedding, Activation and other layers that look at one position at a time."""

from __future__ import annotations

from functools import partial

from tests.cases.case import Keras, LayerCase, layer, mask, padded, positive, real, whole


def _activation(k: Keras, /, name: str) -> object:
    return k.layers.Activation(name)


_DENSE = (
    layer("Dense", lambda k: k.layers.Dense(4), real(2, 3)),
    layer("Dense-relu", lambda k: k.layers.Dense(4, activation="relu"), real(2, 3)),
    layer("Dense-no_bias", lambda k: k.layers.Dense(4, use_bias=False), real(2, 3)),
    layer("Dense-softmax-3d", lambda k: k.layers.Dense(4, activation="softmax"), real(2, 5, 3)),
    layer("Dense-4d", lambda k: k.layers.Dense(2, activation="tanh"), real(2, 2, 2, 3)),
    layer(
        "Dense-regularized",
        lambda k: k.layers.Dense(
            4,
            kernel_regularizer=k.regularizers.L1L2(0.1, 0.2),
            bias_regularizer="l2",
            activity_regularizer=k.regularizers.L1(0.05),
            kernel_constraint=k.constraints.MaxNorm(2.0),
            bias_constraint="non_neg",
            kernel_initializer=k.initializers.HeNormal(seed=3),
            bias_initializer="ones",
            name="named",
        ),
        real(2, 3),
    ),
    layer("Dense-frozen", lambda k: k.layers.Dense(4, trainable=False), real(2, 3)),
    layer("Dense-float16", lambda k: k.layers.Dense(4, dtype="float16"), real(2, 3)),
    layer("Dense-bfloat16", lambda k: k.layers.Dense(4, dtype="bfloat16"), real(2, 3)),
    layer("Dense-mixed_float16", lambda k: k.layers.Dense(4, dtype="mixed_float16"), real(2, 3)),
    layer("Dense-mixed_bfloat16", lambda k: k.layers.Dense(4, dtype="mixed_bfloat16"), real(2, 3)),
    layer("Dense-lora", lambda k: k.layers.Dense(4, lora_rank=2), real(2, 3)),
    layer("Dense-integer_input", lambda k: k.layers.Dense(4), whole(5, 2, 3)),
    layer(
        "EinsumDense",
        lambda k: k.layers.EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d"),
        real(2, 3, 5),
    ),
    layer(
        "EinsumDense-heads",
        lambda k: k.layers.EinsumDense(
            "...x,xhd->...hd", output_shape=(2, 3), bias_axes="hd", activation="relu"
        ),
        real(2, 4, 5),
    ),
    layer(
        "EinsumDense-no_bias",
        lambda k: k.layers.EinsumDense("ab,bc->ac", output_shape=4),
        real(2, 3),
    ),
)

_EMBEDDING = (
    layer("Embedding", lambda k: k.layers.Embedding(6, 3), whole(6, 2, 4), tolerance="exact"),
    layer(
        "Embedding-mask_zero",
        lambda k: k.layers.Embedding(6, 3, mask_zero=True),
        whole(6, 3, 5),
        tolerance="exact",
    ),
    layer(
        "Embedding-regularized",
        lambda k: k.layers.Embedding(
            6, 3, embeddings_regularizer="l2", embeddings_constraint="unit_norm"
        ),
        whole(6, 2, 4),
        tolerance="exact",
    ),
    layer("Embedding-float_input", lambda k: k.layers.Embedding(6, 3), positive(2, 4)),
    layer("Embedding-lora", lambda k: k.layers.Embedding(6, 3, lora_rank=2), whole(6, 2, 4)),
    layer(
        "ReversibleEmbedding",
        lambda k: k.layers.ReversibleEmbedding(6, 3),
        whole(6, 2, 4),
        tolerance="exact",
    ),
    layer(
        "ReversibleEmbedding-reverse",
        lambda k: k.layers.ReversibleEmbedding(6, 3, logit_soft_cap=2.0),
        real(2, 4, 3),
        call={"reverse": True},
    ),
    layer(
        "ReversibleEmbedding-untied",
        lambda k: k.layers.ReversibleEmbedding(6, 3, tie_weights=False),
        real(2, 4, 3),
        call={"reverse": True},
    ),
)

_ACTIVATIONS = (
    *(
        layer(
            f"Activation-{name}",
            partial(_activation, name=name),
            real(2, 3, 4),
            tolerance="transcendental",
        )
        for name in ("relu", "tanh", "sigmoid", "softmax", "gelu", "linear")
    ),
    layer("ReLU", lambda k: k.layers.ReLU(), real(3, 5)),
    layer(
        "ReLU-all_arguments",
        lambda k: k.layers.ReLU(max_value=1.0, negative_slope=0.2, threshold=0.3),
        real(4, 6),
    ),
    layer("LeakyReLU", lambda k: k.layers.LeakyReLU(), real(3, 5)),
    layer("LeakyReLU-slope", lambda k: k.layers.LeakyReLU(negative_slope=0.1), real(3, 5)),
    layer("PReLU", lambda k: k.layers.PReLU(), real(2, 3, 4)),
    layer(
        "PReLU-shared",
        lambda k: k.layers.PReLU(shared_axes=[1, 2], alpha_initializer="ones"),
        real(2, 3, 4, 2),
    ),
    layer("ELU", lambda k: k.layers.ELU(), real(3, 5), tolerance="transcendental"),
    layer("ELU-alpha", lambda k: k.layers.ELU(alpha=0.5), real(3, 5), tolerance="transcendental"),
    layer("Softmax", lambda k: k.layers.Softmax(), real(3, 5), tolerance="transcendental"),
    layer(
        "Softmax-axis",
        lambda k: k.layers.Softmax(axis=1),
        real(2, 3, 4),
        tolerance="transcendental",
    ),
    layer(
        "Softmax-axes",
        lambda k: k.layers.Softmax(axis=(1, 2)),
        real(2, 3, 4),
        tolerance="transcendental",
    ),
    layer(
        "Softmax-mask",
        lambda k: k.layers.Softmax(),
        real(3, 5),
        arrays={"mask": mask(3, 5)},
        tolerance="transcendental",
    ),
)

_OTHER = (
    layer("Identity", lambda k: k.layers.Identity(), real(2, 3), tolerance="exact"),
    layer(
        "Identity-masked",
        lambda k: k.layers.Identity(),
        real(2, 3, 4),
        masks=(padded(2, 3),),
        tolerance="exact",
    ),
    layer("Lambda-op", lambda k: k.layers.Lambda(k.ops.square), real(2, 3)),
    layer(
        "Lambda-arguments",
        lambda k: k.layers.Lambda(k.ops.sum, arguments={"axis": 1}, output_shape=()),
        real(2, 3),
        tolerance="reduction",
    ),
    layer("Masking", lambda k: k.layers.Masking(), real(2, 3, 4), tolerance="exact"),
    layer(
        "Masking-value",
        lambda k: k.layers.Masking(mask_value=1.0),
        whole(2, 4, 5, 1, dtype="float32"),
        tolerance="exact",
    ),
    layer("Rescaling", lambda k: k.layers.Rescaling(1 / 255.0), positive(2, 3, 3, 1)),
    layer("Rescaling-offset", lambda k: k.layers.Rescaling(0.5, offset=-1.0), real(2, 3)),
    layer("Rescaling-integers", lambda k: k.layers.Rescaling(1 / 127.5, -1), whole(256, 2, 3)),
    layer(
        "Normalization",
        lambda k: k.layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 1.0, 0.25]),
        real(2, 3),
    ),
    layer(
        "Normalization-invert",
        lambda k: k.layers.Normalization(axis=None, mean=1.5, variance=4.0, invert=True),
        real(2, 3),
    ),
    layer(
        "CategoryEncoding-multi_hot",
        lambda k: k.layers.CategoryEncoding(num_tokens=5),
        whole(5, 3, 4),
        tolerance="exact",
    ),
    layer(
        "CategoryEncoding-one_hot",
        lambda k: k.layers.CategoryEncoding(num_tokens=5, output_mode="one_hot"),
        whole(5, 4, 1),
        tolerance="exact",
    ),
    layer(
        "CategoryEncoding-count",
        lambda k: k.layers.CategoryEncoding(num_tokens=5, output_mode="count"),
        whole(5, 3, 4),
        tolerance="exact",
    ),
    layer(
        "ActivityRegularization",
        lambda k: k.layers.ActivityRegularization(l1=0.1, l2=0.2),
        real(2, 3),
        tolerance="exact",
    ),
)

CASES: tuple[LayerCase, ...] = (*_DENSE, *_EMBEDDING, *_ACTIVATIONS, *_OTHER)
