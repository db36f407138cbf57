"""Constraints on the Euclidean norm of parts of a weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, settings
from cornu.constraints.constraint import Constraint
from cornu.ops.op import ArrayLike, Tensor, promote_inexact

__all__ = ["MaxNorm", "MinMaxNorm", "UnitNorm"]

Axes = int | Sequence[int]


def _norms(w: Tensor, axis: Axes) -> Tensor:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


class MaxNorm(Constraint):
    """Norms of at most `max_value`: w min(norm, max_value) / norm.

    Args:
        max_value: The largest norm.
        axis: Axes along which norms are taken: 0 for the kernel of Dense, so that each unit's
            weights have one; (0, 1, 2) for that of Conv2D.

    References:
        Srivastava et al. 2014, "Dropout", JMLR 15.

    Example:
        >>> MaxNorm(1.0)([[3.0], [4.0]]).numpy().round(3)
        array([[0.6],
               [0.8]], dtype=float32)
    """

    def __init__(self, max_value: float = 2, axis: Axes = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: ArrayLike) -> Tensor:
        """Return `w` with its norms cut."""
        w = promote_inexact(w)
        norms = _norms(w, self.axis)
        desired = ops.clip(norms, 0, self.max_value)
        return w * ops.divide(desired, norms + settings.epsilon())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal constraint."""
        return {"max_value": self.max_value, "axis": self.axis}


class MinMaxNorm(Constraint):
    """Norms between two bounds.

    w (rate clip(norm, min_value, max_value) + (1 - rate) norm) / norm

    Args:
        min_value: The least norm.
        max_value: The largest norm.
        rate: How far norms outside move to the bounds: 1 reaches them.
        axis: Axes along which norms are taken, see `MaxNorm`.

    Example:
        >>> MinMaxNorm(1.0, 2.0)([[0.3], [0.4]]).numpy().round(3)
        array([[0.6],
               [0.8]], dtype=float32)
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Axes = 0
    ) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: ArrayLike) -> Tensor:
        """Return `w` with its norms moved."""
        w = promote_inexact(w)
        norms = _norms(w, self.axis)
        bounded = ops.clip(norms, self.min_value, self.max_value)
        desired = bounded * self.rate + norms * (1 - self.rate)
        return w * ops.divide(desired, norms + settings.epsilon())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal constraint."""
        return {
            "min_value": self.min_value,
            "max_value": self.max_value,
            "rate": self.rate,
            "axis": self.axis,
        }


class UnitNorm(Constraint):
    """Norms of one: w / norm.

    Args:
        axis: Axes along which norms are taken, see `MaxNorm`.

    Example:
        >>> UnitNorm()([[3.0], [4.0]]).numpy().round(3)
        array([[0.6],
               [0.8]], dtype=float32)
    """

    def __init__(self, axis: Axes = 0) -> None:
        self.axis = axis

    def __call__(self, w: ArrayLike) -> Tensor:
        """Return `w` with its norms made one."""
        w = promote_inexact(w)
        return ops.divide(w, _norms(w, self.axis) + settings.epsilon())

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal constraint."""
        return {"axis": self.axis}
