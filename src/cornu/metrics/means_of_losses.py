"""Losses as metrics: their means over the batches of an epoch."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.losses import crossentropies, divergences, hinges, regression
from cornu.losses.reduction import aligned
from cornu.metrics.reductions import FunctionMetric, Mean
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "RootMeanSquaredError",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]


class MeanSquaredError(FunctionMetric):
    """The mean of the squared differences; see `losses.mean_squared_error`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]])), 4)
        2.0
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(regression.mean_squared_error, name, dtype, "down")


class MeanAbsoluteError(FunctionMetric):
    """The mean of the absolute differences; see `losses.mean_absolute_error`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])), 4)
        1.0
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(regression.mean_absolute_error, name, dtype, "down")


class MeanAbsolutePercentageError(FunctionMetric):
    """The mean of the differences in percent of the targets.

    See `losses.mean_absolute_percentage_error`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(MeanAbsolutePercentageError()([[2.0], [1.0]], [[1.0], [1.0]])), 4)
        25.0
    """

    def __init__(
        self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None
    ) -> None:
        super().__init__(regression.mean_absolute_percentage_error, name, dtype, "down")


class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean of the squared differences of logarithms.

    See `losses.mean_squared_logarithmic_error`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0], [3.0]], [[0.0], [7.0]])), 4)
        0.2402
    """

    def __init__(
        self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None
    ) -> None:
        super().__init__(regression.mean_squared_logarithmic_error, name, dtype, "down")


class LogCoshError(FunctionMetric):
    """The mean logarithm of the hyperbolic cosine of the differences; see `losses.log_cosh`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(LogCoshError()([[0.0]], [[1.0]])), 4)
        0.4338
    """

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(regression.log_cosh, name, dtype, "down")


class Hinge(FunctionMetric):
    """How far decisions are from being right by one; see `losses.hinge`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(Hinge()([[-1.0, 1.0]], [[-3.0, 0.0]])), 4)
        0.5
    """

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(hinges.hinge, name, dtype, "down")


class SquaredHinge(FunctionMetric):
    """The square of how far decisions are from being right by one; see `losses.squared_hinge`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(SquaredHinge()([[-1.0, 1.0]], [[-3.0, -1.0]])), 4)
        2.0
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(hinges.squared_hinge, name, dtype, "down")


class CategoricalHinge(FunctionMetric):
    """How far the right class is from leading by one; see `losses.categorical_hinge`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(CategoricalHinge()([[0.0, 1.0]], [[1.0, 1.5]])), 4)
        0.5
    """

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(hinges.categorical_hinge, name, dtype, "down")


class KLDivergence(FunctionMetric):
    """The Kullback-Leibler divergence; see `losses.kl_divergence`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(divergences.kl_divergence, name, dtype)


class Poisson(FunctionMetric):
    """Minus the log-likelihood of counts; see `losses.poisson`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> round(float(Poisson()([[3.0, 0.0]], [[1.0, 2.0]])), 4)
        1.5
    """

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(divergences.poisson, name, dtype)


def _cosine(y_true: ArrayLike, y_pred: ArrayLike, axis: int = -1) -> Tensor:
    """Return the cosine of the angle: as a metric it has no minus, unlike the loss."""
    y_true, y_pred = aligned(y_true, y_pred)
    product = ops.multiply(ops.normalize(y_true, axis=axis), ops.normalize(y_pred, axis=axis))
    return ops.sum(product, axis=axis)


class CosineSimilarity(FunctionMetric):
    """The cosine of the angle between targets and predictions: 1 for one direction.

    Args:
        name: Its name.
        dtype: See `Metric`.
        axis: Axis of the vectors. Configs don't hold it, as in Keras.

    Example:
        >>> float(CosineSimilarity()([[0.0, 1.0]], [[0.0, 7.0]]))
        1.0
    """

    axis: int

    def __init__(
        self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1
    ) -> None:
        super().__init__(_cosine, name, dtype, "up", axis=axis)


class RootMeanSquaredError(Mean):
    """The root of the mean of the squared differences.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[1.0], [7.0]]))
        5.0
    """

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype=dtype)
        self._direction = "down"

    def update_state(  # type: ignore[override]  # the API's own signature
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Targets.
            y_pred: Predictions.
            sample_weight: A weight for each sample.
        """
        y_true, y_pred = aligned(
            ops.convert_to_tensor(y_true, dtype=self.dtype),
            ops.convert_to_tensor(y_pred, dtype=self.dtype),
        )
        super().update_state(ops.square(ops.subtract(y_pred, y_true)), sample_weight)

    def result(self) -> Tensor:
        """Return the root of the mean so far."""
        return ops.sqrt(super().result())


class BinaryCrossentropy(FunctionMetric):
    """The mean cross-entropy of yes-no decisions; see `losses.binary_crossentropy`.

    Args:
        name: Its name.
        dtype: See `Metric`.
        from_logits: Whether predictions are logits, not probabilities.
        label_smoothing: How far labels are moved towards 1/2, from 0 to 1.

    Example:
        >>> round(float(BinaryCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    _in_config = ("from_logits", "label_smoothing")

    from_logits: bool
    label_smoothing: float

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            crossentropies.binary_crossentropy,
            name,
            dtype,
            "down",
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


class CategoricalCrossentropy(FunctionMetric):
    """The cross-entropy of distributions over classes; see `losses.categorical_crossentropy`.

    Args:
        name: Its name.
        dtype: See `Metric`.
        from_logits: Whether predictions are logits, not probabilities.
        label_smoothing: How far labels are moved towards equal probabilities, from 0 to 1.
        axis: Axis of the classes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    _in_config = ("from_logits", "label_smoothing", "axis")

    from_logits: bool
    label_smoothing: float
    axis: int

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            crossentropies.categorical_crossentropy,
            name,
            dtype,
            "down",
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(FunctionMetric):
    """Minus the logarithm of the right class' probability.

    See `losses.sparse_categorical_crossentropy`.

    Args:
        name: Its name.
        dtype: See `Metric`.
        from_logits: Whether predictions are logits, not probabilities.
        ignore_class: Class whose entries give zero; they still count in the mean, unless there
            are weights.
        axis: Axis of the classes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    _in_config = ("from_logits", "ignore_class", "axis")

    from_logits: bool
    ignore_class: int | None
    axis: int

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            crossentropies.sparse_categorical_crossentropy,
            name,
            dtype,
            "down",
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
