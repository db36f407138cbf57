"""Which places attention may see: masks of sequences, causal order, a window, joined by and."""

from __future__ import annotations

from typing import Any

from cornu import ops

__all__ = ["causal_mask", "joined_masks", "window_mask"]


def causal_mask(queries: Any, keys: Any) -> Any:
    """Return where the key comes not after the query, as booleans of the shape (1, t, s).

    Args:
        queries: Number t of queries.
        keys: Number s of keys.
    """
    rows, columns = _places(queries, keys)
    return ops.greater_equal(rows, columns)


def window_mask(queries: Any, keys: Any, width: int) -> Any:
    """Return where key and query are less than `width` apart, as booleans of the shape (1, t, s).

    Args:
        queries: Number t of queries.
        keys: Number s of keys.
        width: The distance from which on nothing is seen.
    """
    rows, columns = _places(queries, keys)
    return ops.less(ops.abs(ops.subtract(rows, columns)), width)


def _places(queries: Any, keys: Any) -> tuple[Any, Any]:
    rows = ops.reshape(ops.arange(queries, dtype="int32"), (1, queries, 1))
    return rows, ops.reshape(ops.arange(keys, dtype="int32"), (1, 1, keys))


def joined_masks(query_mask: Any, value_mask: Any, key_mask: Any, *others: Any) -> Any:
    """Return where all masks say that a query may see a key, or None if there is none.

    Args:
        query_mask: Queries that count, (n, t), or None.
        value_mask: Values that count, (n, s), or None.
        key_mask: Keys that count, (n, s), or None.
        *others: Masks of the shape (n, t, s), or None.

    Returns:
        Booleans that broadcast to (n, t, s).
    """
    rows = [None if query_mask is None else ops.expand_dims(query_mask, -1)]
    columns = [None if m is None else ops.expand_dims(m, -2) for m in (value_mask, key_mask)]
    found = None
    for mask in (*rows, *columns, *others):
        if mask is not None:
            mask = ops.cast(mask, "bool")
            found = mask if found is None else ops.logical_and(found, mask)
    return found
