"""`ModelCheckpoint`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.training.callbacks.batch_count import BatchCount
from cornu.training.callbacks.monitor import MonitorCallback
from cornu.training.terminal import say

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(MonitorCallback):
    """Saves the model, or its weights, while it is trained.

    Args:
        filepath: Path of the file, ending in `.keras` or `.h5`, or in `.weights.h5` for weights
            alone. It may hold `{epoch}`, `{batch}` and names of metrics, as in
            `"{epoch:02d}-{val_loss:.2f}.keras"`.
        monitor: The metric that tells which model is best.
        verbose: 1 says when it saves.
        save_best_only: Whether to save only models that are better than all before.
        save_weights_only: Whether to save weights alone.
        mode: `"min"`, `"max"`, or `"auto"`: as the metric says.
        save_freq: `"epoch"`, or a number of batches, counted over the epochs.
        initial_value_threshold: The value to be better than at first.

    Raises:
        ArgumentError: The ending of the path or `save_freq` isn't allowed.
    """

    batch_interval = 0  # `_cornu_next_stop` says when it needs to look

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._count = BatchCount("ModelCheckpoint", save_freq)
        self._epoch = 0
        endings = (".weights.h5",) if save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise ArgumentError(
                "ModelCheckpoint",
                f"`filepath` must end in {' or '.join(endings)}"
                f"{' where only weights are saved' * save_weights_only}",
                filepath=self.filepath,
            )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember the epoch."""
        self._epoch = epoch
        self._count.begin_epoch()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save, if it is time."""
        if self._count.is_due(batch):
            self._save(self._epoch, batch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save, if epochs are what is counted."""
        if self.save_freq == "epoch":
            self._save(epoch, None, logs)

    def get_state(self) -> dict[str, Any]:
        """Give the best value and the batches since the last time."""
        return {"best": self.best, **self._count.get_state()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on where `get_state` was called."""
        self.best = state["best"]
        self._count.set_state(state)

    def _cornu_next_stop(self, done: int) -> int | None:
        return self._count.next_stop(done)

    def _save(self, epoch: int, batch: int | None, logs: Any) -> None:
        logs = {} if logs is None else logs
        path = self._path(epoch, batch, logs)
        if not self._is_wanted(epoch, logs, path):
            return
        folder = Path(path).parent
        folder.mkdir(parents=True, exist_ok=True)
        if Path(path).is_dir():
            raise IsADirectoryError(
                f"ModelCheckpoint must have the path of a file, but there is a folder: {path}"
            )
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose:
            say(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _path(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> str:
        values: dict[str, Any] = {"epoch": epoch + 1}
        if batch is not None:
            values["batch"] = batch + 1
        try:
            return self.filepath.format(**{**values, **logs})
        except KeyError as error:
            raise KeyError(
                f"ModelCheckpoint can't fill in the path {self.filepath!r}: there is no value for "
                f"{error}. There are: {', '.join([*values, *logs])}."
            ) from error

    def _is_wanted(self, epoch: int, logs: Mapping[str, Any], path: str) -> bool:
        if not self.save_best_only:
            if self.verbose:
                say(f"\nEpoch {epoch + 1}: saving model to {path}")
            return True
        value = logs.get(self.monitor)
        if value is None or np.ndim(value):
            warnings.warn(
                f"ModelCheckpoint can't tell which model is best: {self.monitor!r} "
                f"{'is no single number' if value is not None else 'is not there'}, so every one "
                "is saved.",
                UserWarning,
                stacklevel=2,
            )
            return True
        before = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_improvement(value, self.best):
            if self.verbose:
                say(f"\nEpoch {epoch + 1}: {self.monitor} did not improve from {before}")
            return False
        if self.verbose:
            say(
                f"\nEpoch {epoch + 1}: {self.monitor} improved from {before} to {value:.5f}, "
                f"saving model to {path}"
            )
        self.best = value
        return True
