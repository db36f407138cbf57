"""Masks on values: which entries of a sequence count. Only a layer's call sets one."""

from __future__ import annotations

from typing import Any

__all__ = ["get_mask", "set_mask"]


def get_mask(x: Any) -> Any:
    """Return the mask that a layer attached to a value, or None."""
    return getattr(x, "_keras_mask", None)


def set_mask(x: Any, mask: Any) -> None:
    """Attach a mask to a value of ours, a KerasTensor, a tracer or a foreign tensor."""
    try:
        x._keras_mask = mask
    except AttributeError:  # a plain ndarray or number, which never left a layer
        return
