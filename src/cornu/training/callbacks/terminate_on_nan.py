"""`TerminateOnNaN`."""

from __future__ import annotations

import math
from typing import Any

from cornu.errors import StateError
from cornu.training.callbacks.callback import Callback
from cornu.training.terminal import say

__all__ = ["TerminateOnNaN"]


class TerminateOnNaN(Callback):
    """Ends the training when the loss is NaN or infinite.

    Args:
        raise_error: Whether it ends with an error, in place of `model.stop_training = True`; then
            no other callback cleans up after the training, so a backup of it stays.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss.

        Args:
            batch: Index of the batch in the epoch.
            logs: Has `loss`.

        Raises:
            StateError: It isn't finite, and `raise_error` is set.
        """
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise StateError(
                "TerminateOnNaN",
                f"the loss became {loss} in batch {batch}, so training ends",
                fix="Look at the data (NaN, huge values), the learning rate and gradient clipping.",
            )
        say(f"Batch {batch}: the loss is {loss}, so training ends.")
        self.model.stop_training = True
