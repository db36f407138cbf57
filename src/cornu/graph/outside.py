"""Stepping out of all traces and scopes, for what must happen for good while a step is traced."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from cornu.graph import effects, trace

__all__ = ["outside"]


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """Run the block as if nothing were being traced.

    Initial values are made in it: a Variable that comes to exist while a step is compiled holds
    numbers, and the seeds they were drawn from advance for good.
    """
    trace_token = trace._current.set(None)
    scope_token = effects._current.set(None)
    try:
        yield
    finally:
        effects._current.reset(scope_token)
        trace._current.reset(trace_token)
