"""Numbers of right and wrong decisions."""

from __future__ import annotations

from typing import Any, ClassVar

from cornu import ops
from cornu.metrics.confusion import are_even, given_thresholds, update_counts
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["FalseNegatives", "FalsePositives", "TrueNegatives", "TruePositives"]


class _Count(Metric):
    """Base of the four counts."""

    _counted: ClassVar[str]

    def __init__(
        self,
        thresholds: float | list[float] | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.init_thresholds = thresholds
        self.thresholds = given_thresholds(type(self).__name__, thresholds)
        self.accumulator = self.add_variable((len(self.thresholds),), "zeros", name="accumulator")

    def update_state(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> None:
        """Take a batch in.

        Args:
            y_true: Labels 0 and 1.
            y_pred: Predictions; above a threshold they mean 1.
            sample_weight: What a sample counts.
        """
        update_counts(
            {self._counted: self.accumulator},
            y_true,
            y_pred,
            self.thresholds,
            sample_weight=sample_weight,
            evenly=are_even(self.thresholds),
        )

    def result(self) -> Tensor:
        """Return the count so far, or one for each of several thresholds."""
        value = ops.convert_to_tensor(self.accumulator)
        return value[0] if len(self.thresholds) == 1 else value

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {**super().get_config(), "thresholds": self.init_thresholds}


class TruePositives(_Count):
    """The number of samples that are rightly taken for 1.

    Args:
        thresholds: Above it a prediction means 1; a list gives a count each. None: 0.5.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> float(TruePositives()([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0]))
        2.0
    """

    _counted = "tp"


class TrueNegatives(_Count):
    """The number of samples that are rightly taken for 0.

    Args:
        thresholds: Above it a prediction means 1; a list gives a count each. None: 0.5.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> float(TrueNegatives()([0, 1, 0, 0], [1.0, 1.0, 0.0, 0.0]))
        2.0
    """

    _counted = "tn"


class FalsePositives(_Count):
    """The number of samples that are wrongly taken for 1.

    Args:
        thresholds: Above it a prediction means 1; a list gives a count each. None: 0.5.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> float(FalsePositives()([0, 1, 0, 0], [0.0, 0.0, 1.0, 1.0]))
        2.0
    """

    _counted = "fp"


class FalseNegatives(_Count):
    """The number of samples that are wrongly taken for 0.

    Args:
        thresholds: Above it a prediction means 1; a list gives a count each. None: 0.5.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> float(FalseNegatives()([0, 1, 1, 1], [0.0, 1.0, 0.0, 0.0]))
        2.0
    """

    _counted = "fn"
