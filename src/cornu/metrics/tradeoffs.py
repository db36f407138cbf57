"""The best of one quantity at those thresholds where another one is good enough."""

from __future__ import annotations

from typing import Any, ClassVar

from cornu import ops
from cornu.errors import ArgumentError
from cornu.metrics.confusion import even_thresholds, update_counts
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "PrecisionAtRecall",
    "RecallAtPrecision",
    "SensitivityAtSpecificity",
    "SpecificityAtSensitivity",
]


class _AtLeast(Metric):
    """Base of the four."""

    _limited: ClassVar[str]  # argument of the constructor: the quantity that must be good enough
    _best: ClassVar[str]  # the quantity that is maximised

    def __init__(
        self,
        value: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: Any,
    ) -> None:
        where = type(self).__name__
        if not 0 <= value <= 1:
            raise ArgumentError(where, f"{self._limited} must be between 0 and 1", received=value)
        if num_thresholds <= 0:
            raise ArgumentError(
                where, "num_thresholds must be greater than 0", num_thresholds=num_thresholds
            )
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        setattr(self, self._limited, value)
        self.value = value
        self.num_thresholds = num_thresholds
        self.class_id = class_id
        self.thresholds = even_thresholds(num_thresholds)
        shape = (num_thresholds,)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        self.false_positives = self.add_variable(shape, "zeros", name="false_positives")
        self.true_negatives = self.add_variable(shape, "zeros", name="true_negatives")
        self.false_negatives = self.add_variable(shape, "zeros", name="false_negatives")

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Labels 0 and 1.
            y_pred: Predictions from 0 to 1.
            sample_weight: What a sample counts.
        """
        update_counts(
            {
                "tp": self.true_positives,
                "tn": self.true_negatives,
                "fp": self.false_positives,
                "fn": self.false_negatives,
            },
            y_true,
            y_pred,
            self.thresholds,
            class_id=self.class_id,
            sample_weight=sample_weight,
            evenly=len(self.thresholds) > 1,
        )

    def _quantity(self, name: str) -> Tensor:
        right, missed = {
            "precision": (self.true_positives, self.false_positives),
            "recall": (self.true_positives, self.false_negatives),
            "sensitivity": (self.true_positives, self.false_negatives),
            "specificity": (self.true_negatives, self.false_positives),
        }[name]
        return ops.divide_no_nan(right, ops.add(right, missed))

    def result(self) -> Tensor:
        """Return the best value so far; 0 if no threshold is good enough."""
        good = ops.greater_equal(self._quantity(self._limited), self.value)
        return ops.max(ops.where(good, self._quantity(self._best), 0))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            **super().get_config(),
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._limited: getattr(self, self._limited),
        }


class SensitivityAtSpecificity(_AtLeast):
    """The best sensitivity where the specificity is at least what is given.

    Sensitivity: how many of those that are 1 are taken for it. Specificity: how many of those that
    are 0 are.

    Args:
        specificity: The least specificity, from 0 to 1.
        num_thresholds: Thresholds from 0 to 1 that are tried.
        class_id: Only this class is counted.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = SensitivityAtSpecificity(0.5)
        >>> m.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> float(m.result())
        0.5
    """

    _limited, _best = "specificity", "sensitivity"
    specificity: float

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(_AtLeast):
    """The best specificity where the sensitivity is at least what is given.

    Sensitivity: how many of those that are 1 are taken for it. Specificity: how many of those that
    are 0 are.

    Args:
        sensitivity: The least sensitivity, from 0 to 1.
        num_thresholds: Thresholds from 0 to 1 that are tried.
        class_id: Only this class is counted.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = SpecificityAtSensitivity(0.5)
        >>> m.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> round(float(m.result()), 4)
        0.6667
    """

    _limited, _best = "sensitivity", "specificity"
    sensitivity: float

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(_AtLeast):
    """The best precision where the recall is at least what is given.

    Args:
        recall: The least recall, from 0 to 1.
        num_thresholds: Thresholds from 0 to 1 that are tried.
        class_id: Only this class is counted.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = PrecisionAtRecall(0.5)
        >>> m.update_state([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
        >>> float(m.result())
        0.5
    """

    _limited, _best = "recall", "precision"
    recall: float

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(_AtLeast):
    """The best recall where the precision is at least what is given.

    Args:
        precision: The least precision, from 0 to 1.
        num_thresholds: Thresholds from 0 to 1 that are tried.
        class_id: Only this class is counted.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = RecallAtPrecision(0.8)
        >>> m.update_state([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
        >>> float(m.result())
        0.5
    """

    _limited, _best = "precision", "recall"
    precision: float

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
