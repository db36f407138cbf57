"""Configs whose entries stand in another order than the constructor's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cornu.layers.config import serialize_argument

__all__ = ["entries_of", "with_entries"]

_FIRST = ("name", "trainable", "dtype", "activity_regularizer")


def with_entries(config: Mapping[str, Any], entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config with `entries` after those of every layer and before all others.

    An `activity_regularizer` stays among the first ones if it is there already.
    """
    first = {k: v for k, v in config.items() if k in _FIRST}
    return {**first, **entries, **{k: v for k, v in config.items() if k not in entries}}


def entries_of(layer: Any, names: Sequence[str], prefix: str = "") -> dict[str, Any]:
    """Return config entries in this order, each from the attribute `prefix` + its name."""
    return {name: serialize_argument(getattr(layer, prefix + name)) for name in names}
