"""Losses of embeddings: equal labels near each other, different ones apart."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.op import ArrayLike, Tensor
from cornu.state.masks import set_mask

__all__ = ["Circle", "circle"]


def circle(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    ref_labels: ArrayLike | None = None,
    ref_embeddings: ArrayLike | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """Compute the circle loss of embeddings: each similarity at its own pace towards its optimum.

    softplus(logsumexp(-gamma (m + d) (m - d)) + logsumexp(gamma (1 + m - d) (1 - m - d))), over
    pairs with equal labels and with different ones, d being one minus the product of a pair

    Args:
        y_true: Labels.
        y_pred: Embeddings of norm one.
        ref_labels: Labels of what to compare with; None: `y_true`.
        ref_embeddings: Embeddings to compare with; None: `y_pred`.
        remove_diagonal: Whether a sample isn't compared with the reference of the same place, which
            is itself if there are no others.
        gamma: Scale.
        margin: The margin m.

    Shapes:
        (n,), (n, d) -> (n,)

    Returns:
        A loss per sample, masked where it is zero.

    References:
        Sun et al. 2020, "Circle loss: a unified perspective of pair similarity optimization",
        arXiv:2002.10857.

    Example:
        >>> circle([0, 1], [[1.0, 0.0], [0.0, 1.0]]).tolist()
        [0.0, 0.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels = ops.cast(y_true, "int32")
    others = y_pred if ref_embeddings is None else ops.convert_to_tensor(ref_embeddings)
    other_labels = labels if ref_labels is None else ops.cast(ref_labels, "int32")
    distance = ops.maximum(ops.subtract(1, ops.matmul(y_pred, ops.transpose(others))), 0.0)
    same = ops.equal(ops.reshape(labels, (-1, 1)), ops.reshape(other_labels, (1, -1)))
    other = ops.logical_not(same)
    if remove_diagonal:
        # Row number equals column number; `eye` would need sizes, which may be unknown.
        ones = ops.ones_like(same, dtype="int32")
        itself = ops.equal(ops.cumsum(ones, axis=0), ops.cumsum(ones, axis=1))
        same = ops.logical_and(same, ops.logical_not(itself))
    near = ops.multiply(ops.add(margin, distance), ops.subtract(margin, distance))
    weight = ops.maximum(ops.subtract(1 + margin, distance), 0.0)
    far = ops.multiply(weight, ops.subtract(1 - margin, distance))
    pull = _sum_over(same, ops.multiply(-gamma, near))
    push = _sum_over(other, ops.multiply(gamma, far))
    losses = ops.softplus(ops.add(pull, push))
    set_mask(losses, ops.greater(losses, 0))
    return losses


def _sum_over(mask: Tensor, exponents: Tensor) -> Tensor:
    return ops.logsumexp(ops.where(mask, exponents, float("-inf")), axis=1)


class Circle(FunctionLoss):
    """The circle loss of embeddings; see `circle`.

    Args:
        gamma: Scale.
        margin: The margin.
        remove_diagonal: Whether a sample isn't compared with itself.
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> float(Circle()([0, 1], [[1.0, 0.0], [0.0, 1.0]]))
        0.0
    """

    _in_config = ("gamma", "margin", "remove_diagonal")

    gamma: float
    margin: float
    remove_diagonal: bool

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )
