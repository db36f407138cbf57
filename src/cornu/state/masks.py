"""Masks on values: which entries of a sequence count. Only a layer's call sets one."""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any

import numpy as np

__all__ = ["get_mask", "set_mask"]

# For tensors that take no attributes: id -> the tensor, weakly, and its mask.
_beside: dict[int, tuple[weakref.ref[Any], Any]] = {}


def _drop(beside: dict[int, Any], key: int, _: Any) -> None:
    # The table is an argument: when Python ends, the module's names go before the last tensors.
    beside.pop(key, None)


def get_mask(x: Any) -> Any:
    """Return the mask that a layer attached to a value, or None."""
    mask = getattr(x, "_keras_mask", None)
    if mask is None and _beside:
        found = _beside.get(id(x))
        if found is not None and found[0]() is x:
            return found[1]
    return mask


def set_mask(x: Any, mask: Any) -> None:
    """Attach a mask to a value of ours, a KerasTensor, a tracer or a foreign tensor."""
    try:
        x._keras_mask = mask
        return
    except AttributeError:
        if isinstance(x, (np.ndarray, np.generic)):  # which never left a layer
            return
    key = id(x)
    try:
        _beside[key] = (weakref.ref(x, partial(_drop, _beside, key)), mask)
    except TypeError:  # a number, or a list of tensors
        return
