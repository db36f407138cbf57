"""How much of the targets' variance predictions explain."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.spec import shape_of
from cornu.losses.reduction import same_rank
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["R2Score"]

_AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """The coefficient of determination: 1 for perfect predictions, 0 for those of the mean.

    1 - sum((y_true - y_pred)**2) / sum((y_true - mean(y_true))**2), for each output

    Args:
        class_aggregation: `"uniform_average"`, the mean of the outputs;
            `"variance_weighted_average"`; None, a value for each output.
        num_regressors: Number of independent variables, for the adjusted score; 0 for the plain
            one, which is also given where there are too few samples to adjust.
        name: Its name.
        dtype: See `Metric`.

    Raises:
        ArgumentError: If there is no such aggregation, or `num_regressors` is negative.

    Example:
        >>> m = R2Score()
        >>> m.update_state([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
        >>> round(float(m.result()), 4)
        0.5714
    """

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        if class_aggregation not in _AGGREGATIONS:
            raise ArgumentError(
                "R2Score",
                f"class_aggregation must be one of {_AGGREGATIONS}",
                class_aggregation=class_aggregation,
            )
        if num_regressors < 0:
            raise ArgumentError(
                "R2Score", "num_regressors must not be negative", num_regressors=num_regressors
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        if len(y_true.shape) != 2 or len(y_pred.shape) != 2 or y_pred.shape[-1] is None:
            raise ShapeError(
                "R2Score",
                "targets and predictions must have the axes (batch, outputs)",
                y_true=y_true,
                y_pred=y_pred,
            )
        shape = (y_pred.shape[-1],)
        self.squared_sum = self.add_variable(shape, "zeros", name="squared_sum")
        self.sum = self.add_variable(shape, "zeros", name="sum")
        self.total_mse = self.add_variable(shape, "zeros", name="residual")
        self.count = self.add_variable(shape, "zeros", name="count")
        self._built = True

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Targets.
            y_pred: Predictions.
            sample_weight: A weight for each sample, or for each sample and output.
        """
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = same_rank(y_true, y_pred)
        if not self._built:
            self._build(y_true, y_pred)
        weight = ops.convert_to_tensor(1 if sample_weight is None else sample_weight, self.dtype)
        if len(weight.shape) == 1:
            weight = ops.expand_dims(weight, 1)
        weight = ops.broadcast_to(weight, shape_of(y_true))
        weighted = ops.multiply(y_true, weight)
        error = ops.multiply(ops.square(ops.subtract(y_true, y_pred)), weight)
        self.sum.assign_add(ops.sum(weighted, axis=0))
        self.squared_sum.assign_add(ops.sum(ops.multiply(y_true, weighted), axis=0))
        self.total_mse.assign_add(ops.sum(error, axis=0))
        self.count.assign_add(ops.sum(weight, axis=0))
        self.num_samples.assign_add(ops.cast(ops.size(y_true), self.dtype))

    def result(self) -> Tensor:
        """Return the score so far; an output whose targets never vary scores 0."""
        if not self._built:
            return ops.zeros((), self.dtype)
        mean = ops.divide(self.sum, self.count)
        total = ops.subtract(self.squared_sum, ops.multiply(self.sum, mean))
        scores = ops.subtract(1, ops.divide(self.total_mse, total))
        scores = ops.where(ops.isinf(scores), 0.0, scores)
        if self.class_aggregation == "uniform_average":
            score = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            score = ops.divide(ops.sum(ops.multiply(total, scores)), ops.sum(total))
        else:
            score = scores
        if not self.num_regressors:
            return score
        n, p = ops.cast(self.num_samples, self.dtype), self.num_regressors
        free = ops.subtract(n, p + 1)
        unexplained = ops.multiply(ops.subtract(1.0, score), ops.subtract(n, 1.0))
        adjusted = ops.subtract(1.0, ops.divide(unexplained, free))
        return ops.where(ops.greater(free, 0), adjusted, score)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            **super().get_config(),
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
