"""Gradients cut to a largest norm."""

from __future__ import annotations

from collections.abc import Sequence

from cornu import ops
from cornu.ops.op import Tensor

__all__ = ["clip_by_global_norm", "clip_by_norm"]


def clip_by_norm(gradient: Tensor, largest: float) -> Tensor:
    """Return a gradient scaled down to a norm of at most `largest`.

    g largest / max(norm, largest)

    Args:
        gradient: The gradient of one variable.
        largest: The largest norm.
    """
    norm = ops.sqrt(ops.sum(ops.square(gradient)))
    return gradient * ops.divide(largest, ops.maximum(norm, largest))


def clip_by_global_norm(gradients: Sequence[Tensor], largest: float) -> list[Tensor]:
    """Return gradients scaled down together, so that their joint norm is at most `largest`.

    If the norm is infinite or NaN, so are the results: a step must not look well when it isn't.

    Args:
        gradients: The gradients of all variables.
        largest: The largest norm.
    """
    squares = [ops.sum(ops.square(ops.cast(g, "float32"))) for g in gradients]
    total = squares[0]
    for s in squares[1:]:
        total = ops.add(total, s)
    norm = ops.sqrt(total)
    scale = ops.divide(largest, ops.maximum(norm, largest))
    scale = scale + (norm - norm)  # zero, or NaN
    return [g * ops.cast(scale, g.dtype) for g in gradients]
