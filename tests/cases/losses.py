"""Rows of `keras.losses`: classes with every reduction, weights and masks; functions per sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from tests.cases.case import (
    Array,
    Keras,
    LossCase,
    bits,
    distribution,
    mask,
    one_hot,
    padded,
    positive,
    real,
    sign,
    unit,
    whole,
)

# Class, function, y_true, y_pred; the arrays are in the range that the loss is made for.
_PAIRS: tuple[tuple[str, str, Array, Array], ...] = (
    ("MeanSquaredError", "mean_squared_error", real(4, 3), real(4, 3)),
    ("MeanAbsoluteError", "mean_absolute_error", real(4, 3), real(4, 3)),
    (
        "MeanAbsolutePercentageError",
        "mean_absolute_percentage_error",
        positive(4, 3),
        positive(4, 3),
    ),
    (
        "MeanSquaredLogarithmicError",
        "mean_squared_logarithmic_error",
        positive(4, 3),
        positive(4, 3),
    ),
    ("CosineSimilarity", "cosine_similarity", real(4, 3), real(4, 3)),
    ("Huber", "huber", real(4, 3), real(4, 3)),
    ("LogCosh", "log_cosh", real(4, 3), real(4, 3)),
    ("Hinge", "hinge", sign(4, 3), real(4, 3)),
    ("SquaredHinge", "squared_hinge", sign(4, 3), real(4, 3)),
    ("CategoricalHinge", "categorical_hinge", one_hot(4, 3), real(4, 3)),
    ("KLDivergence", "kl_divergence", distribution(4, 3), distribution(4, 3)),
    ("Poisson", "poisson", positive(4, 3), positive(4, 3)),
    ("BinaryCrossentropy", "binary_crossentropy", bits(4, 3), unit(4, 3)),
    ("BinaryFocalCrossentropy", "binary_focal_crossentropy", bits(4, 3), unit(4, 3)),
    ("CategoricalCrossentropy", "categorical_crossentropy", one_hot(4, 3), distribution(4, 3)),
    (
        "CategoricalFocalCrossentropy",
        "categorical_focal_crossentropy",
        one_hot(4, 3),
        distribution(4, 3),
    ),
    (
        "SparseCategoricalCrossentropy",
        "sparse_categorical_crossentropy",
        whole(3, 4),
        distribution(4, 3),
    ),
    ("Dice", "dice", bits(4, 3), unit(4, 3)),
    ("Tversky", "tversky", bits(4, 3), unit(4, 3)),
)


def _make(k: Keras, /, class_name: str, **settings: Any) -> Any:
    return getattr(k.losses, class_name)(**settings)


def _function(k: Keras, name: str) -> Any:
    return getattr(k.losses, name)


def _pairs() -> Iterator[LossCase]:
    for name, function, y_true, y_pred in _PAIRS:
        row = partial(LossCase, y_true=y_true, y_pred=y_pred)
        yield row(name=name, make=partial(_make, class_name=name))
        yield row(name=function, make=partial(_function, name=function))
        for reduction in ("sum", "mean", "mean_with_sample_weight", "none"):
            yield row(
                name=f"{name}-{reduction}",
                make=partial(_make, class_name=name, reduction=reduction),
            )
        if name in ("Dice", "Tversky"):  # they give one number: no weight per sample
            continue
        yield row(name=f"{name}-weight", make=partial(_make, class_name=name), weight=positive(4))


def _weights_and_masks() -> Iterator[LossCase]:
    """All combinations of mask, weight and reduction, on sequences."""
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight", None):
        for weight in (None, positive(3, 5), positive(3, 1)):
            for name, y_true, y_pred in (
                ("MeanSquaredError", real(3, 5, 2), real(3, 5, 2)),
                (
                    "SparseCategoricalCrossentropy",
                    whole(4, 3, 5),
                    distribution(3, 5, 4),
                ),
            ):
                shape = "none" if weight is None else "x".join(map(str, weight.shape))
                for label, hidden in (("padded", padded(3, 5)), ("plain", None)):
                    yield LossCase(
                        name=f"{name}-{reduction}-weight_{shape}-{label}",
                        make=partial(_make, class_name=name, reduction=reduction),
                        y_true=y_true,
                        y_pred=y_pred,
                        weight=weight,
                        mask=hidden,
                    )


def _loss(
    class_name: str,
    y_true: Array,
    y_pred: Array,
    label: str,
    options: Mapping[str, Any] = MappingProxyType({}),
    **settings: Any,
) -> LossCase:
    return LossCase(
        name=f"{class_name}-{label}",
        make=partial(_make, class_name=class_name, **settings),
        y_true=y_true,
        y_pred=y_pred,
        **options,
    )


_SPECIAL = (
    _loss("BinaryCrossentropy", bits(4, 3), real(4, 3), "logits", from_logits=True),
    _loss("BinaryCrossentropy", bits(4, 3), unit(4, 3), "smoothing", label_smoothing=0.2),
    _loss(
        "BinaryCrossentropy",
        bits(4, 3),
        real(4, 3),
        "logits-smoothing",
        from_logits=True,
        label_smoothing=0.1,
    ),
    _loss(
        "BinaryCrossentropy",
        whole(2, 4, 1),
        bits(4, 1),
        "saturated",  # predictions of exactly 0 and 1 are clipped by epsilon
        {"differentiable": False},
    ),
    _loss(
        "BinaryFocalCrossentropy",
        bits(4, 3),
        real(4, 3),
        "all_arguments",
        apply_class_balancing=True,
        alpha=0.3,
        gamma=1.5,
        from_logits=True,
        label_smoothing=0.1,
    ),
    _loss("CategoricalCrossentropy", one_hot(4, 3), real(4, 3), "logits", from_logits=True),
    _loss(
        "CategoricalCrossentropy",
        one_hot(4, 3),
        distribution(4, 3),
        "smoothing",
        label_smoothing=0.2,
    ),
    _loss(
        "CategoricalCrossentropy",
        one_hot(4, 3),
        real(4, 3),
        "logits-smoothing",
        from_logits=True,
        label_smoothing=0.2,
    ),
    _loss("CategoricalCrossentropy", one_hot(4, 3), unit(4, 3), "unnormalized"),
    _loss(
        "CategoricalFocalCrossentropy",
        one_hot(4, 3),
        real(4, 3),
        "all_arguments",
        alpha=0.3,
        gamma=1.5,
        from_logits=True,
        label_smoothing=0.1,
    ),
    _loss(
        "CategoricalGeneralizedCrossEntropy",
        whole(3, 4),
        distribution(4, 3),
        "q",
        q=0.7,
    ),
    _loss("SparseCategoricalCrossentropy", whole(3, 4), real(4, 3), "logits", from_logits=True),
    _loss("SparseCategoricalCrossentropy", whole(3, 4, 1), distribution(4, 3), "column"),
    _loss(
        "SparseCategoricalCrossentropy",
        whole(3, 2, 4),
        distribution(2, 4, 3),
        "ignore_class",
        ignore_class=1,
    ),
    _loss(
        "SparseCategoricalCrossentropy",
        whole(3, 2, 4, low=-1),
        real(2, 4, 3),
        "ignore_class-logits",
        ignore_class=-1,
        from_logits=True,
    ),
    _loss("CosineSimilarity", real(4, 3), real(4, 3), "axis", axis=0),
    _loss("Huber", real(4, 3), real(4, 3), "delta", delta=0.3),
    _loss("Dice", bits(2, 3, 3, 1), unit(2, 3, 3, 1), "axis", axis=(1, 2, 3)),
    _loss(
        "Tversky",
        bits(2, 3, 3, 1),
        unit(2, 3, 3, 1),
        "arguments",
        alpha=0.7,
        beta=0.3,
        axis=(1, 2, 3),
    ),
    _loss("Circle", whole(2, 6), real(6, 4), "default"),
    _loss("Circle", whole(2, 6), real(6, 4), "arguments", gamma=10.0, margin=0.2),
    _loss("CTC", whole(5, 2, 3, low=1), real(2, 6, 5), "default"),
    _loss("Hinge", bits(4, 3), real(4, 3), "zero_one"),  # labels 0 and 1 become -1 and 1
    _loss("MeanSquaredError", real(4, 1), real(4), "ranks"),
    _loss("MeanSquaredError", real(4), real(4, 1), "ranks_reversed"),
    _loss("MeanSquaredError", whole(3, 4, 2), real(4, 2), "integer_labels"),
    _loss("MeanSquaredError", real(4, 3), real(4, 3), "float16", dtype="float16"),
    _loss("MeanSquaredError", real(4, 3), real(4, 3), "named", name="mine"),
    _loss(
        "MeanSquaredError",
        real(3, 4, 2),
        real(3, 4, 2),
        "any_mask",
        {"mask": mask(3, 4), "weight": positive(3, 4)},
    ),
)

CASES: tuple[LossCase, ...] = (*_pairs(), *_weights_and_masks(), *_SPECIAL)
