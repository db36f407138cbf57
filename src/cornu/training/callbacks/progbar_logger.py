"""`ProgbarLogger`."""

from __future__ import annotations

from typing import Any

from cornu.training.callbacks.callback import Callback
from cornu.training.progress import Progbar
from cornu.training.terminal import is_live, say

__all__ = ["ProgbarLogger"]

_INTERVAL = 0.1  # seconds between two drawings: faster than this nobody can read


class ProgbarLogger(Callback):
    """Draws the progress of `fit`, `evaluate` and `predict`."""

    batch_interval = 0  # it draws by the clock: no run of batches needs to end for it

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.progbar: Progbar | None = None
        self.target: int | None = None
        self.verbose = 1
        self.epochs = 1
        self._called_in_fit = False
        self._title = ""

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive `verbose`, `epochs` and `steps`."""
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params.get("epochs", 1)
        self.target = params.get("steps")

    def on_train_begin(self, logs: Any = None) -> None:
        """From here on validation is silent: its values stand in the line of the epoch."""
        self._called_in_fit = True

    def on_train_end(self, logs: Any = None) -> None:
        """From here on `evaluate` has a line of its own."""
        self._called_in_fit = False

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin a line."""
        if not self._called_in_fit:
            self._begin()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin a line."""
        self._begin()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin a line, with the epoch above or in front."""
        title = f"Epoch {epoch + 1}/{self.epochs}" if self.epochs > 1 else ""
        if title and self.verbose and (self.verbose == 2 or is_live()):
            say(title)
            title = ""
        self._begin(f"{title} - " if title else "")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw, if it is time."""
        self._update(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw, if it is time."""
        if not self._called_in_fit:
            self._update(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Draw, if it is time."""
        self._update(batch, None)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the line for the last time."""
        self._finish(logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Write the line for the last time."""
        if not self._called_in_fit:
            self._finish(logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """Write the line for the last time."""
        self._finish(None)

    def _begin(self, title: str = "") -> None:
        self.seen = 0
        self._title = title
        self.progbar = None
        self._bar()  # its clock starts now, not with the first drawing

    def _bar(self) -> Progbar:
        if self.progbar is None:
            self.progbar = Progbar(
                self.target, verbose=self.verbose, interval=_INTERVAL, stateless_metrics=()
            )
            self.progbar.title = self._title
        return self.progbar

    def _update(self, batch: int, logs: Any) -> None:
        self.seen = batch + 1
        bar = self._bar()
        if bar.is_due():  # only then the logs are read, which computes them
            bar.update(self.seen, list((logs or {}).items()), finalize=False)

    def _finish(self, logs: Any) -> None:
        bar = self._bar()
        if self.target is None:
            bar.target = self.target = self.seen
        bar.update(self.seen or self.target, list((logs or {}).items()), finalize=True)
