"""The loss of sequences whose labels aren't aligned with the steps."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.losses.function_loss import FunctionLoss
from cornu.ops.ctc import ctc_loss
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["CTC", "ctc"]


def ctc(y_true: ArrayLike, y_pred: ArrayLike) -> Tensor:
    """Compute minus the logarithm of the probability that steps spell the labels.

    Args:
        y_true: Class numbers from 1 on; 0, the blank, pads shorter rows.
        y_pred: Logits of each step.

    Shapes:
        (n, labels), (n, steps, c) -> (n,)

    Raises:
        ShapeError: If the ranks are others.

    References:
        Graves et al. 2006, "Connectionist temporal classification: labelling unsegmented sequence
        data with recurrent neural networks".

    Example:
        >>> ctc([[1]], [[[0.0, 0.0]]])
        Array([0.6931472], dtype=float32)
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if len(y_true.shape) != 2 or len(y_pred.shape) != 3:
        raise ShapeError(
            "ctc",
            "targets must have the axes (batch, labels), predictions (batch, steps, classes)",
            y_true=y_true,
            y_pred=y_pred,
        )
    labels = ops.sum(ops.cast(ops.not_equal(y_true, 0), "int32"), axis=-1)
    lengths = ops.sum(ops.ones_like(y_pred[:, :, 0], dtype="int32"), axis=-1)
    return ctc_loss(ops.cast(y_true, "int32"), y_pred, labels, lengths, mask_index=0)


class CTC(FunctionLoss):
    """Connectionist temporal classification; see `ctc`.

    Args:
        reduction: See `Loss`.
        name: Its name.
        dtype: See `Loss`.

    Example:
        >>> round(float(CTC()([[1]], [[[0.0, 0.0]]])), 4)
        0.6931
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "ctc",
        dtype: Any = None,
    ) -> None:
        super().__init__(ctc, reduction, name, dtype)
