"""`CSVLogger`."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from cornu.saving.atomic import atomic_write_bytes
from cornu.training.callbacks.callback import Callback

__all__ = ["CSVLogger"]


class CSVLogger(Callback):
    """Writes the logs of each epoch into a row of a CSV file.

    The file is whole at every moment: each row takes the place of the old file together with all
    rows before it.

    Args:
        filename: Path of the file.
        separator: What stands between the columns.
        append: Whether rows of an earlier training stay.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.sep = separator
        self.filename = os.fspath(filename)
        self.append = append
        self.append_header = True
        self.keys: list[str] | None = None
        self._bytes = b""  # the file so far

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin the file, or read what stays of it."""
        self.keys = None
        self.append_header = True
        path = Path(self.filename)
        if self.append and path.is_file():
            self._bytes = path.read_bytes()
            self.append_header = not self._bytes
            return
        self._bytes = b""
        self._write(b"")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a row."""
        logs = logs or {}
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.sep)
        if self.keys is None:
            self.keys = sorted(logs)
            # The first epochs may have no validation: its columns must be there all the same.
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
            if self.append_header:
                writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(_cell(logs.get(key, "NA")) for key in self.keys)])
        self._write(text.getvalue().encode())

    def _write(self, more: bytes) -> None:
        path = Path(self.filename)
        if path.exists() and not path.is_file():  # a pipe or a terminal has nothing to replace
            with path.open("ab") as stream:
                stream.write(more)
            return
        self._bytes += more
        atomic_write_bytes(path, self._bytes)


def _cell(value: Any) -> Any:
    if isinstance(value, str) or np.ndim(value) == 0 or not isinstance(value, Iterable):
        return value
    return f'"[{", ".join(map(str, value))}]"'
