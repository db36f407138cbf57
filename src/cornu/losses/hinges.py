"""Hinge losses: zero once a decision is right by a margin."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "CategoricalHinge",
    "Hinge",
    "SquaredHinge",
    "categorical_hinge",
    "hinge",
    "squared_hinge",
]


def _margin(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, ops.dtype(y_pred))
    bits = ops.logical_or(ops.equal(y_true, 0), ops.equal(y_true, 1))
    signs = ops.subtract(ops.multiply(2.0, y_true), 1.0)
    y_true = ops.where(ops.all(bits), signs, y_true)
    return ops.maximum(ops.subtract(1.0, ops.multiply(y_true, y_pred)), 0.0)


def hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute how far decisions are from being right by one, on average over the last axis.

    mean(max(1 - y_true * y_pred, 0))

    Args:
        y_true: Labels -1 and 1; if all of them are 0 or 1, 0 stands for -1.
        y_pred: Predictions, whose sign is the decision.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> hinge([[-1.0, 1.0]], [[-3.0, 0.0]]).tolist()
        [0.5]
    """
    return ops.mean(_margin(y_true, y_pred), axis=-1)


def squared_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the mean square of how far decisions are from being right by one.

    mean(max(1 - y_true * y_pred, 0)**2)

    Args:
        y_true: Labels -1 and 1; if all of them are 0 or 1, 0 stands for -1.
        y_pred: Predictions, whose sign is the decision.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[-3.0, -1.0]]).tolist()
        [2.0]
    """
    return ops.mean(ops.square(_margin(y_true, y_pred)), axis=-1)


def categorical_hinge(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute how far the right class is from leading the others by one.

    max(max((1 - y_true) * y_pred) - sum(y_true * y_pred) + 1, 0)

    Args:
        y_true: Rows of `one_hot`.
        y_pred: Scores of classes.

    Shapes:
        (..., c), (..., c) -> (...)

    Example:
        >>> categorical_hinge([[0.0, 1.0]], [[1.0, 1.5]]).tolist()
        [0.5]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, ops.dtype(y_pred))
    right = ops.sum(ops.multiply(y_true, y_pred), axis=-1)
    wrong = ops.max(ops.multiply(ops.subtract(1.0, y_true), y_pred), axis=-1)
    return ops.maximum(ops.add(ops.subtract(wrong, right), 1.0), 0.0)


class Hinge(FunctionLoss):
    """How far decisions are from being right by one; see `hinge`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[-3.0, 0.0]]))
        0.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(FunctionLoss):
    """The square of how far decisions are from being right by one; see `squared_hinge`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[-3.0, -1.0]]))
        2.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(FunctionLoss):
    """How far the right class is from leading by one; see `categorical_hinge`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(CategoricalHinge()([[0.0, 1.0]], [[1.0, 1.5]]))
        0.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
