"""Rows of `keras.metrics`: three updates each, with and without weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.cases.case import (
    Array,
    Keras,
    MetricCase,
    bits,
    distribution,
    one_hot,
    positive,
    real,
    sign,
    unit,
    whole,
)

_LABELS = whole(4, 8)


def _make(k: Keras, /, class_name: str, **settings: Any) -> Any:
    return getattr(k.metrics, class_name)(**settings)


def _row(label: str, *arguments: Array, weight: Array | None = None, **settings: Any) -> MetricCase:
    """Return a row; the class is the part of the label before the first dash."""
    make = partial(_make, class_name=label.partition("-")[0], **settings)
    return MetricCase(name=label, make=make, arguments=arguments, weight=weight)


def _both(label: str, *arguments: Array, weight: Array, **settings: Any) -> Iterator[MetricCase]:
    yield _row(label, *arguments, **settings)
    yield _row(f"{label}-weight", *arguments, weight=weight, **settings)


_BINARY = (bits(8, 1), unit(8, 1))
_CLASSES = (one_hot(8, 4), distribution(8, 4))
_WEIGHT = positive(8)
_COLUMN = positive(8, 1)

_REDUCTIONS = (
    *_both("Mean", real(5), weight=positive(5)),
    _row("Mean-scalar", real()),
    _row("Mean-matrix", real(4, 3), weight=positive(4)),
    *_both("Sum", real(5), weight=positive(5)),
    MetricCase(
        name="MeanMetricWrapper",
        make=lambda k: k.metrics.MeanMetricWrapper(k.losses.mean_squared_error, name="wrapped"),
        arguments=(real(4, 3), real(4, 3)),
        weight=positive(4),
    ),
)

_ACCURACY = (
    *_both("Accuracy", whole(3, 8, 1), whole(3, 8, 1), weight=_COLUMN),
    *_both("BinaryAccuracy", *_BINARY, weight=_WEIGHT),
    _row("BinaryAccuracy-threshold", bits(8, 3), unit(8, 3), threshold=0.3),
    *_both("CategoricalAccuracy", *_CLASSES, weight=_WEIGHT),
    _row("CategoricalAccuracy-sequences", one_hot(2, 3, 4), distribution(2, 3, 4)),
    *_both("SparseCategoricalAccuracy", _LABELS, distribution(8, 4), weight=_WEIGHT),
    _row("SparseCategoricalAccuracy-column", whole(4, 8, 1), distribution(8, 4)),
    _row("SparseCategoricalAccuracy-sequences", whole(4, 2, 3), distribution(2, 3, 4)),
    *_both("TopKCategoricalAccuracy", *_CLASSES, weight=_WEIGHT, k=2),
    *_both("SparseTopKCategoricalAccuracy", _LABELS, distribution(8, 4), weight=_WEIGHT, k=2),
    _row("SparseTopKCategoricalAccuracy-default", whole(9, 8), distribution(8, 9)),
)

_PROBABILISTIC = (
    *_both("BinaryCrossentropy", *_BINARY, weight=_WEIGHT),
    _row(
        "BinaryCrossentropy-logits", bits(8, 1), real(8, 1), from_logits=True, label_smoothing=0.1
    ),
    *_both("CategoricalCrossentropy", *_CLASSES, weight=_WEIGHT),
    _row(
        "CategoricalCrossentropy-logits",
        one_hot(8, 4),
        real(8, 4),
        from_logits=True,
        label_smoothing=0.1,
    ),
    *_both("SparseCategoricalCrossentropy", _LABELS, distribution(8, 4), weight=_WEIGHT),
    _row(
        "SparseCategoricalCrossentropy-ignore",
        _LABELS,
        real(8, 4),
        from_logits=True,
        ignore_class=2,
    ),
    *_both("KLDivergence", distribution(8, 4), distribution(8, 4), weight=_WEIGHT),
    *_both("Poisson", positive(8, 2), positive(8, 2), weight=_WEIGHT),
)

_REGRESSION = (
    *_both("MeanSquaredError", real(8, 2), real(8, 2), weight=_WEIGHT),
    *_both("RootMeanSquaredError", real(8, 2), real(8, 2), weight=_WEIGHT),
    *_both("MeanAbsoluteError", real(8, 2), real(8, 2), weight=_WEIGHT),
    *_both("MeanAbsolutePercentageError", positive(8, 2), positive(8, 2), weight=_WEIGHT),
    *_both("MeanSquaredLogarithmicError", positive(8, 2), positive(8, 2), weight=_WEIGHT),
    *_both("CosineSimilarity", real(8, 3), real(8, 3), weight=_WEIGHT),
    *_both("LogCoshError", real(8, 2), real(8, 2), weight=_WEIGHT),
    *_both("R2Score", real(8, 2), real(8, 2), weight=_COLUMN),
    _row(
        "R2Score-variance_weighted",
        real(8, 2),
        real(8, 2),
        class_aggregation="variance_weighted_average",
    ),
    _row("R2Score-none", real(8, 2), real(8, 2), class_aggregation=None, num_regressors=3),
    _row("PearsonCorrelation", real(8, 3), real(8, 3)),
    _row("ConcordanceCorrelation", real(8, 3), real(8, 3)),
    *_both("Hinge", sign(8, 2), real(8, 2), weight=_WEIGHT),
    *_both("SquaredHinge", sign(8, 2), real(8, 2), weight=_WEIGHT),
    *_both("CategoricalHinge", one_hot(8, 3), real(8, 3), weight=_WEIGHT),
)


def _confusion() -> Iterator[MetricCase]:
    counters = ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives")
    for name in (*counters, "Precision", "Recall"):
        yield from _both(name, *_BINARY, weight=_COLUMN)
        yield _row(f"{name}-thresholds", *_BINARY, weight=_COLUMN, thresholds=[0.2, 0.5, 0.9])
    for name in ("Precision", "Recall"):
        yield _row(f"{name}-top_k", one_hot(8, 4), unit(8, 4), top_k=2)
        yield _row(f"{name}-class_id", bits(8, 4), unit(8, 4), class_id=1)
        yield _row(f"{name}-top_k-class_id", bits(8, 4), unit(8, 4), class_id=1, top_k=2)
    for name, argument in (
        ("SensitivityAtSpecificity", "specificity"),
        ("SpecificityAtSensitivity", "sensitivity"),
        ("PrecisionAtRecall", "recall"),
        ("RecallAtPrecision", "precision"),
    ):
        half: dict[str, Any] = {argument: 0.5}
        yield from _both(name, *_BINARY, weight=_COLUMN, **half)
        yield _row(f"{name}-few", *_BINARY, num_thresholds=5, **half)


def _area() -> Iterator[MetricCase]:
    yield from _both("AUC", *_BINARY, weight=_COLUMN)
    for curve in ("ROC", "PR", "PRGAIN"):
        for method in ("interpolation", "minoring", "majoring"):
            yield _row(
                f"AUC-{curve}-{method}",
                *_BINARY,
                curve=curve,
                summation_method=method,
                num_thresholds=20,
            )
    yield _row("AUC-logits", bits(8, 1), real(8, 1), from_logits=True)
    yield _row("AUC-thresholds", *_BINARY, thresholds=[0.1, 0.35, 0.5, 0.8])
    yield _row("AUC-multi_label", bits(8, 3), unit(8, 3), multi_label=True, num_thresholds=20)
    yield _row(
        "AUC-label_weights",
        bits(8, 3),
        unit(8, 3),
        multi_label=True,
        num_labels=3,
        label_weights=[0.5, 0.2, 0.3],
        num_thresholds=20,
    )


_SCORES = (
    _row("F1Score", *_CLASSES),
    *(
        _row(f"F1Score-{a}", *_CLASSES, weight=_WEIGHT, average=a)
        for a in ("micro", "macro", "weighted")
    ),
    _row("FBetaScore", bits(8, 4), unit(8, 4), beta=2.0, threshold=0.5),
    _row("FBetaScore-micro", bits(8, 4), unit(8, 4), beta=0.5, threshold=0.4, average="micro"),
    *_both("IoU", whole(3, 8), whole(3, 8), weight=_WEIGHT, num_classes=3, target_class_ids=[0, 2]),
    _row(
        "IoU-ignore", whole(3, 8), whole(3, 8), num_classes=3, target_class_ids=[0], ignore_class=1
    ),
    *_both("BinaryIoU", bits(8), unit(8), weight=_WEIGHT),
    *_both("MeanIoU", whole(3, 8), whole(3, 8), weight=_WEIGHT, num_classes=3),
    _row("OneHotIoU", one_hot(8, 3), distribution(8, 3), num_classes=3, target_class_ids=[0, 2]),
    _row("OneHotMeanIoU", one_hot(8, 3), distribution(8, 3), num_classes=3),
)

CASES: tuple[MetricCase, ...] = (
    *_REDUCTIONS,
    *_ACCURACY,
    *_PROBABILISTIC,
    *_REGRESSION,
    *_confusion(),
    *_area(),
    *_SCORES,
)
