"""F-scores: one number from precision and recall."""

from __future__ import annotations

from typing import Any

from cornu import ops, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.losses.reduction import same_rank
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["F1Score", "FBetaScore"]

_AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """A weighted harmonic mean of precision and recall.

    (1 + beta**2) precision * recall / (beta**2 precision + recall)

    Args:
        average: None, a score for each class; `"micro"`, one over all decisions; `"macro"`, the
            mean over classes; `"weighted"`, that weighted by the number of samples.
        beta: How much more recall counts than precision, a float above 0.
        threshold: Above it a prediction means the class, a float above 0, at most 1. None: the
            most probable class of each sample is meant.
        name: Its name.
        dtype: See `Metric`.

    Raises:
        ArgumentError: If an argument hasn't one of these values.

    Example:
        >>> m = FBetaScore(beta=2.0, threshold=0.5)
        >>> m.update_state([[1.0, 1.0], [1.0, 0.0]], [[0.2, 0.6], [0.6, 0.8]])
        >>> m.result().round(4).tolist()
        [0.5555999875068665, 0.833299994468689]
    """

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        where = type(self).__name__
        if average not in _AVERAGES:
            raise ArgumentError(where, f"average must be one of {_AVERAGES}", average=average)
        if not isinstance(beta, float) or beta <= 0.0:
            raise ArgumentError(where, "beta must be a float greater than 0", beta=beta)
        if threshold is not None and not (isinstance(threshold, float) and 0.0 < threshold <= 1.0):
            raise ArgumentError(
                where, "threshold must be a float, above 0 and at most 1", threshold=threshold
            )
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self._built = False

    def _build(self, y_true: Tensor, y_pred: Tensor) -> None:
        if len(y_true.shape) != 2 or len(y_pred.shape) != 2 or y_pred.shape[-1] is None:
            raise ShapeError(
                type(self).__name__,
                "targets and predictions must have the axes (batch, classes)",
                y_true=y_true,
                y_pred=y_pred,
            )
        shape = () if self.average == "micro" else (y_pred.shape[-1],)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", name="false_positives")
        self.false_negatives = self.add_variable(shape, "zeros", name="false_negatives")
        self.intermediate_weights = self.add_variable(shape, "zeros", name="intermediate_weights")
        self._built = True

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Labels 0 and 1, for each class.
            y_pred: Probabilities of the classes.
            sample_weight: What a sample counts.
        """
        y_true = ops.convert_to_tensor(y_true, dtype=self.dtype)
        y_pred = ops.convert_to_tensor(y_pred, dtype=self.dtype)
        y_true, y_pred = same_rank(y_true, y_pred)
        if not self._built:
            self._build(y_true, y_pred)
        if self.threshold is None:
            largest = ops.max(y_pred, axis=-1, keepdims=True)
            meant = ops.logical_and(  # in a row of zeros no class is meant
                ops.greater_equal(y_pred, largest), ops.greater(ops.abs(y_pred), 1e-9)
            )
        else:
            meant = ops.greater(y_pred, self.threshold)
        meant = ops.cast(meant, self.dtype)
        axis = None if self.average == "micro" else 0
        weight = None
        if sample_weight is not None:
            weight = ops.expand_dims(ops.convert_to_tensor(sample_weight, dtype=self.dtype), 1)

        def total(x: Tensor) -> Tensor:
            return ops.sum(x if weight is None else ops.multiply(x, weight), axis=axis)

        self.true_positives.assign_add(total(ops.multiply(meant, y_true)))
        self.false_positives.assign_add(total(ops.multiply(meant, ops.subtract(1, y_true))))
        self.false_negatives.assign_add(total(ops.multiply(ops.subtract(1, meant), y_true)))
        self.intermediate_weights.assign_add(total(y_true))

    def result(self) -> Tensor:
        """Return the score so far, or one for each class."""
        if not self._built:
            return ops.zeros((), self.dtype)
        tiny = settings.epsilon()

        def share(part: ArrayLike, whole: ArrayLike) -> Tensor:
            return ops.divide(part, ops.add(whole, tiny))

        tp = ops.convert_to_tensor(self.true_positives)
        precision = share(tp, ops.add(tp, self.false_positives))
        recall = share(tp, ops.add(tp, self.false_negatives))
        square = self.beta**2
        mean = share(
            ops.multiply(precision, recall), ops.add(ops.multiply(square, precision), recall)
        )
        score = ops.multiply(mean, 1 + square)
        if self.average == "weighted":
            weights = share(self.intermediate_weights, ops.sum(self.intermediate_weights))
            return ops.sum(ops.multiply(score, weights))
        return score if self.average is None else ops.mean(score)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            **super().get_config(),
            "average": self.average,
            "beta": self.beta,
            "threshold": self.threshold,
        }


class F1Score(FBetaScore):
    """The harmonic mean of precision and recall: `FBetaScore` with beta = 1.

    Args:
        average: None, a score for each class; `"micro"`, one over all decisions; `"macro"`, the
            mean over classes; `"weighted"`, that weighted by the number of samples.
        threshold: Above it a prediction means the class, a float above 0, at most 1. None: the
            most probable class of each sample is meant.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = F1Score(average="micro", threshold=0.5)
        >>> m.update_state([[1.0, 1.0], [1.0, 0.0]], [[0.2, 0.6], [0.6, 0.8]])
        >>> round(float(m.result()), 4)
        0.6667
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        config = super().get_config()
        del config["beta"]
        return config
