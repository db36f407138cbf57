"""Losses of regression: distances between numbers."""

from __future__ import annotations

import math
from typing import Any

from cornu import ops, settings
from cornu.losses.function_loss import FunctionLoss
from cornu.losses.reduction import aligned
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "CosineSimilarity",
    "Huber",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "cosine_similarity",
    "huber",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
]


def mean_squared_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the mean of the squared differences over the last axis.

    mean((y_true - y_pred)**2)

    Args:
        y_true: Targets.
        y_pred: Predictions.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
        [2.0]
    """
    y_true, y_pred = aligned(y_true, y_pred)
    return ops.mean(ops.square(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the mean of the absolute differences over the last axis.

    mean(abs(y_true - y_pred))

    Args:
        y_true: Targets.
        y_pred: Predictions.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]).tolist()
        [1.0]
    """
    y_true, y_pred = aligned(y_true, y_pred)
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


def mean_absolute_percentage_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the mean of the absolute differences in percent of the targets.

    100 mean(abs((y_true - y_pred) / max(abs(y_true), epsilon)))

    Args:
        y_true: Targets.
        y_pred: Predictions.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> mean_absolute_percentage_error([[2.0, 1.0]], [[1.0, 1.0]]).tolist()
        [25.0]
    """
    y_true, y_pred = aligned(y_true, y_pred)
    size = ops.maximum(ops.abs(y_true), settings.epsilon())
    relative = ops.abs(ops.divide(ops.subtract(y_true, y_pred), size))
    return ops.multiply(100.0, ops.mean(relative, axis=-1))


def mean_squared_logarithmic_error(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the mean of the squared differences of the logarithms.

    mean((log(1 + y_true) - log(1 + y_pred))**2), where values below epsilon count as epsilon

    Args:
        y_true: Targets.
        y_pred: Predictions.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> round(float(mean_squared_logarithmic_error([0.0], [np.e - 1])), 4)
        1.0
    """
    y_true, y_pred = aligned(y_true, y_pred)
    tiny = settings.epsilon()
    # The sum and then the logarithm, as Keras rounds it; log1p would differ in the last places.
    first = ops.log(ops.add(ops.maximum(y_pred, tiny), 1.0))
    second = ops.log(ops.add(ops.maximum(y_true, tiny), 1.0))
    return ops.mean(ops.square(ops.subtract(first, second)), axis=-1)


def cosine_similarity(y_true: ArrayLike, y_pred: ArrayLike, axis: int = -1) -> Tensor:
    """Compute minus the cosine of the angle between targets and predictions.

    -sum(y_true * y_pred) / (norm(y_true) norm(y_pred)), 0 where one of them is zero

    Args:
        y_true: Targets.
        y_pred: Predictions.
        axis: Axis of the vectors.

    Returns:
        Numbers from -1, the same direction, to 1, opposite ones.

    Shapes:
        (..., d), (..., d) -> (...), for `axis=-1`

    Example:
        >>> cosine_similarity([[0.0, 1.0]], [[0.0, 7.0]]).tolist()
        [-1.0]
    """
    y_true, y_pred = aligned(y_true, y_pred)
    product = ops.multiply(ops.normalize(y_true, axis=axis), ops.normalize(y_pred, axis=axis))
    return ops.negative(ops.sum(product, axis=axis))


def huber(y_true: ArrayLike, y_pred: ArrayLike, delta: float = 1.0) -> Tensor:
    """Compute the mean of a distance that is a parabola near zero and straight beyond.

    e**2 / 2 where abs(e) <= delta, else delta abs(e) - delta**2 / 2, for e = y_true - y_pred

    Args:
        y_true: Targets.
        y_pred: Predictions.
        delta: Where the parts meet.

    Shapes:
        (..., d), (..., d) -> (...)

    References:
        Huber 1964, "Robust estimation of a location parameter".

    Example:
        >>> huber([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
        [1.5]
    """
    y_true, y_pred = aligned(y_true, y_pred)
    error = ops.subtract(y_pred, y_true)
    size = ops.abs(error)
    near = ops.multiply(0.5, ops.square(error))
    far = ops.subtract(ops.multiply(delta, size), 0.5 * delta**2)
    return ops.mean(ops.where(ops.less_equal(size, delta), near, far), axis=-1)


def log_cosh(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute the mean of the logarithm of the hyperbolic cosine of the differences.

    mean(log(cosh(y_pred - y_true))), much like the square where small, the absolute value else

    Args:
        y_true: Targets.
        y_pred: Predictions.

    Shapes:
        (..., d), (..., d) -> (...)

    Example:
        >>> round(float(log_cosh([0.0], [1.0])), 4)
        0.4338
    """
    y_true, y_pred = aligned(y_true, y_pred)
    x = ops.subtract(y_pred, y_true)
    # log(cosh(x)) = x + log(1 + e**(-2x)) - log(2): cosh itself would overflow.
    y = ops.add(x, ops.softplus(ops.multiply(x, -2.0)))
    return ops.mean(ops.subtract(y, math.log(2.0)), axis=-1)


class MeanSquaredError(FunctionLoss):
    """The mean of the squared differences; see `mean_squared_error`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]))
        2.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(FunctionLoss):
    """The mean of the absolute differences; see `mean_absolute_error`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]]))
        1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)


class MeanAbsolutePercentageError(FunctionLoss):
    """The mean difference in percent; see `mean_absolute_percentage_error`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0], [1.0]], [[1.0], [1.0]]))
        25.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(FunctionLoss):
    """The mean squared difference of logarithms; see `mean_squared_logarithmic_error`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[np.e - 1]])), 4)
        1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class CosineSimilarity(FunctionLoss):
    """Minus the cosine of the angle; see `cosine_similarity`.

    Args:
        axis: Axis of the vectors. Configs don't hold it, as in Keras.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(CosineSimilarity()([[0.0, 1.0]], [[0.0, 7.0]]))
        -1.0
    """

    axis: int

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


class Huber(FunctionLoss):
    """A parabola near zero, straight beyond; see `huber`.

    Args:
        delta: Where the parts meet. Configs don't hold it, as in Keras.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
        1.5
    """

    delta: float

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(FunctionLoss):
    """The logarithm of the hyperbolic cosine of the differences; see `log_cosh`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(LogCosh()([[0.0]], [[1.0]])), 4)
        0.4338
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)
