"""(x, y, sample_weight) and the shorter tuples that stand for it."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError
from cornu.training.data.source import Batch

__all__ = ["pack_x_y_sample_weight", "unpack_x_y_sample_weight"]


def unpack_x_y_sample_weight(data: Any) -> Batch:
    """Split what `train_step` receives into inputs, targets and weights.

    Args:
        data: `x` alone, or a tuple or list of one to three: inputs, targets, weights.

    Returns:
        (x, y, sample_weight), with `None` for what isn't there.

    Raises:
        ArgumentError: There are more than three, or none.

    Example:
        >>> unpack_x_y_sample_weight(("features", "labels"))
        ('features', 'labels', None)
    """
    if not isinstance(data, (tuple, list)):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ArgumentError(
            "unpack_x_y_sample_weight",
            "data must be `x`, `(x,)`, `(x, y)` or `(x, y, sample_weight)`",
            fix="Several inputs go together as one: `((x1, x2), y)`.",
            data=data,
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Join inputs, targets and weights into the form that `train_step` receives.

    Args:
        x: Inputs.
        y: Targets.
        sample_weight: Weights; left out if there are no targets.

    Returns:
        `x` itself if it stands alone and is no list or tuple; else the shortest tuple.

    Example:
        >>> pack_x_y_sample_weight("features", "labels")
        ('features', 'labels')
    """
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
