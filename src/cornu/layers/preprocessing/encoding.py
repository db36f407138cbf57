"""`encoded`: class numbers as rows of numbers, one for each class."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.arguments import one_of, shape_of

__all__ = ["MODES", "encoded"]

MODES = ("one_hot", "multi_hot", "count")


def encoded(indices: Any, mode: str, depth: int, dtype: str, weights: Any = None) -> Any:
    """Return the rows.

    Args:
        indices: Integers; a scalar stands for a list of one.
        mode: "one_hot": a row with a single one for each; "multi_hot": a row for each list, with a
            one for each number in it; "count": a row for each list, with how often each occurs.
        depth: The number of classes.
        dtype: Of the rows.
        weights: How much each occurrence counts, for "count".

    Shapes:
        one_hot: (...) -> (..., depth), (..., 1) -> (..., depth); else (n, k) -> (n, depth)
    """
    one_of("encoded", "mode", mode, *MODES)
    shape = shape_of(indices)
    if not shape:
        indices = ops.expand_dims(indices, -1)
    if mode == "multi_hot":
        return ops.multi_hot(indices, depth, dtype=dtype)
    if mode == "one_hot":
        if len(shape) > 1 and shape[-1] == 1:
            indices = ops.squeeze(indices, -1)
        return ops.one_hot(indices, depth, dtype=dtype)
    rows = ops.one_hot(indices, depth, dtype=dtype)
    if weights is not None:
        rows = ops.multiply(rows, ops.expand_dims(ops.cast(weights, dtype), -1))
    return ops.sum(rows, axis=1 if len(shape) > 1 else 0)
