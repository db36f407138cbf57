"""Arrays scaled to length one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cornu.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["normalize"]


def normalize(x: ArrayLike, axis: int = -1, order: int = 2) -> np.ndarray[Any, Any]:
    """Divide by the norm along an axis; what has norm zero stays zero.

    y = x / (sum(|x|**order, axis) ** (1 / order))

    Args:
        x: Array.
        axis: Axis along which the norm is taken.
        order: Order of the norm, at least 1.

    Shapes:
        x: (...) -> (...); a number alone gives (1,)

    Returns:
        A new array, of float64 if `x` is of integers.

    Raises:
        ArgumentError: `order` isn't a whole number above zero.

    Example:
        >>> normalize([[3.0, 4.0], [0.0, 0.0]])
        array([[0.6, 0.8],
               [0. , 0. ]])
    """
    if not isinstance(order, (int, np.integer)) or order < 1:
        raise ArgumentError("normalize", "`order` must be a whole number above zero", order=order)
    values = np.atleast_1d(np.asarray(x))
    norm = np.linalg.norm(values, order, axis, keepdims=True)
    scaled: np.ndarray[Any, Any] = values / np.where(norm == 0, 1, norm).astype(norm.dtype)
    return scaled
