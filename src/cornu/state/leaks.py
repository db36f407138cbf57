"""Traced values that a layer kept in an attribute: they mean nothing once the trace is over."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from cornu.backends import current
from cornu.errors import TracedValueError
from cornu.graph.primitive import HANDLERS

__all__ = ["called_in_trace", "noting_calls", "raise_for_leaks"]

# The layers that are called in the block of `noting_calls`, by id.
called_in_trace: ContextVar[dict[int, Any] | None] = ContextVar("called_in_trace", default=None)


@contextlib.contextmanager
def noting_calls() -> Iterator[dict[int, Any]]:
    """Collect the layers that are called in the block."""
    noted: dict[int, Any] = {}
    token = called_in_trace.set(noted)
    try:
        yield noted
    finally:
        called_in_trace.reset(token)


# Bookkeeping of layers and metrics, which holds no values of users, or is cleared after a step.
_OWN = frozenset(("_losses", "_inbound_nodes", "_outbound_nodes", "_tracker"))


def raise_for_leaks(owners: Iterable[Any], what: str) -> None:
    """Raise if an attribute of one of the objects holds a value of a trace.

    Args:
        owners: Layers, metrics: whatever the traced function may have changed.
        what: What was compiled, such as "the training step".

    Raises:
        TracedValueError: Naming the attribute.
    """
    for owner in owners:
        for name, value in owner.__dict__.items():
            if name in _OWN or name.startswith("_cornu_") or not _is_traced(value):
                continue
            shown = getattr(owner, "name", None)
            where = f"{type(owner).__name__} {shown!r}" if shown else type(owner).__name__
            raise TracedValueError(
                where,
                f"the attribute `{name}` was set to a value that exists only while {what} is "
                "compiled",
                fix=f"  wrong:  self.{name} = x * 2\n"
                "  right:  return x * 2 from `call`\n"
                f"  or:     in build: self.{name} = self.add_weight(shape=..., trainable=False)\n"
                f"          in call:  self.{name}.assign(x * 2)\n"
                "  or:     model.compile(..., run_eagerly=True)",
                **{name: value},
            )


def _is_traced(value: Any) -> bool:
    if isinstance(value, (list, tuple, set)):
        return any(map(_is_traced, value))
    if isinstance(value, dict):
        return any(map(_is_traced, value.values()))
    return HANDLERS[value.__class__] is not None and not current().is_concrete(value)
