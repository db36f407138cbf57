"""Name scopes: where the paths of variables come from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

__all__ = ["current_path", "name_scope"]


class _Entry(NamedTuple):
    name: str
    caller: Any
    parent: str | None


_stack: ContextVar[tuple[_Entry, ...]] = ContextVar("name_scopes", default=())


@contextlib.contextmanager
def name_scope(
    name: str,
    caller: Any = None,
    deduplicate: bool = True,
    override_parent: str | None = None,
) -> Iterator[None]:
    """Put `name` in front of the paths of Variables made in the block.

    Args:
        name: One part of the path, without "/".
        caller: Who opens the scope; opening it twice in a row counts once.
        deduplicate: Whether it does.
        override_parent: A path to stand in place of the scopes around.

    Raises:
        ValueError: If the name is not a string without "/".

    Example:
        >>> with name_scope("encoder"):
        ...     print(current_path())
        encoder
    """
    if not isinstance(name, str) or "/" in name:
        raise ValueError(f"The name of a scope must be a string without '/', not {name!r}.")
    stack = _stack.get()
    if deduplicate and stack and caller is not None:
        top = stack[-1]
        if top.caller is caller and top.name == name:
            yield
            return
    token = _stack.set((*stack, _Entry(name, caller, override_parent)))
    try:
        yield
    finally:
        _stack.reset(token)


def current_path() -> str:
    """Return the names of the open scopes, joined by "/"."""
    parts: list[str] = []
    for entry in _stack.get():
        if entry.parent is not None:
            parts = [p for p in entry.parent.split("/") if p]
        parts.append(entry.name)
    return "/".join(parts)
