"""The error for an index that points outside, in one wording for all backends."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import IndexOutOfRange

__all__ = ["index_error", "out_of_range"]


def index_error(name: str, index: int, axis: int, size: int) -> IndexOutOfRange:
    """Return the error for an index outside of [-size, size)."""
    return IndexOutOfRange(
        name,
        f"index {index} is out of range for axis {axis} of size {size}",
        fix=f"An index must lie between {-size} and {size - 1}." if size else None,
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
