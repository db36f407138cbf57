"""Effects: what a write to state means inside `grad`, `cond`, `scan`, `jit` and a compiled step.

One rule for every transform: the body runs in a child scope whose reads fall through to the scope
around it; what it writes stays in the child until the transform decides: extra outputs of a
gradient, the union of both branches of `cond`, the carry of a loop. A cell is opaque here;
`Variable` is the one kind there is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Protocol

from cornu.graph.spec import Spec

__all__ = ["Cell", "Scope", "current_scope", "read", "scope", "write"]


class Cell(Protocol):
    """Something with one value that can be replaced. Hashed by identity.

    Attributes:
        _cornu_storage: What the backend's `make_storage` or `write` returned.
    """

    _cornu_storage: Any

    @property
    def _cornu_spec(self) -> Spec:
        """Shape and dtype, which never change."""

    def _cornu_load(self) -> Any:
        """Return the value as the backend's own tensor."""

    def _cornu_store(self, value: Any) -> None:
        """Replace the value by one of the backend's own tensors."""


class Scope:
    """Values of cells while a body runs.

    Args:
        loader: Who gives the value of a cell that was neither bound nor written here. None: the
            scope around this one, then the cell itself. A compiled step makes it an input.

    Attributes:
        bound: Values that were given to cells when the scope was made, and those loaded.
        written: Values that the body wrote, in order of the first write.
        reads: Cells whose bound or loaded value was asked for.
    """

    __slots__ = ("bound", "loader", "parent", "reads", "written")

    def __init__(self, loader: Callable[[Cell], Any] | None = None) -> None:
        self.loader = loader
        self.parent: Scope | None = None
        self.bound: dict[Cell, Any] = {}
        self.written: dict[Cell, Any] = {}
        self.reads: set[Cell] = set()

    def read(self, cell: Cell) -> Any:
        """Return the cell's value here."""
        if cell in self.written:
            return self.written[cell]
        if cell in self.bound:
            self.reads.add(cell)
            return self.bound[cell]
        if self.loader is not None:
            value = self.bound[cell] = self.loader(cell)
            self.reads.add(cell)
            return value
        if self.parent is not None:
            return self.parent.read(cell)
        return cell._cornu_load()

    def write(self, cell: Cell, value: Any) -> None:
        """Replace the cell's value here."""
        self.written[cell] = value


_current: ContextVar[Scope | None] = ContextVar("current_scope", default=None)


def current_scope() -> Scope | None:
    """Return the innermost scope, or None outside of all."""
    return _current.get()


def read(cell: Cell) -> Any:
    """Return the value of a cell as the innermost scope sees it."""
    innermost = _current.get()
    return cell._cornu_load() if innermost is None else innermost.read(cell)


def write(cell: Cell, value: Any) -> None:
    """Replace the value of a cell in the innermost scope, or for good outside of all."""
    innermost = _current.get()
    if innermost is None:
        cell._cornu_store(value)
    else:
        innermost.write(cell, value)


@contextlib.contextmanager
def scope(loader: Callable[[Cell], Any] | None = None) -> Iterator[Scope]:
    """Run the block in a child scope; its writes stay in it until someone takes them out."""
    child = Scope(loader)
    child.parent = _current.get()
    token = _current.set(child)
    try:
        yield child
    finally:
        _current.reset(token)
