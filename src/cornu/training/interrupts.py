"""Ctrl-C between steps, never inside one: the model holds the weights of the last finished step."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

__all__ = ["deferred_interrupt"]


@contextlib.contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Hold an interrupt back until the block is done; a second one goes through at once.

    Only the main thread can do that, as only it receives signals; elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):  # ignored, or left to the system: then there is nothing to hold back
        yield
        return
    pending: list[tuple[int, Any]] = []

    def note(signum: int, frame: Any) -> None:
        pending.append((signum, frame))
        if len(pending) > 1:
            before(signum, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if len(pending) == 1:
            before(*pending[0])
