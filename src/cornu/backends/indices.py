"""The error for an index that points outside, in one wording for all libraries."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import ArgumentError

__all__ = ["IndexOutOfRange", "out_of_range"]


class IndexOutOfRange(ArgumentError, IndexError):
    """An index points outside of the axis that it indexes."""


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
    if not bad.size:
        return None
    return IndexOutOfRange(
        name,
        f"index {bad[0]} is out of range for axis {axis} of size {size}",
        fix=f"An index must lie between {-size} and {size - 1}." if size else None,
    )
