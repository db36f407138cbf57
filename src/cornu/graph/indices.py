"""The error for an index that points outside, in one wording for all backends."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import IndexOutOfRange

__all__ = ["index_error", "label_error", "out_of_range"]


def index_error(name: str, index: int, axis: int, size: int) -> IndexOutOfRange:
    """Return the error for an index outside of [-size, size)."""
    return IndexOutOfRange(
        name,
        f"index {index} is out of range for axis {axis} of size {size}",
        fix=f"An index must lie between {-size} and {size - 1}." if size else None,
    )


def label_error(labels: np.ndarray[Any, Any], classes: int) -> IndexOutOfRange | None:
    """Return the error for the first label outside of [0, classes), or None if there is none.

    Args:
        labels: Integers of any shape.
        classes: How many classes there are.
    """
    bad = labels[(labels < 0) | (labels >= classes)]
    if not bad.size:
        return None
    label = int(bad[0])
    ignore = f" `ignore_class={label}` leaves entries out." if label < 0 else ""
    return IndexOutOfRange(
        f"The label {label} is no class: there are {classes} classes.",
        fix=f"Labels are counted from 0, so they are 0 to {classes - 1}.{ignore}",
    )


def out_of_range(
    name: str, indices: np.ndarray[Any, Any], axis: int, size: int
) -> IndexOutOfRange | None:
    """Return the error for the first index outside of [-size, size), or None if there is none.

    Args:
        name: The primitive that indexes.
        indices: Integers of any shape.
        axis: The axis that they index.
        size: Its size.
    """
    bad = indices[(indices < -size) | (indices >= size)]
    return index_error(name, int(bad[0]), axis, size) if bad.size else None
