"""How often predictions are right."""

from __future__ import annotations

from typing import Any

from cornu import ops, settings
from cornu.graph.spec import shape_of
from cornu.losses.reduction import aligned, same_rank
from cornu.metrics.reductions import FunctionMetric
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
]


def _as_floats(matches: Tensor) -> Tensor:
    return ops.cast(matches, settings.floatx())


def accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Return 1 where a prediction equals its target, else 0."""
    y_true, y_pred = aligned(y_true, y_pred)
    return _as_floats(ops.equal(y_true, y_pred))


def binary_accuracy(y_true: ArrayLike, y_pred: ArrayLike, threshold: float = 0.5) -> Tensor:
    """Say where yes-no decisions are right.

    Args:
        y_true: Labels 0 and 1.
        y_pred: Probabilities; above the threshold they mean 1.
        threshold: The threshold.

    Returns:
        1 where they are right, else 0.

    Example:
        >>> binary_accuracy([1, 0, 0], [0.9, 0.1, 0.7]).tolist()
        [1.0, 1.0, 0.0]
    """
    y_true, y_pred = same_rank(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
    decided = ops.cast(ops.greater(y_pred, threshold), ops.dtype(y_true))
    return _as_floats(ops.equal(y_true, decided))


def categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Say where the most probable class is the right one.

    Args:
        y_true: Rows of `one_hot`.
        y_pred: Probabilities or logits of the classes.

    Shapes:
        (..., c), (..., c) -> (...)

    Returns:
        1 where they are right, else 0.

    Example:
        >>> categorical_accuracy([[0, 1], [0, 1]], [[0.2, 0.8], [0.7, 0.3]]).tolist()
        [1.0, 0.0]
    """
    right = ops.argmax(ops.convert_to_tensor(y_true), axis=-1)
    return _as_floats(ops.equal(right, ops.argmax(ops.convert_to_tensor(y_pred), axis=-1)))


def sparse_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Say where the most probable class is the right one.

    Args:
        y_true: Class numbers.
        y_pred: Probabilities or logits of the classes.

    Shapes:
        (...) or (..., 1), (..., c) -> (...)

    Returns:
        1 where they are right, else 0.

    Example:
        >>> sparse_categorical_accuracy([1, 1], [[0.2, 0.8], [0.7, 0.3]]).tolist()
        [1.0, 0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    # As integers: a float of 16 bits can't tell large class numbers apart.
    y_true = ops.cast(y_true, "int32")
    is_column = len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] == 1
    if is_column:
        y_true = ops.squeeze(y_true, -1)
    matches = _as_floats(ops.equal(y_true, ops.argmax(y_pred, axis=-1)))
    if not is_column and len(matches.shape) > 1 and shape_of(matches)[-1] == 1:
        matches = ops.squeeze(matches, -1)
    return matches


class Accuracy(FunctionMetric):
    """How often predictions equal the targets.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = Accuracy()
        >>> m.update_state([[1], [2]], [[0], [2]])
        >>> float(m.result())
        0.5
    """

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(accuracy, name, dtype, "up")


class BinaryAccuracy(FunctionMetric):
    """How often yes-no decisions are right; see `binary_accuracy`.

    Args:
        name: Its name.
        dtype: See `Metric`.
        threshold: Above it, a prediction means 1.

    Example:
        >>> m = BinaryAccuracy()
        >>> m.update_state([[1], [0]], [[0.9], [0.7]])
        >>> float(m.result())
        0.5
    """

    _in_config = ("threshold",)

    threshold: float

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, "up", threshold=threshold)


class CategoricalAccuracy(FunctionMetric):
    """How often the most probable class is the right one; see `categorical_accuracy`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = CategoricalAccuracy()
        >>> m.update_state([[0, 1], [0, 1]], [[0.2, 0.8], [0.7, 0.3]])
        >>> float(m.result())
        0.5
    """

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_accuracy, name, dtype, "up")


class SparseCategoricalAccuracy(FunctionMetric):
    """How often the most probable class is the right one; see `sparse_categorical_accuracy`.

    Args:
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = SparseCategoricalAccuracy()
        >>> m.update_state([1, 1], [[0.2, 0.8], [0.7, 0.3]])
        >>> float(m.result())
        0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype, "up")
