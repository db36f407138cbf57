"""Automatic names: `dense`, `dense_1`, counted per process."""

from __future__ import annotations

import re
import threading
from collections import defaultdict

__all__ = ["auto_name", "reset_names", "snake_case"]

_counts: defaultdict[str, int] = defaultdict(int)
_lock = threading.Lock()


def snake_case(name: str) -> str:
    """Return `name` in lower case with underscores, as layers are named by default.

    Example:
        >>> snake_case("Conv2DTranspose"), snake_case("LSTM"), snake_case("MaxPooling2D")
        ('conv2d_transpose', 'lstm', 'max_pooling2d')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(prefix: str) -> str:
    """Return the next free name for a class or prefix."""
    base = snake_case(prefix)
    with _lock:
        count = _counts[base]
        _counts[base] += 1
    return f"{base}_{count}" if count else base


def reset_names() -> None:
    """Begin counting again (`clear_session`)."""
    with _lock:
        _counts.clear()
