"""Correlations between targets and predictions."""

from __future__ import annotations

from typing import Any

from cornu import ops, settings
from cornu.losses.reduction import aligned
from cornu.metrics.reductions import FunctionMetric
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "ConcordanceCorrelation",
    "PearsonCorrelation",
    "concordance_correlation",
    "pearson_correlation",
]


def _centered(x: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    mean = ops.mean(x, axis=axis, keepdims=True)
    return ops.subtract(x, mean), mean


def pearson_correlation(y_true: ArrayLike, y_pred: ArrayLike, axis: int = -1) -> Tensor:
    """Compute Pearson's correlation coefficient of targets and predictions.

    covariance / (standard deviation of y_true * standard deviation of y_pred)

    Args:
        y_true: Targets.
        y_pred: Predictions.
        axis: Axis of what is correlated.

    Shapes:
        (..., d), (..., d) -> (...), for `axis=-1`

    Example:
        >>> round(float(pearson_correlation([0.0, 1.0, 0.5], [0.1, 0.9, 0.5])), 4)
        1.0
    """
    y_true, y_pred = aligned(y_true, y_pred)
    a, b = _centered(y_true, axis)[0], _centered(y_pred, axis)[0]
    a = ops.divide(a, ops.std(a, axis=axis, keepdims=True))
    b = ops.divide(b, ops.std(b, axis=axis, keepdims=True))
    return ops.mean(ops.multiply(a, b), axis=axis)


def concordance_correlation(y_true: ArrayLike, y_pred: ArrayLike, axis: int = -1) -> Tensor:
    """Compute the concordance correlation coefficient of targets and predictions.

    2 covariance / (variance of y_true + variance of y_pred + (difference of the means)**2)

    Args:
        y_true: Targets.
        y_pred: Predictions.
        axis: Axis of what is correlated.

    Shapes:
        (..., d), (..., d) -> (...), for `axis=-1`

    References:
        Lin 1989, "A concordance correlation coefficient to evaluate reproducibility".

    Example:
        >>> round(float(concordance_correlation([0.0, 1.0, 0.5], [0.1, 0.9, 0.5])), 4)
        0.9756
    """
    y_true, y_pred = aligned(y_true, y_pred)
    a, mean_a = _centered(y_true, axis)
    b, mean_b = _centered(y_pred, axis)
    spread = ops.add(
        ops.add(ops.var(a, axis=axis, keepdims=True), ops.var(b, axis=axis, keepdims=True)),
        ops.square(ops.subtract(mean_a, mean_b)),
    )
    # From the mean of the predictions, as in Keras: b sums to zero, so it makes no difference.
    covariance = ops.multiply(ops.subtract(y_true, mean_b), b)
    share = ops.divide(ops.multiply(2, covariance), ops.add(spread, settings.epsilon()))
    return ops.mean(share, axis=axis)


class PearsonCorrelation(FunctionMetric):
    """Pearson's correlation coefficient; see `pearson_correlation`.

    Args:
        name: Its name.
        dtype: See `Metric`.
        axis: Axis of what is correlated; the result is the mean over the others.

    Example:
        >>> round(float(PearsonCorrelation()([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]])), 4)
        1.0
    """

    _in_config = ("axis",)

    axis: int

    def __init__(
        self, name: str | None = "pearson_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(pearson_correlation, name, dtype, "up", axis=axis)


class ConcordanceCorrelation(FunctionMetric):
    """The concordance correlation coefficient; see `concordance_correlation`.

    Args:
        name: Its name.
        dtype: See `Metric`.
        axis: Axis of what is correlated; the result is the mean over the others.

    Example:
        >>> round(float(ConcordanceCorrelation()([[0.0, 1.0, 0.5]], [[0.1, 0.9, 0.5]])), 4)
        0.9756
    """

    _in_config = ("axis",)

    axis: int

    def __init__(
        self, name: str | None = "concordance_correlation", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(concordance_correlation, name, dtype, "up", axis=axis)
