"""How often the right class is among the most probable ones."""

from __future__ import annotations

from typing import Any

from cornu import ops, settings
from cornu.graph.spec import shape_of
from cornu.metrics.reductions import FunctionMetric
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]


def top_k_categorical_accuracy(y_true: ArrayLike, y_pred: ArrayLike, k: int = 5) -> Tensor:
    """Say where the right class is among the k most probable ones.

    Args:
        y_true: Rows of `one_hot`.
        y_pred: Probabilities or logits of the classes.
        k: How many classes may be named.

    Shapes:
        (..., c), (..., c) -> (...)

    Returns:
        1 where it is, else 0.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1]], [[0.1, 0.6, 0.3]], k=2).tolist()
        [1.0]
    """
    classes = ops.argmax(ops.convert_to_tensor(y_true), axis=-1)
    return sparse_top_k_categorical_accuracy(classes, y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: ArrayLike, y_pred: ArrayLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Say where the right class is among the k most probable ones.

    Args:
        y_true: Class numbers.
        y_pred: Probabilities or logits of the classes.
        k: How many classes may be named.
        from_sorted_ids: Whether `y_pred` names classes, the most probable one first, instead.

    Shapes:
        (...), (..., c) -> (...)

    Returns:
        1 where it is, else 0.

    Example:
        >>> sparse_top_k_categorical_accuracy([2, 0], [[0.1, 0.6, 0.3]] * 2, k=2).tolist()
        [1.0, 0.0]
        >>> sparse_top_k_categorical_accuracy([3], [[5, 3, 1]], k=2, from_sorted_ids=True).tolist()
        [1.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred) if from_sorted_ids else "int32")
    shape = shape_of(y_true)
    if len(y_pred.shape) > 2:
        y_pred = ops.reshape(y_pred, (-1, shape_of(y_pred)[-1]))
    if len(shape) > 1:
        y_true = ops.reshape(y_true, (-1,))
    if from_sorted_ids:
        named = ops.equal(ops.expand_dims(y_true, 1), y_pred[:, :k])
        matches = ops.any(named, axis=1)
    else:
        matches = ops.in_top_k(y_true, y_pred, k=k)
    matches = ops.cast(matches, settings.floatx())
    return ops.reshape(matches, shape) if len(shape) > 1 else matches


class TopKCategoricalAccuracy(FunctionMetric):
    """How often the right class is among the first k; see `top_k_categorical_accuracy`.

    Args:
        k: How many classes may be named.
        name: Its name.
        dtype: See `Metric`.

    Example:
        >>> m = TopKCategoricalAccuracy(k=2)
        >>> m.update_state([[0, 0, 1], [1, 0, 0]], [[0.1, 0.6, 0.3]] * 2)
        >>> float(m.result())
        0.5
    """

    _in_config = ("k",)

    k: int

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, "up", k=k)


class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the right class is among the first k; see `sparse_top_k_categorical_accuracy`.

    Args:
        k: How many classes may be named.
        name: Its name.
        dtype: See `Metric`.
        from_sorted_ids: Whether predictions name classes, the most probable one first.

    Example:
        >>> m = SparseTopKCategoricalAccuracy(k=2)
        >>> m.update_state([2, 0], [[0.1, 0.6, 0.3]] * 2)
        >>> float(m.result())
        0.5
    """

    k: int
    from_sorted_ids: bool

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy,
            name,
            dtype,
            "up",
            k=k,
            from_sorted_ids=from_sorted_ids,
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        config = {**super().get_config(), "k": self.k}
        return {**config, "from_sorted_ids": True} if self.from_sorted_ids else config
