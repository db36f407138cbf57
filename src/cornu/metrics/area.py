"""The area under a curve of right against wrong decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, saving, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.metrics.confusion import are_even, even_thresholds, update_counts
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["AUC"]

_CURVES = ("ROC", "PR", "PRGAIN")
_METHODS = ("interpolation", "minoring", "majoring")


class AUC(Metric):
    """The area under the curve of decisions at all thresholds, from a finite number of them.

    Args:
        num_thresholds: How many thresholds.
        curve: `"ROC"`, true against false positives; `"PR"`, precision against recall;
            `"PRGAIN"`, the gains of both.
        summation_method: `"interpolation"`, the trapezoidal rule (for PR in the space of counts);
            `"minoring"` or `"majoring"`, the lower or upper ends of each step.
        name: Its name.
        dtype: See `Metric`.
        thresholds: The thresholds between 0 and 1, instead of equidistant ones.
        multi_label: Whether there is a curve for each label, whose areas are averaged.
        num_labels: The number of labels, if it is to be known before the first update.
        label_weights: A weight for each label.
        from_logits: Whether predictions are logits, not probabilities.

    Raises:
        ArgumentError: If an argument hasn't one of these values.

    References:
        Davis and Goadrich 2006, "The relationship between precision-recall and ROC curves".
        Flach and Kull 2015, "Precision-recall-gain curves: PR analysis done right".

    Example:
        >>> m = AUC(num_thresholds=3)
        >>> m.update_state([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
        >>> float(m.result())
        0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: ArrayLike | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self._thresholds_given = thresholds is not None
        if thresholds is None:
            if num_thresholds <= 1:
                raise ArgumentError(
                    "AUC", "num_thresholds must be greater than 1", num_thresholds=num_thresholds
                )
            inner = even_thresholds(num_thresholds)[1:-1]
        else:
            inner = sorted(float(t) for t in thresholds)
        self.num_thresholds = len(inner) + 2
        self._evenly = thresholds is None or are_even([0.0, *inner, 1.0])
        tiny = settings.epsilon()
        self._thresholds = (0.0 - tiny, *inner, 1.0 + tiny)
        self.curve = _one_of("curve", curve, _CURVES)
        self.summation_method = _one_of("summation_method", summation_method, _METHODS)
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = (
            None if label_weights is None else ops.convert_to_tensor(label_weights, self.dtype)
        )
        self._from_logits = from_logits
        self._built = False
        if not multi_label:
            if num_labels:
                raise ArgumentError(
                    "AUC", "num_labels is for multi_label=True only", num_labels=num_labels
                )
            self._build(None)
        elif num_labels:
            self._build(num_labels)

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, of which the outermost lie a little outside of 0 and 1."""
        return list(self._thresholds)

    def _build(self, labels: int | None) -> None:
        shape = (self.num_thresholds,) if labels is None else (self.num_thresholds, labels)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", name="false_positives")
        self.true_negatives = self.add_variable(shape, "zeros", name="true_negatives")
        self.false_negatives = self.add_variable(shape, "zeros", name="false_negatives")
        self._built = True

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Labels 0 and 1.
            y_pred: Probabilities, or logits if `from_logits`.
            sample_weight: What a sample counts.
        """
        y_pred = ops.convert_to_tensor(y_pred)
        if not self._built:
            if len(y_pred.shape) != 2:
                raise ShapeError("AUC", "multi_label needs the axes (batch, labels)", y_pred=y_pred)
            self._build(y_pred.shape[-1])
        if self._from_logits:
            y_pred = ops.sigmoid(y_pred)
        update_counts(
            {
                "tp": self.true_positives,
                "tn": self.true_negatives,
                "fp": self.false_positives,
                "fn": self.false_negatives,
            },
            y_true,
            y_pred,
            self._thresholds,
            sample_weight=sample_weight,
            multi_label=self.multi_label,
            label_weights=None if self.multi_label else self.label_weights,
            evenly=self._evenly,
        )

    def result(self) -> Tensor:
        """Return the area so far."""
        if not self._built:
            return ops.zeros((), self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        x, y = self._points()
        if self.summation_method == "interpolation":
            heights = ops.divide(ops.add(y[:-1], y[1:]), 2.0)
        elif self.summation_method == "minoring":
            heights = ops.minimum(y[:-1], y[1:])
        else:
            heights = ops.maximum(y[:-1], y[1:])
        return self._total(ops.multiply(ops.subtract(x[:-1], x[1:]), heights))

    def _points(self) -> tuple[Tensor, Tensor]:
        """Return the points of the curve, by descending x."""
        tp, fp = ops.convert_to_tensor(self.true_positives), self.false_positives
        tn, fn = self.true_negatives, self.false_negatives
        positives, negatives = ops.add(tp, fn), ops.add(tn, fp)
        recall = ops.divide_no_nan(tp, positives)
        if self.curve == "ROC":
            return ops.divide_no_nan(fp, negatives), recall
        if self.curve == "PR":
            return recall, ops.divide_no_nan(tp, ops.add(tp, fp))
        odds = ops.divide_no_nan(positives, negatives)
        none = ops.equal(tp, 0)
        recall_gain = ops.subtract(1.0, ops.multiply(odds, ops.divide_no_nan(fn, tp)))
        precision_gain = ops.subtract(1.0, ops.multiply(odds, ops.divide_no_nan(fp, tp)))
        recall_gain = ops.maximum(ops.where(none, 0.0, recall_gain), 0.0)
        return recall_gain, ops.where(none, 1.0, precision_gain)

    def interpolate_pr_auc(self) -> Tensor:
        """Return the area under precision against recall, interpolated in the space of counts.

        Between two thresholds true positives grow as tp = a + slope * p, p being all positives;
        precision is tp / p, and its integral over tp is slope * (dtp + a log(p2 / p1)).
        """
        tp, fn = ops.convert_to_tensor(self.true_positives), self.false_negatives
        p = ops.add(tp, self.false_positives)
        positives = ops.add(tp, fn)
        grown, taken = ops.subtract(tp[:-1], tp[1:]), ops.subtract(p[:-1], p[1:])
        slope = ops.divide_no_nan(grown, ops.maximum(taken, 0))
        start = ops.subtract(tp[1:], ops.multiply(slope, p[1:]))
        some = ops.logical_and(ops.greater(p[:-1], 0), ops.greater(p[1:], 0))
        ratio = ops.where(some, ops.divide_no_nan(p[:-1], ops.maximum(p[1:], 0)), 1)
        area = ops.multiply(slope, ops.add(grown, ops.multiply(start, ops.log(ratio))))
        return self._total(ops.divide_no_nan(area, ops.maximum(positives[1:], 0)))

    def _total(self, parts: Tensor) -> Tensor:
        """Sum the parts of an area, and average over labels."""
        total = ops.sum(parts, axis=0)
        if not self.multi_label:
            return total
        if self.label_weights is None:
            return ops.mean(total)
        weighted = ops.sum(ops.multiply(total, self.label_weights))
        return ops.divide_no_nan(weighted, ops.sum(self.label_weights))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        config = {
            **super().get_config(),
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": self.label_weights,
            "from_logits": self._from_logits,
        }
        if self._thresholds_given:
            config["thresholds"] = self.thresholds[1:-1]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> AUC:
        """Return the metric of a config."""
        weights = config.get("label_weights")
        if isinstance(weights, dict):  # an array, as files hold it
            config = {**config, "label_weights": saving.deserialize_keras_object(weights)}
        return cls(**config)


def _one_of(argument: str, given: Any, allowed: tuple[str, ...]) -> str:
    for name in allowed:
        if isinstance(given, str) and given.lower() == name.lower():
            return name
    raise ArgumentError("AUC", f"{argument} must be one of {allowed}", **{argument: given})
