"""`SwapEMAWeights`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.training.callbacks.callback import Callback
from cornu.training.data.columns import to_array

__all__ = ["SwapEMAWeights"]


class SwapEMAWeights(Callback):
    """Tests and predicts with the average of the weights that the optimizer keeps.

    The optimizer must have `use_ema=True`. The weights and their averages change places in the
    variables, so there are never three copies.

    Args:
        swap_on_epoch: Whether they also change places at the end of an epoch and back at the
            beginning of the next, so that callbacks behind this one (a checkpoint) see averages.

    References:
        Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging".
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._ema_weights_in_model = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Put the weights back."""
        if self.swap_on_epoch:
            self._show_average(False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the averages in."""
        if not self.swap_on_epoch or self._ema_weights_in_model:
            return
        self._show_average(True)
        if self.params and epoch == self.params["epochs"] - 1:
            # When training ends the optimizer overwrites the weights with what it takes for the
            # averages: they must be averages again.
            for weight, average in self._pairs():
                average.assign(weight)

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the averages in."""
        self._show_average(True)

    def on_test_end(self, logs: Any = None) -> None:
        """Put the weights back."""
        self._show_average(False)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Put the averages in."""
        self._show_average(True)

    def on_predict_end(self, logs: Any = None) -> None:
        """Put the weights back."""
        self._show_average(False)

    def _show_average(self, wanted: bool) -> None:
        if wanted == self._ema_weights_in_model:
            return
        for weight, average in self._pairs():
            kept = np.array(to_array(weight))
            weight.assign(average)
            average.assign(kept)
        self._ema_weights_in_model = wanted

    def _pairs(self) -> Iterator[tuple[Any, Any]]:
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # behind a loss scale
        found = [
            each
            for each in getattr(optimizer, "optimizers", [optimizer])
            if hasattr(each, "_model_variables_moving_average")
        ]
        if not found:
            raise ArgumentError(
                "SwapEMAWeights",
                "the optimizer must keep averages of the weights",
                fix="Make it with `use_ema=True`.",
                optimizer=optimizer,
            )
        for each in found:
            yield from zip(
                each._trainable_variables, each._model_variables_moving_average, strict=True
            )
