"""Focal cross-entropies: what is already right counts little."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.losses.crossentropies import log_bounded, one_hot_labels, smoothed_bits
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "BinaryFocalCrossentropy",
    "CategoricalFocalCrossentropy",
    "binary_focal_crossentropy",
    "categorical_focal_crossentropy",
]


def binary_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Compute the mean cross-entropy of yes-no decisions, times (1 - probability of the label).

    mean((1 - p_t)**gamma * binary_crossentropy, axis), where p_t is the probability of the label

    Args:
        y_true: Labels from 0 to 1.
        y_pred: Probabilities, or logits if `from_logits`.
        apply_class_balancing: Whether the labels 1 get the weight alpha, the others 1 - alpha.
        alpha: That weight.
        gamma: How strongly right decisions are played down.
        from_logits: Whether the probabilities are `sigmoid(y_pred)`.
        label_smoothing: How far labels are moved towards 1/2, from 0 to 1.
        axis: Axis of the mean.

    Shapes:
        (..., d), (..., d) -> (...), for `axis=-1`

    References:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002.

    Example:
        >>> binary_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.1732868], dtype=float32)
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = smoothed_bits(ops.cast(y_true, ops.dtype(y_pred)), label_smoothing)
    if from_logits:
        y_pred = ops.sigmoid(y_pred)
    no_true, no_pred = ops.subtract(1.0, y_true), ops.subtract(1.0, y_pred)
    p_t = ops.add(ops.multiply(y_true, y_pred), ops.multiply(no_true, no_pred))
    losses = ops.multiply(
        ops.power(ops.subtract(1.0, p_t), gamma), ops.binary_crossentropy(y_true, y_pred)
    )
    if apply_class_balancing:
        weight = ops.add(ops.multiply(y_true, alpha), ops.multiply(no_true, 1.0 - alpha))
        losses = ops.multiply(weight, losses)
    return ops.mean(losses, axis=axis)


def categorical_focal_crossentropy(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Compute the cross-entropy over classes, each term times (1 - its probability).

    -sum(alpha (1 - p)**gamma y_true log(p), axis), where p is `y_pred`, made to sum to one

    Args:
        y_true: Distributions, such as rows of `one_hot`.
        y_pred: Probabilities, or logits if `from_logits`.
        alpha: Weight of all classes, or a list with one for each.
        gamma: How strongly right decisions are played down.
        from_logits: Whether p is `softmax(y_pred)`.
        label_smoothing: How far labels are moved towards equal probabilities, from 0 to 1.
        axis: Axis of the classes.

    Shapes:
        (..., c), (..., c) -> (...), for `axis=-1`

    References:
        Lin et al. 2017, "Focal loss for dense object detection", arXiv:1708.02002.

    Example:
        >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
        Array([0.0433217], dtype=float32)
    """
    y_true, y_pred = one_hot_labels(
        "categorical_focal_crossentropy", y_true, y_pred, label_smoothing, axis
    )
    if from_logits:
        y_pred = ops.softmax(y_pred, axis=axis)
    p, logs = log_bounded(ops.divide(y_pred, ops.sum(y_pred, axis=axis, keepdims=True)))
    weight = ops.multiply(ops.power(ops.subtract(1.0, p), gamma), alpha)
    return ops.negative(ops.sum(ops.multiply(weight, ops.multiply(y_true, logs)), axis=axis))


class BinaryFocalCrossentropy(FunctionLoss):
    """The focal cross-entropy of yes-no decisions; see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: Whether the labels 1 get the weight alpha, the others 1 - alpha.
        alpha: That weight.
        gamma: How strongly right decisions are played down.
        from_logits: Whether predictions are logits, not probabilities.
        label_smoothing: How far labels are moved towards 1/2, from 0 to 1.
        axis: Axis of the mean.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(BinaryFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.1733
    """

    _in_config = (
        "from_logits",
        "label_smoothing",
        "axis",
        "apply_class_balancing",
        "alpha",
        "gamma",
    )

    apply_class_balancing: bool
    alpha: float
    gamma: float
    from_logits: bool
    label_smoothing: float
    axis: int

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalFocalCrossentropy(FunctionLoss):
    """The focal cross-entropy over classes; see `categorical_focal_crossentropy`.

    Args:
        alpha: Weight of all classes, or a list with one for each.
        gamma: How strongly right decisions are played down.
        from_logits: Whether predictions are logits, not probabilities.
        label_smoothing: How far labels are moved towards equal probabilities, from 0 to 1.
        axis: Axis of the classes.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(CategoricalFocalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.0433
    """

    _in_config = ("from_logits", "label_smoothing", "axis", "alpha", "gamma")

    alpha: float
    gamma: float
    from_logits: bool
    label_smoothing: float
    axis: int

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
