"""What Python's operators and NumPy's functions mean on values: the table of `graph.operators`.

Each entry is found when it is first used, so that importing this costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cornu import lazy
from cornu.graph.operators import OPERATORS

__all__ = ["fill_operators"]

# Names whose op isn't public under the same one.
_PLACES = {
    "positive": ("arithmetic", "positive"),
    "bitwise_or_logical_and": ("logic", "bitwise_or_logical_and"),
    "bitwise_or_logical_or": ("logic", "bitwise_or_logical_or"),
    "bitwise_or_logical_xor": ("logic", "bitwise_or_logical_xor"),
    "bitwise_or_logical_not": ("logic", "bitwise_or_logical_not"),
    # NumPy's names
    "degrees": ("trigonometry", "rad2deg"),
    "invert": ("logic", "bitwise_not"),
    "radians": ("trigonometry", "deg2rad"),
    "remainder": ("arithmetic", "mod"),
    "rint": ("rounding", "round"),
}


def fill_operators(names: dict[str, str]) -> None:
    """Fill the table with operators and ops.

    Args:
        names: File of `cornu.ops` -> its public names, separated by spaces.
    """
    for file, public in names.items():
        for name in public.split():
            OPERATORS.setdefault(name, _found_later(name, file, name))
    for name, (file, attribute) in _PLACES.items():
        OPERATORS.setdefault(name, _found_later(name, file, attribute))


def _found_later(name: str, file: str, attribute: str) -> Callable[..., Any]:
    def first(*args: Any, **kwargs: Any) -> Any:
        found = getattr(lazy.module(f"cornu.ops.{file}"), attribute)
        OPERATORS[name] = found
        return found(*args, **kwargs)

    return first
