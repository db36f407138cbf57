"""`Constraint`, the base, and `NonNeg`."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.ops.op import ArrayLike, Tensor

__all__ = ["Constraint", "NonNeg"]


class Constraint:
    """A function from a weight's new value to the allowed one, applied after each update.

    Example:
        >>> import cornu
        >>> class Halved(cornu.constraints.Constraint):
        ...     def __call__(self, w):
        ...         return w / 2
        >>> Halved()(cornu.ops.ones(2)).tolist()
        [0.5, 0.5]
    """

    def __call__(self, w: ArrayLike) -> Tensor:
        """Return the allowed value nearest to, or made from, `w`."""
        return w

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal constraint."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the constraint of a config."""
        return cls(**config)


class NonNeg(Constraint):
    """No value below zero.

    Example:
        >>> NonNeg()([-1.0, 2.0]).tolist()
        [0.0, 2.0]
    """

    def __call__(self, w: ArrayLike) -> Tensor:
        """Return `w` with zeros for what is negative."""
        return ops.maximum(w, 0)
