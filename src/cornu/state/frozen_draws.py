"""Numbers of `random` and `np.random` that are drawn while a step is compiled become constants."""

from __future__ import annotations

import contextlib
import random
import warnings
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

__all__ = ["drawing_for_good", "warn_of_frozen_draws", "watching_draws"]


class Watch:
    """Whether Python's or NumPy's global generator has moved.

    Attributes:
        moved: The name of the module that was drawn from, or None.
    """

    def __init__(self) -> None:
        self.moved: str | None = None
        self.rebase()

    def rebase(self) -> None:
        """Compare with the generators' positions as they are now."""
        self._python, self._numpy = random.getstate(), _numpy_position()

    def look(self) -> None:
        """Compare."""
        if self.moved is None and random.getstate() != self._python:
            self.moved = "random"
        if self.moved is None and _numpy_position() != self._numpy:
            self.moved = "np.random"


def _numpy_position() -> Any:
    state: Any = np.random.get_state(legacy=True)  # noqa: NPY002  # the one that users draw from
    return state[1].tobytes(), state[2:]


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextlib.contextmanager
def watching_draws() -> Iterator[Watch]:
    """Notice whether the block, which is being traced, draws from a global generator."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
        watch.look()
    finally:
        _watch.reset(token)


@contextlib.contextmanager
def drawing_for_good() -> Iterator[None]:
    """Draw what is meant to be drawn once: initial values and seeds."""
    watch = _watch.get()
    if watch is None:
        yield
        return
    watch.look()
    try:
        yield
    finally:
        watch.rebase()


def warn_of_frozen_draws(moved: str, what: str) -> None:
    """Warn that a draw has become a constant.

    Args:
        moved: The module that was drawn from.
        what: What was compiled, such as "the training step".
    """
    warnings.warn(
        f"`{moved}` was drawn from while {what} was compiled. The number became a constant: every "
        "later step uses the same one.\n"
        "  wrong:  np.random.normal(size=shape)    right:  keras.random.normal(shape)\n"
        "                                          or:     compile(..., run_eagerly=True)",
        UserWarning,
        stacklevel=3,
    )
