"""Whether the load that is going on may run code from its file: no, unless its caller said so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["effective_safe_mode", "enable_unsafe_deserialization", "safe_mode_scope"]

# None: no load is going on. There is no setting for the whole process, on purpose.
_current: ContextVar[bool | None] = ContextVar("cornu_safe_mode", default=None)


@contextmanager
def safe_mode_scope(safe_mode: bool) -> Iterator[None]:
    """Let what is read inside follow the outermost load's `safe_mode`.

    Args:
        safe_mode: What the call says; within another load it changes nothing.
    """
    token = _current.set(effective_safe_mode(safe_mode))
    try:
        yield
    finally:
        _current.reset(token)


def effective_safe_mode(safe_mode: bool | None = None) -> bool:
    """Tell whether code from a file is refused here.

    Args:
        safe_mode: What the innermost call says; None if it says nothing.

    Returns:
        What the outermost load said; outside of a load what the argument says; else True.

    Example:
        >>> effective_safe_mode()
        True
    """
    outer = _current.get()
    if outer is not None:
        return outer
    return safe_mode is not False


def enable_unsafe_deserialization() -> None:
    """Warn that only `safe_mode=False` in a loading call allows it to run code from a file.

    A switch for the whole process would unlock every file that is opened afterwards, so this
    name of the Keras API changes nothing.
    """
    warnings.warn(
        "enable_unsafe_deserialization() changes nothing: pass safe_mode=False in the very call "
        "that loads the file whose code you trust.",
        stacklevel=2,
    )
