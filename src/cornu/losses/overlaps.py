"""Losses of segmentation: how little two areas overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, settings
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["Dice", "Tversky", "dice", "tversky"]

Axes = int | Sequence[int] | None


def dice(y_true: ArrayLike, y_pred: ArrayLike, axis: Axes = None) -> Tensor:
    """Compute one minus the overlap of two areas, as a share of their mean size.

    1 - 2 sum(y_true * y_pred) / (sum(y_true) + sum(y_pred) + epsilon)

    Args:
        y_true: 1 where the area is, 0 elsewhere.
        y_pred: Probabilities.
        axis: Axes of the sums; None means all.

    Example:
        >>> round(float(dice([1.0, 1.0, 0.0], [1.0, 0.0, 0.0])), 4)
        0.3333
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, ops.dtype(y_pred))
    both = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    sizes = ops.add(ops.sum(y_true, axis=axis), ops.sum(y_pred, axis=axis))
    share = ops.divide(ops.multiply(2.0, both), ops.add(sizes, settings.epsilon()))
    return ops.subtract(1.0, share)


def tversky(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    alpha: float = 0.5,
    beta: float = 0.5,
    axis: Axes = None,
) -> Tensor:
    """Compute one minus the overlap of two areas, with weights on the two ways to miss.

    1 - both / (both + alpha sum(y_true (1 - y_pred)) + beta sum(y_pred (1 - y_true)) + epsilon),
    where both is sum(y_true * y_pred); with alpha = beta = 1/2 it is `dice`

    Args:
        y_true: 1 where the area is, 0 elsewhere.
        y_pred: Probabilities.
        alpha: Weight of what is missing in the prediction.
        beta: Weight of what is too much.
        axis: Axes of the sums; None means all.

    References:
        Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully
        convolutional deep networks", arXiv:1706.05721.

    Example:
        >>> round(float(tversky([1.0, 1.0, 0.0], [1.0, 0.0, 0.0], alpha=1.0)), 4)
        0.5
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, ops.dtype(y_pred))
    both = ops.sum(ops.multiply(y_true, y_pred), axis=axis)
    missing = ops.sum(ops.multiply(ops.subtract(1, y_pred), y_true), axis=axis)
    excess = ops.sum(ops.multiply(y_pred, ops.subtract(1, y_true)), axis=axis)
    total = ops.add(ops.add(both, ops.multiply(missing, alpha)), ops.multiply(excess, beta))
    return ops.subtract(1.0, ops.divide(both, ops.add(total, settings.epsilon())))


class Dice(FunctionLoss):
    """One minus the overlap of two areas; see `dice`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        axis: Axes of the sums; None means all.
        dtype: See `Loss`.

    Example:
        >>> round(float(Dice()([1.0, 1.0, 0.0], [1.0, 0.0, 0.0])), 4)
        0.3333
    """

    _in_config = ("axis",)

    axis: Axes

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "dice",
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(FunctionLoss):
    """One minus the overlap of two areas, with weights; see `tversky`.

    Args:
        alpha: Weight of what is missing in the prediction.
        beta: Weight of what is too much.
        reduction: See `Loss`.
        name: Its name.
        axis: Axes of the sums; None means all.
        dtype: See `Loss`.

    Example:
        >>> round(float(Tversky(alpha=1.0)([1.0, 1.0, 0.0], [1.0, 0.0, 0.0])), 4)
        0.5
    """

    _in_config = ("alpha", "beta", "axis")

    alpha: float
    beta: float
    axis: Axes

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "tversky",
        axis: Axes = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
