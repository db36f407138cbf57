"""Counting right and wrong decisions at one or many thresholds: what confusion metrics share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cornu import ops, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.spec import shape_of
from cornu.losses.reduction import same_rank
from cornu.ops.op import ArrayLike, Tensor
from cornu.state.variable import Variable

__all__ = ["LOWEST", "are_even", "even_thresholds", "given_thresholds", "update_counts"]

LOWEST = -1e10  # what predictions become that aren't among the k largest


def given_thresholds(where: str, thresholds: Any, default: float = 0.5) -> list[float]:
    """Return the argument `thresholds` as a list.

    Args:
        where: Who asks, for the error.
        thresholds: A number from 0 to 1, a list of them, or None.
        default: What None means.

    Raises:
        ArgumentError: If one of them isn't between 0 and 1.
    """
    if thresholds is None:
        return [default]
    listed = list(thresholds) if isinstance(thresholds, (list, tuple)) else [thresholds]
    if any(t is None or not 0 <= t <= 1 for t in listed):
        raise ArgumentError(where, "thresholds must be between 0 and 1", thresholds=thresholds)
    return listed


def even_thresholds(count: int) -> list[float]:
    """Return thresholds from 0 to 1 at equal distances; 0.5 if there is but one.

    Example:
        >>> even_thresholds(3)
        [0.0, 0.5, 1.0]
    """
    if count == 1:
        return [0.5]
    return [0.0, *((i + 1) / (count - 1) for i in range(count - 2)), 1.0]


def are_even(thresholds: Sequence[float]) -> bool:
    """Say whether thresholds go from 0 to 1 at equal distances."""
    count = len(thresholds)
    if count < 3:
        return False
    even = np.arange(count, dtype=np.float32) / (count - 1)
    return bool(np.allclose(thresholds, even, atol=settings.epsilon()))


def update_counts(
    counts: Mapping[str, Variable],
    y_true: ArrayLike,
    y_pred: ArrayLike,
    thresholds: Sequence[float],
    *,
    top_k: int | None = None,
    class_id: int | None = None,
    sample_weight: ArrayLike | None = None,
    multi_label: bool = False,
    label_weights: ArrayLike | None = None,
    evenly: bool = False,
) -> None:
    """Add the decisions of a batch to counts, per threshold.

    Args:
        counts: Any of "tp", "fp", "tn" and "fn" -> variable of shape (thresholds,), or
            (thresholds, labels) if `multi_label`.
        y_true: Labels 0 and 1.
        y_pred: Predictions; above a threshold they mean 1.
        thresholds: The thresholds.
        top_k: Only the k largest predictions of a row can mean 1.
        class_id: Only this class, on the last axis, is counted.
        sample_weight: What a decision counts: per sample, or per sample and label.
        multi_label: Whether each label, on the last axis, is counted by itself.
        label_weights: What the decisions of a label count.
        evenly: Whether the thresholds go from 0 to 1 at equal distances; then the work doesn't
            grow with their number.

    Raises:
        ShapeError: If there is no axis of classes for `class_id`.
    """
    dtype = next(iter(counts.values())).dtype
    y_true, y_pred = ops.cast(y_true, dtype), ops.cast(y_pred, dtype)
    y_pred, y_true = same_rank(y_pred, y_true)
    weight = None
    if sample_weight is not None:
        weight = ops.expand_dims(ops.cast(sample_weight, dtype), -1)
        _, weight = same_rank(y_true, weight, expand_rank_1=False)
    if top_k is not None:
        y_pred = _only_top(y_pred, top_k)
    if class_id is not None:
        if len(y_pred.shape) == 1:
            raise ShapeError(
                "confusion", "`class_id` needs predictions with an axis of classes", y_pred=y_pred
            )
        # The sizes stay what they are, so weights per sample still fit.
        y_true = ops.expand_dims(ops.take(y_true, class_id, axis=-1), -1)
        y_pred = ops.expand_dims(ops.take(y_pred, class_id, axis=-1), -1)
    shape = shape_of(y_pred)
    weights = ops.ones(shape, dtype) if weight is None else ops.broadcast_to(weight, shape)
    if label_weights is not None:
        labels = ops.expand_dims(ops.cast(label_weights, dtype), 0)
        weights = ops.multiply(weights, labels)
    is_true = ops.cast(ops.cast(y_true, "bool"), dtype)
    positive = ops.multiply(is_true, weights)
    negative = ops.multiply(ops.subtract(1, is_true), weights)
    if not multi_label:
        y_pred, positive, negative = (ops.reshape(x, (-1, 1)) for x in (y_pred, positive, negative))
    above = _above_evenly if evenly else _above
    totals = {"p": ops.sum(positive, axis=0), "n": ops.sum(negative, axis=0)}
    tp = fp = None
    if "tp" in counts or "fn" in counts:
        tp = above(y_pred, positive, thresholds)
    if "fp" in counts or "tn" in counts:
        fp = above(y_pred, negative, thresholds)
    for kind, variable in counts.items():
        found = tp if kind in ("tp", "fn") else fp
        if kind == "fn":
            found = ops.subtract(totals["p"], found)
        elif kind == "tn":
            found = ops.subtract(totals["n"], found)
        variable.assign_add(ops.reshape(found, variable.shape))


def _only_top(x: Tensor, k: int) -> Tensor:
    _, places = ops.top_k(x, k)
    kept = ops.sum(ops.one_hot(places, shape_of(x)[-1], dtype=ops.dtype(x)), axis=-2)  # type: ignore[arg-type]
    return ops.add(ops.multiply(x, kept), ops.multiply(LOWEST, ops.subtract(1, kept)))


def _above(y_pred: Tensor, weights: Tensor, thresholds: Sequence[float]) -> Tensor:
    """Return the sum of weights whose predictions are above each threshold.

    Shapes:
        y_pred, weights: (n, labels) -> (thresholds, labels)
    """
    limits = ops.reshape(ops.convert_to_tensor(list(thresholds), ops.dtype(y_pred)), (-1, 1, 1))
    is_above = ops.greater(ops.expand_dims(y_pred, 0), limits)
    return ops.sum(ops.where(is_above, ops.expand_dims(weights, 0), 0), axis=1)


def _above_evenly(y_pred: Tensor, weights: Tensor, thresholds: Sequence[float]) -> Tensor:
    """Return what `_above` does, for thresholds at equal distances.

    Each prediction falls between two thresholds; sums from the last interval to the first follow.
    """
    count = len(thresholds)
    labels = shape_of(y_pred)[1]
    place = ops.subtract(ops.ceil(ops.multiply(ops.clip(y_pred, 0.0, 1.0), count - 1)), 1)
    if thresholds[0] < 0:  # a prediction of 0 is above that one
        place = ops.maximum(place, 0)
    is_above = ops.greater_equal(place, 0)  # above the first threshold; no NaN is
    weights = ops.where(is_above, weights, 0)
    place = ops.cast(ops.where(is_above, place, 0), "int32")
    column = ops.add(ops.zeros_like(place), ops.arange(labels, dtype="int32"))
    places = ops.reshape(ops.stack([place, column], axis=-1), (-1, 2))
    sums = ops.scatter(places, ops.reshape(weights, (-1,)), (count, labels))  # type: ignore[arg-type]
    return ops.flip(ops.cumsum(ops.flip(sums, axis=0), axis=0), axis=0)
