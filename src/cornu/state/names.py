"""Name scopes: where the paths of variables come from."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, NamedTuple

__all__ = ["current_path", "name_scope"]


class _Entry(NamedTuple):
    name: str
    caller: Any
    parent: str | None


_stack: ContextVar[tuple[_Entry, ...]] = ContextVar("name_scopes", default=())


class name_scope:  # the API's name
    """Put a name in front of the paths of Variables made in the block.

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

    __slots__ = ("_entry", "_tokens", "deduplicate")

    def __init__(
        self,
        name: str,
        caller: Any = None,
        deduplicate: bool = True,
        override_parent: str | None = None,
    ) -> None:
        if not isinstance(name, str) or "/" in name:
            raise ValueError(f"The name of a scope must be a string without '/', not {name!r}.")
        self._entry = _Entry(name, caller, override_parent)
        self.deduplicate = deduplicate
        self._tokens: list[Token[tuple[_Entry, ...]] | None] = []

    def __enter__(self) -> name_scope:
        stack = _stack.get()
        top = stack[-1] if stack else None
        entry = self._entry
        again = (
            self.deduplicate
            and top is not None
            and entry.caller is not None
            and top.caller is entry.caller
            and top.name == entry.name
        )
        self._tokens.append(None if again else _stack.set((*stack, entry)))
        return self

    def __exit__(self, *exception: object) -> None:
        token = self._tokens.pop()
        if token is not None:
            _stack.reset(token)


def current_path() -> str:
    """Return the names of the open scopes, joined by "/"."""
    parts: list[str] = []
    for entry in _stack.get():
        if entry.parent is not None:
            parts = [p for p in entry.parent.split("/") if p]
        parts.append(entry.name)
    return "/".join(parts)
