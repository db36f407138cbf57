"""`BackupAndRestore`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from cornu.errors import ArgumentError, FileFormatError, StateError
from cornu.graph.dtypes import numpy_dtype
from cornu.saving.atomic import atomic_write_bytes
from cornu.training.callbacks.batch_count import BatchCount
from cornu.training.callbacks.callback import Callback

__all__ = ["BackupAndRestore"]

_METADATA = "training_metadata.json"
_PREVIOUS = f"{_METADATA}.bkp"
_KERAS_WEIGHTS = "latest.weights.h5"  # the name in a folder that real Keras wrote


class _Siblings(Protocol):
    def get_state(self) -> dict[str, Any]: ...
    def set_state_after_begin(self, state: Mapping[str, Any]) -> None: ...


class BackupAndRestore(Callback):
    """Lets a training that was killed go on: run the same program again.

    Weights, the optimizer's state, epoch and batch, and the state of the other callbacks are saved
    while training, read when it begins again, and deleted when it is complete. The small file that
    says which backup counts is replaced at one moment, so there is always a whole one.

    Args:
        backup_dir: Folder of the backup; used for nothing else.
        save_freq: `"epoch"`, or a number of batches.
        double_checkpoint: Whether the backup before the last is kept, for when that is damaged.
        delete_checkpoint: Whether the backup is deleted when training is complete.

    Raises:
        ArgumentError: `backup_dir` is empty, or `save_freq` isn't allowed.
    """

    batch_interval = 0  # `_cornu_next_stop` says when it needs to look

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ArgumentError("BackupAndRestore", "Empty `backup_dir` argument passed")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._count = BatchCount("BackupAndRestore", save_freq)
        self._siblings: _Siblings | None = None
        self._position: dict[str, Any] = {}
        self._unsettled = False
        self._epoch = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Read a backup, if there is one."""
        if not self.model.built:
            raise StateError(
                "BackupAndRestore",
                "the model must be built before `fit`, or weights can't be read into it",
                fix="Give it an `Input`, or call it on one batch first.",
                model=self.model,
            )
        folder = Path(self.backup_dir)
        if not (folder / _METADATA).exists() and not (folder / _KERAS_WEIGHTS).exists():
            return
        try:
            self._restore(folder / _METADATA)
        except (OSError, FileFormatError, json.JSONDecodeError):
            if not (folder / _PREVIOUS).exists():
                raise
            self._restore(folder / _PREVIOUS)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Remember the epoch."""
        self._epoch = epoch
        self._count.begin_epoch()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save, if it is time."""
        if self._count.is_due(batch):
            self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save, if epochs are what is counted."""
        if self.save_freq == "epoch":
            self._save(epoch + 1, 0)

    def on_train_end(self, logs: Any = None) -> None:
        """Delete the backup: training is complete."""
        if not self.delete_checkpoint:
            return
        folder = Path(self.backup_dir)
        self._remove_all_but(set())
        for name in (_METADATA, _PREVIOUS, _KERAS_WEIGHTS):
            (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # files of somebody else stay
            folder.rmdir()

    def _cornu_next_stop(self, done: int) -> int | None:
        return self._count.next_stop(done)

    def _cornu_join(self, siblings: _Siblings) -> None:
        """Receive the list that this callback is part of."""
        self._siblings = siblings

    def _cornu_settle(self) -> None:
        """Save the callbacks' states again, now that those behind this one have had their turn."""
        if self._unsettled:
            self._write_metadata()
            self._unsettled = False

    def _save(self, epoch: int, batch: int) -> None:
        folder = Path(self.backup_dir)
        folder.mkdir(parents=True, exist_ok=True)
        weights = f"epoch{epoch}-batch{batch}.weights.h5"
        self.model.save_weights(str(folder / weights), overwrite=True)
        metadata = folder / _METADATA
        if self.double_checkpoint and metadata.exists():
            atomic_write_bytes(folder / _PREVIOUS, metadata.read_bytes())
        self._position = {"epoch": epoch, "batch": batch, "weights": weights}
        self._write_metadata()
        self._unsettled = True
        kept = {weights}
        if self.double_checkpoint and (folder / _PREVIOUS).exists():
            kept.add(json.loads((folder / _PREVIOUS).read_text()).get("weights", ""))
        self._remove_all_but(kept)

    def _write_metadata(self) -> None:
        state = self._siblings.get_state() if self._siblings is not None else {}
        text = json.dumps({**self._position, "callbacks": _to_json(state)})
        atomic_write_bytes(Path(self.backup_dir) / _METADATA, text.encode())

    def _restore(self, path: Path) -> None:
        metadata = json.loads(path.read_text()) if path.exists() else {}
        if not isinstance(metadata, dict):
            raise FileFormatError("BackupAndRestore", f"{path} isn't the file of a backup")
        optimizer = self.model.optimizer
        if optimizer is not None and not optimizer.built:  # its state must exist to be read
            optimizer.build(self.model.trainable_variables)
        weights = Path(self.backup_dir) / Path(str(metadata.get("weights", _KERAS_WEIGHTS))).name
        self.model.load_weights(str(weights))
        has_states = "callbacks" in metadata  # real Keras repeats the batches of the epoch
        self.model._initial_epoch = int(metadata.get("epoch", 0))
        self.model._cornu_initial_step = int(metadata["batch"]) if has_states else 0
        if has_states and self._siblings is not None:
            self._siblings.set_state_after_begin(_from_json(metadata["callbacks"]))

    def _remove_all_but(self, kept: set[str]) -> None:
        for path in Path(self.backup_dir).glob("epoch*-batch*.weights.h5"):
            if path.name not in kept:
                path.unlink()


def _to_json(value: Any) -> Any:
    """Plain data as JSON. Numbers of arrays go through Python floats, which keep every bit."""
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_json(item) for item in value]
    if isinstance(value, np.ndarray):
        kind = value.dtype.name
        numbers = value.astype(np.float32) if kind == "bfloat16" else value
        return {"__array__": kind, "shape": list(value.shape), "values": numbers.ravel().tolist()}
    return value.item() if isinstance(value, np.generic) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "__array__" in value:
        return np.array(value["values"], numpy_dtype(value["__array__"])).reshape(value["shape"])
    return {key: _from_json(item) for key, item in value.items()}
