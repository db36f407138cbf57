"""What an outer call of a layer tells the inner ones: `training`, and who was called first."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

__all__ = ["CallContext", "call_context", "trainable_snapshot"]


class CallContext:
    """The outermost call in progress.

    Attributes:
        entry: The layer that was called from outside of all layers.
        training: What was resolved for `training`, or None.
    """

    __slots__ = ("entry", "training")

    def __init__(self, entry: Any, training: bool | None = None) -> None:
        self.entry = entry
        self.training = training


call_context: ContextVar[CallContext | None] = ContextVar("call_context", default=None)

# Flags of layers as `compile()` found them; `layer.trainable` answers from it while a step of that
# model is traced. By id of the layer.
trainable_snapshot: ContextVar[dict[int, bool] | None] = ContextVar(
    "trainable_snapshot", default=None
)
