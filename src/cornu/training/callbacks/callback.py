"""`Callback`: what is done at certain moments of training, testing and predicting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Callback", "is_default"]


class Callback:
    """Base class of callbacks: override the hooks of the moments that matter.

    A hook that is overridden, in a class or on an object, is called; for one that isn't nothing is
    computed. Batches are trained in runs that only end where somebody wants to look: a callback
    with a hook per batch ends a run with every batch (with every `steps_per_execution` batches),
    unless `batch_interval` says that it needs to look less often.

    `logs` has the values of the loss and the metrics so far. Those of a batch are computed when
    they are read.

    Attributes:
        params: `verbose`, `epochs` and `steps` of the call that this is part of.
        model: The model, whose `stop_training` may be set to end the training.
        batch_interval: For the hooks of batches: `None` or 1 is every batch, `k` every `k`-th one
            and the last of an epoch, 0 whenever a run ends anyway (about 20 times a second).

    Example:
        >>> class Stop(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         if logs["loss"] < 0.1:
        ...             self.model.stop_training = True
    """

    params: dict[str, Any] | None = None
    batch_interval: int | None = None
    _model: Any = None

    def __init__(self) -> None:
        self.params = None
        self._model = None

    @property
    def model(self) -> Any:
        """The model that is trained, tested or predicts."""
        return self._model

    def set_params(self, params: dict[str, Any]) -> None:
        """Receive `verbose`, `epochs` and `steps`.

        Args:
            params: These, by name.
        """
        self.params = params

    def set_model(self, model: Any) -> None:
        """Receive the model.

        Args:
            model: The model.
        """
        self._model = model

    def get_state(self) -> dict[str, Any]:
        """Give what this callback must know to go on with a training that was interrupted.

        Returns:
            Name -> number, text, `None`, ndarray, or list of these. Empty by default.
        """
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on where `get_state` was called; this comes after `on_train_begin`.

        Args:
            state: What `get_state` gave.
        """

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Old name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Old name of `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before an epoch of training.

        Args:
            epoch: Its index, from 0.
            logs: Empty.
        """

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after an epoch of training and its validation.

        Args:
            epoch: Its index, from 0.
            logs: Loss and metrics of the epoch; those of the validation begin with `val_`.
        """

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of training.

        Args:
            batch: Its index in the epoch.
            logs: Empty.
        """
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of training.

        Args:
            batch: Its index in the epoch.
            logs: Loss and metrics of the epoch so far.
        """
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of `evaluate`, or of the validation in `fit`.

        Args:
            batch: Its index.
            logs: Empty.
        """

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of `evaluate`, or of the validation in `fit`.

        Args:
            batch: Its index.
            logs: Loss and metrics so far.
        """

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of `predict`.

        Args:
            batch: Its index.
            logs: Empty.
        """

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of `predict`.

        Args:
            batch: Its index.
            logs: The outputs of the batch, as `outputs`.
        """

    def on_train_begin(self, logs: Any = None) -> None:
        """Called when `fit` begins.

        Args:
            logs: Empty.
        """

    def on_train_end(self, logs: Any = None) -> None:
        """Called when `fit` ends.

        Args:
            logs: Those of the last epoch.
        """

    def on_test_begin(self, logs: Any = None) -> None:
        """Called when `evaluate` or a validation begins.

        Args:
            logs: Empty.
        """

    def on_test_end(self, logs: Any = None) -> None:
        """Called when `evaluate` or a validation ends.

        Args:
            logs: Its loss and metrics.
        """

    def on_predict_begin(self, logs: Any = None) -> None:
        """Called when `predict` begins.

        Args:
            logs: Empty.
        """

    def on_predict_end(self, logs: Any = None) -> None:
        """Called when `predict` ends.

        Args:
            logs: Empty.
        """

    def _cornu_next_stop(self, done: int) -> int | None:
        """After how many batches of the epoch this callback needs to look again.

        Args:
            done: Batches that are done.

        Returns:
            A greater number, or `None` if it doesn't need to.
        """
        interval = 1 if self.batch_interval is None else self.batch_interval
        return (done // interval + 1) * interval if interval > 0 else None


def is_default(callback: Any, hook: str) -> bool:
    """Tell whether a hook is the one of `Callback`, which does nothing.

    Args:
        callback: Any object.
        hook: Name of the hook.

    Returns:
        False if its class or the object itself has another one; True also if it has none.
    """
    method = getattr(callback, hook, None)
    return method is None or getattr(method, "__func__", method) is getattr(Callback, hook, None)
