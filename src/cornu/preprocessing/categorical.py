"""Class numbers as rows of zeros with a single one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.symbolic.argument_names import understands_old_names

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["to_categorical"]


@understands_old_names
def to_categorical(x: ArrayLike, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """Turn class numbers into one-hot rows.

    y[..., k] = 1 if x[...] == k else 0

    Args:
        x: Class numbers, of any shape, below `num_classes`. Floats are cut to whole numbers;
            negative numbers count from the last class.
        num_classes: How many classes there are; `None` means the largest number plus one.

    Shapes:
        x: (...) or (..., 1) -> (..., num_classes)

    Returns:
        An array of float64, as in Keras.

    Raises:
        ArgumentError: A number is too large, or below `-num_classes`.

    Example:
        >>> to_categorical([0, 2, 1], num_classes=3)
        array([[1., 0., 0.],
               [0., 0., 1.],
               [0., 1., 0.]])
    """
    classes = np.asarray(x, dtype="int64")
    shape = classes.shape
    if len(shape) > 1 and shape[-1] == 1:  # a column of labels
        shape = shape[:-1]
    classes = classes.reshape(-1)
    if not num_classes:
        num_classes = int(classes.max()) + 1 if classes.size else 0
    if classes.size and (classes.min() < -num_classes or classes.max() >= num_classes):
        raise ArgumentError(
            "to_categorical",
            f"class numbers must be below `num_classes`, here {num_classes}",
            fix="Classes are counted from 0: labels 1, ..., n need `labels - 1` or n + 1 classes.",
            smallest=int(classes.min()),
            largest=int(classes.max()),
        )
    rows = np.zeros((classes.size, num_classes))
    rows[np.arange(classes.size), classes] = 1
    return rows.reshape(*shape, num_classes)
