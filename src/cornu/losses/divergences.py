"""Losses between distributions, and of counts."""

from __future__ import annotations

from typing import Any

from cornu import ops, settings
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["KLDivergence", "Poisson", "kl_divergence", "poisson"]


def kl_divergence(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the Kullback-Leibler divergence of predictions from targets.

    sum(y_true log(y_true / y_pred)), where probabilities below epsilon count as epsilon

    Args:
        y_true: Distributions.
        y_pred: Distributions.

    Shapes:
        (..., c), (..., c) -> (...)

    Example:
        >>> round(float(kl_divergence([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
        0.6931
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.clip(ops.cast(y_true, ops.dtype(y_pred)), settings.epsilon(), 1)
    y_pred = ops.clip(y_pred, settings.epsilon(), 1)
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


def poisson(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute minus the log-likelihood of counts, but for a term of the targets alone.

    mean(y_pred - y_true log(y_pred + epsilon))

    Args:
        y_true: Counts.
        y_pred: Rates, the expected counts.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> round(float(poisson([[3.0, 0.0]], [[1.0, 2.0]])[0]), 4)
        1.5
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, ops.dtype(y_pred))
    logs = ops.log(ops.add(y_pred, settings.epsilon()))
    return ops.mean(ops.subtract(y_pred, ops.multiply(y_true, logs)), axis=-1)


class KLDivergence(FunctionLoss):
    """The Kullback-Leibler divergence; see `kl_divergence`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(FunctionLoss):
    """Minus the log-likelihood of counts; see `poisson`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(Poisson()([[3.0, 0.0]], [[1.0, 2.0]])), 4)
        1.5
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(poisson, reduction, name, dtype)
