"""Which tensor backends these tests run on: those whose library is installed."""

from __future__ import annotations

import importlib.util

__all__ = ["LIBRARIES"]

LIBRARIES = [name for name in ("jax", "torch") if importlib.util.find_spec(name) is not None]
