"""Precision and recall."""

from __future__ import annotations

from typing import Any, ClassVar

from cornu import ops
from cornu.metrics.confusion import LOWEST, are_even, given_thresholds, update_counts
from cornu.metrics.metric import Metric
from cornu.ops.op import ArrayLike, Tensor
from cornu.state.variable import Variable

__all__ = ["Precision", "Recall"]


class _Share(Metric):
    """Base of the two: the true positives as a share of themselves and what is missed."""

    _missed: ClassVar[tuple[str, str]]  # kind of the count, and the name of its variable

    def __init__(
        self,
        thresholds: float | list[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._direction = "up"
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        # With `top_k` alone, being among the k largest is all it takes.
        default = 0.5 if top_k is None else LOWEST
        self.thresholds = given_thresholds(type(self).__name__, thresholds, default)
        shape = (len(self.thresholds),)
        self.true_positives = self.add_variable(shape, "zeros", name="true_positives")
        setattr(self, self._missed[1], self.add_variable(shape, "zeros", name=self._missed[1]))

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
            {"tp": self.true_positives, self._missed[0]: self._missed_count},
            y_true,
            y_pred,
            self.thresholds,
            top_k=self.top_k,
            class_id=self.class_id,
            sample_weight=sample_weight,
            evenly=are_even(self.thresholds),
        )

    @property
    def _missed_count(self) -> Variable:
        found: Variable = getattr(self, self._missed[1])
        return found

    def result(self) -> Tensor:
        """Return the share so far, or one for each of several thresholds; 0 for none of none."""
        both = ops.add(self.true_positives, self._missed_count)
        share = ops.divide_no_nan(self.true_positives, both)
        return share[0] if len(self.thresholds) == 1 else share

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {
            **super().get_config(),
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


class Precision(_Share):
    """How many of those taken for 1 are so.

    true positives / (true positives + false positives)

    Args:
        thresholds: Above it a prediction means 1; a list gives a value each. None: 0.5.
        top_k: Only the k largest predictions of a row can mean 1.
        class_id: Only this class is counted.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = Precision()
        >>> m.update_state([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])
        >>> round(float(m.result()), 4)
        0.6667
    """

    _missed = ("fp", "false_positives")
    false_positives: Variable


class Recall(_Share):
    """How many of those that are 1 are taken for it.

    true positives / (true positives + false negatives)

    Args:
        thresholds: Above it a prediction means 1; a list gives a value each. None: 0.5.
        top_k: Only the k largest predictions of a row can mean 1.
        class_id: Only this class is counted.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = Recall()
        >>> m.update_state([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])
        >>> round(float(m.result()), 4)
        0.6667
    """

    _missed = ("fn", "false_negatives")
    false_negatives: Variable
