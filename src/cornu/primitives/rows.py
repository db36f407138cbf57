"""Indices on NumPy arrays: checked, wrapped, flattened; and combining values at equal places."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cornu.graph.indices import index_error
from cornu.primitives.precision import is_narrow, wide
from cornu.primitives.rules import NDArray

__all__ = ["along_axis", "checked", "combine", "row_numbers"]

# The ufunc of each mode but "set" and "add".
_UFUNCS = {"multiply": np.multiply, "max": np.maximum, "min": np.minimum}


def checked(name: str, indices: NDArray, bound: int, axis: int) -> NDArray:
    """Return the indices as non-negative machine integers.

    Raises:
        IndexOutOfRange: If one is below -bound or not below bound; the message names it.
    """
    i = indices.astype(np.intp, copy=False)
    if not i.size:
        return i
    low, high = int(i.min()), int(i.max())
    if low < -bound or high >= bound:
        wrong = high if high >= bound else low
        raise index_error(name, wrong, axis, bound)
    return np.where(i < 0, i + bound, i) if low < 0 else i


def row_numbers(name: str, shape: Sequence[int], indices: NDArray) -> NDArray:
    """Return the flat position of each index vector (..., k) among the first k axes of `shape`."""
    flat = np.zeros(indices.shape[:-1], np.intp)
    for axis in range(indices.shape[-1]):
        flat = flat * shape[axis] + checked(name, indices[..., axis], shape[axis], axis)
    return flat.reshape(-1)


def along_axis(name: str, shape: Sequence[int], indices: NDArray, axis: int) -> NDArray:
    """Return the flat positions in an array of `shape` which `indices` mean along `axis`."""
    flat: NDArray = checked(name, indices, shape[axis], axis) * math.prod(shape[axis + 1 :])
    for i, d in enumerate(shape):
        if i != axis:
            line = np.arange(d) * math.prod(shape[i + 1 :])
            flat = flat + line.reshape((d,) + (1,) * (len(shape) - 1 - i))
    return flat.reshape(-1)


def combine(rows: NDArray, places: NDArray, updates: NDArray, mode: str) -> None:
    """Put `updates` (n, w) into `rows` (m, w) at `places` (n,), in place.

    Equal places: the last one stays with "set"; the other modes combine all.
    """
    if rows.shape[1] == 1:  # ufunc.at has a fast loop for one axis only
        rows, updates = rows[:, 0], updates[:, 0]
    if mode == "set":
        rows[places] = updates
    elif mode != "add":
        _UFUNCS[mode].at(rows, places, updates)
    elif places.size:
        _add(rows, places, updates)


def _add(rows: NDArray, places: NDArray, updates: NDArray) -> None:
    if rows.ndim == 1 and not is_narrow(rows.dtype):
        np.add.at(rows, places, updates)
        return
    # Sorting brings equal places together: 1.7 times as fast as `add.at` on rows.
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    updates = wide(updates)
    if starts.size == places.size:
        different, sums = places, updates
    else:
        different = ordered[starts]
        sums = np.add.reduceat(updates[order], starts, axis=0, dtype=updates.dtype)
    rows[different] = (wide(rows[different]) + sums).astype(rows.dtype, copy=False)
