"""`Regularizer`, the base, and the penalties on the size of weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cornu import ops, settings
from cornu.errors import ArgumentError, NotSupportedError
from cornu.graph.dtypes import numpy_dtype
from cornu.ops.op import ArrayLike, Tensor, promote_inexact

__all__ = ["L1", "L1L2", "L2", "Regularizer", "penalty_factor", "stored_factor"]


class Regularizer:
    """A function from a weight or an output to a penalty that is added to the loss.

    Example:
        >>> import cornu
        >>> class Size(cornu.regularizers.Regularizer):
        ...     def __call__(self, x):
        ...         return 0.1 * cornu.ops.max(cornu.ops.abs(x))
        >>> float(Size()([1.0, -20.0]))
        2.0
    """

    def __call__(self, x: ArrayLike) -> Tensor:
        """Return the penalty of `x`, a scalar."""
        return 0.0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the regularizer of a config."""
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal regularizer. Subclasses write it.

        Raises:
            NotImplementedError: If a subclass doesn't.
        """
        raise NotSupportedError(type(self).__name__, "a regularizer needs `get_config` to be saved")


def penalty_factor(where: str, name: str, value: Any) -> float:
    """Return a factor as float.

    Raises:
        ValueError: If it is no finite number of zero or more.
    """
    if not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ArgumentError(where, f"{name} must be a finite number, zero or more", **{name: value})
    return float(value)


def stored_factor(value: float) -> float:
    """Return the factor as `floatx` holds it: so Keras keeps and writes some of them."""
    return float(np.asarray(value, numpy_dtype(settings.floatx())))


class L1(Regularizer):
    """The sum of absolute values: l1 sum(|x|).

    Args:
        l1: The factor.

    Example:
        >>> float(L1(0.5)([1.0, -3.0]))
        2.0
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = stored_factor(penalty_factor("L1", "l1", 0.01 if l1 is None else l1))

    def __call__(self, x: ArrayLike) -> Tensor:
        """Return the penalty of `x`."""
        x = promote_inexact(x)
        return ops.sum(ops.absolute(x)) * self.l1

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal regularizer."""
        return {"l1": self.l1}


class L2(Regularizer):
    """The sum of squares: l2 sum(x**2).

    Args:
        l2: The factor.

    Example:
        >>> float(L2(0.5)([1.0, -3.0]))
        5.0
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = penalty_factor("L2", "l2", 0.01 if l2 is None else l2)

    def __call__(self, x: ArrayLike) -> Tensor:
        """Return the penalty of `x`."""
        x = promote_inexact(x)
        return ops.sum(ops.square(x)) * self.l2

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal regularizer."""
        return {"l2": self.l2}


class L1L2(Regularizer):
    """Both: l1 sum(|x|) + l2 sum(x**2).

    Args:
        l1: The factor of absolute values.
        l2: The factor of squares.

    Example:
        >>> float(L1L2(0.5, 0.5)([1.0, -3.0]))
        7.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = penalty_factor("L1L2", "l1", 0.0 if l1 is None else l1)
        self.l2 = penalty_factor("L1L2", "l2", 0.0 if l2 is None else l2)

    def __call__(self, x: ArrayLike) -> Tensor:
        """Return the penalty of `x`."""
        x = promote_inexact(x)
        penalty: Tensor = ops.zeros((), dtype=x.dtype)
        if self.l1:
            penalty = penalty + ops.sum(ops.absolute(x)) * self.l1
        if self.l2:
            penalty = penalty + ops.sum(ops.square(x)) * self.l2
        return penalty

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal regularizer."""
        return {"l1": self.l1, "l2": self.l2}
