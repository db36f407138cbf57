"""From the losses of samples to one number: ranks, weights, masks and reductions."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ArgumentError
from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor

__all__ = [
    "REDUCTIONS",
    "aligned",
    "masked_weight",
    "reduce_weighted",
    "same_rank",
    "standard_reduction",
]

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)
_MEANS = ("sum_over_batch_size", "mean")


def standard_reduction(where: str, reduction: Any) -> str | None:
    """Return a reduction, or raise if there is none of that name.

    Args:
        where: Who asks, for the error.
        reduction: One of `REDUCTIONS`.

    Raises:
        ArgumentError: If it is none of them.
    """
    if reduction not in REDUCTIONS:
        raise ArgumentError(
            where,
            f"the reduction must be one of {', '.join(map(repr, REDUCTIONS))}",
            reduction=reduction,
        )
    return reduction  # type: ignore[no-any-return]


def same_rank(a: Tensor, b: Tensor, expand_rank_1: bool = True) -> tuple[Tensor, Tensor]:
    """Give two tensors one rank, where a last axis of size one is all that differs.

    Args:
        a: A tensor.
        b: Another one, such as labels (n,) beside predictions (n, 1).
        expand_rank_1: Whether a tensor of one axis gets a second one; else the other loses its.

    Returns:
        Both; unchanged if their ranks are equal or differ otherwise.

    Example:
        >>> import cornu
        >>> a, b = same_rank(cornu.ops.zeros((3, 1)), cornu.ops.zeros(3))
        >>> a.shape, b.shape
        ((3, 1), (3, 1))
    """
    more = len(a.shape) - len(b.shape)
    if more == 1 and _ends_in_one(a):
        if len(b.shape) == 1 and expand_rank_1:
            return a, ops.expand_dims(b, -1)
        return ops.squeeze(a, -1), b
    if more == -1 and _ends_in_one(b):
        if len(a.shape) == 1 and expand_rank_1:
            return ops.expand_dims(a, -1), b
        return a, ops.squeeze(b, -1)
    return a, b


def _ends_in_one(x: Tensor) -> bool:
    last = x.shape[-1]
    return isinstance(last, int) and last == 1


def aligned(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Tensor, Tensor]:
    """Return targets and predictions as tensors of the predictions' dtype and of one rank."""
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=ops.dtype(y_pred))
    return same_rank(y_true, y_pred)


def masked_weight(
    weight: ArrayLike | None, mask: ArrayLike | None, dtype: str, reduction: str | None
) -> Tensor | None:
    """Join the weights of samples with a mask.

    Under a mean, what a mask keeps counts the more, n / (number kept): then the mean over all
    entries is that over the kept ones.

    Args:
        weight: Weights of samples, or None.
        mask: True for what counts, or None.
        dtype: The dtype of the result.
        reduction: What will be done with the weighted losses.

    Returns:
        Weights, or None if there is neither.
    """
    if mask is None:
        return weight
    kept = ops.cast(mask, dtype)
    if reduction in _MEANS:
        # All may be masked: the weight is then zero, not infinite.
        kept = ops.multiply(kept, ops.divide_no_nan(ops.ones((), dtype), ops.mean(kept)))
    if weight is None:
        return kept
    kept, weight = same_rank(kept, ops.cast(weight, dtype))
    return ops.multiply(weight, kept)


def reduce_weighted(
    losses: ArrayLike,
    sample_weight: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    reduction: str | None = "sum_over_batch_size",
    dtype: str | None = None,
) -> Tensor:
    """Weight and mask the losses of samples, and reduce them.

    Args:
        losses: One loss per sample, or per sample and place.
        sample_weight: Factors, of the shape of `losses` or broadcast against it; a last axis of
            size one may be missing on either side.
        mask: True for what counts.
        reduction: `"sum"`; `"sum_over_batch_size"` or `"mean"`, the sum divided by the number of
            losses; `"mean_with_sample_weight"`, divided by the sum of the weights; None or
            `"none"`, nothing is summed.
        dtype: The dtype to compute in, by default that of the losses.

    Returns:
        A scalar, or the weighted losses if nothing is summed.

    Raises:
        ArgumentError: If there is no such reduction.

    Example:
        >>> float(reduce_weighted([1.0, 2.0, 6.0], mask=[True, True, False]))
        1.5
        >>> float(reduce_weighted([1.0, 2.0], sample_weight=[3.0, 0.0]))
        1.5
    """
    reduction = standard_reduction("reduce_weighted", reduction)
    losses = ops.convert_to_tensor(losses, dtype=dtype)
    dtype = ops.dtype(losses)
    weight = masked_weight(sample_weight, mask, dtype, reduction)
    if weight is not None:
        losses, weight = same_rank(losses, ops.convert_to_tensor(weight, dtype=dtype))
        losses = ops.multiply(losses, weight)
    shape = shape_of(losses)
    if reduction in (None, "none") or shape in ((), (0,)):
        return losses
    if reduction == "sum" or 0 in shape:
        return ops.sum(losses)
    if reduction == "mean_with_sample_weight" and weight is not None:
        return ops.divide_no_nan(ops.sum(losses), ops.sum(weight))
    return ops.mean(losses)
