"""`Trainer`: fit, evaluate, predict, and the same for single batches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cornu import settings, tree
from cornu.backends import current
from cornu.errors import ArgumentError, ArgumentTypeError, CornuError, StateError
from cornu.lazy import later
from cornu.random.seed_generator import make_default_seed
from cornu.symbolic.argument_names import (
    parameter_names,
    understands_old_names,
    unknown_argument,
)
from cornu.training.callback_list import CallbackList
from cornu.training.data.cast import cast_batch
from cornu.training.data.make import make_source
from cornu.training.data.pack import unpack_x_y_sample_weight
from cornu.training.data.source import Source
from cornu.training.data.split import split_validation
from cornu.training.epoch import SLICE, run_epoch
from cornu.training.interrupts import deferred_interrupt
from cornu.training.logs import plain_logs
from cornu.training.model_steps import ModelSteps
from cornu.training.step import Feed

if TYPE_CHECKING:
    from cornu.training import plans
    from cornu.training.profile import Profile
else:
    plans = later("cornu.training.plans")

__all__ = ["Trainer"]


class Trainer(ModelSteps):
    """What makes a layer a model: it can be compiled and trained. Mixed into `Model`."""

    # fit, evaluate, predict

    @understands_old_names
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
    ) -> Any:
        """Train the model.

        Args:
            x: Inputs: an array, a list or dict of arrays, a generator, `PyDataset`, or a loader.
            y: Targets; a generator brings its own.
            batch_size: Samples in a batch; 32 by default.
            epochs: The epoch at which to end.
            verbose: 0 for nothing, 1 for a bar, 2 for one line an epoch; "auto" is 1.
            callbacks: Callbacks.
            validation_split: Fraction of the samples, the last ones, to evaluate on after epochs.
            validation_data: `(x, y)` or `(x, y, sample_weight)` to evaluate on, or a generator.
            shuffle: Whether each epoch has an order of its own.
            class_weight: Class index to weight.
            sample_weight: A weight for each sample.
            initial_epoch: The epoch at which to begin.
            steps_per_epoch: Batches in an epoch; by default all there are.
            validation_steps: Batches to evaluate on; by default all.
            validation_batch_size: Samples in a batch of validation; `batch_size` by default.
            validation_freq: Epochs between validations, or a list of epochs (from 1).

        Returns:
            A `History`: its `history` maps names to one value for each epoch.

        Raises:
            RuntimeError: If a `fit` of this model is running already.
        """
        self._assert_compiled("fit")
        for what, number in (("epochs", epochs), ("initial_epoch", initial_epoch)):
            if not hasattr(number, "__index__"):
                raise ArgumentTypeError("fit", f"`{what}` must be an integer", received=number)
        with self._only_fit():
            self._warn_of_changed_flags()
            self.__dict__["stop_training"] = False
            if validation_split and validation_data is None:
                (x, y, sample_weight), validation_data = split_validation(
                    x, y, sample_weight, validation_split=validation_split
                )
            source = make_source(
                x,
                y,
                sample_weight,
                batch_size=batch_size,
                shuffle=shuffle,
                class_weight=class_weight,
                steps_per_epoch=_limited(steps_per_epoch),
                initial_epoch=initial_epoch,
                seed=make_default_seed() if shuffle else 0,
            )
            validation: Source | None = None
            if validation_data is not None:  # made now, so that a mistake is told before training
                validation = self._validation_source(
                    validation_data, validation_batch_size or batch_size, validation_steps
                )
            epochs = min(epochs, settings.max_epochs() or epochs)
            callbacks = self._callback_list(callbacks, verbose, source, epochs, add_history=True)
            steps = self._steps("train")
            # `BackupAndRestore` says in `on_train_begin` where an interrupted training goes on.
            self.__dict__.update(_initial_epoch=None, _cornu_initial_step=0)
            logs: dict[str, Any] = {}
            callbacks.on_train_begin()
            first = self._initial_epoch or initial_epoch
            start = self._cornu_initial_step
            for epoch in range(first, epochs):
                self.reset_metrics()
                callbacks.on_epoch_begin(epoch)
                logs = run_epoch(self, steps, source, epoch, callbacks, "train", start)
                start = 0
                if validation is not None and _validates(epoch, validation_freq):
                    found = self.evaluate(
                        validation, callbacks=callbacks, return_dict=True, _in_fit=True
                    )
                    logs.update({f"val_{k}": v for k, v in found.items()})
                callbacks.on_epoch_end(epoch, logs)
                if self.stop_training or source.exhausted:
                    break
            callbacks.on_train_end(logs)
            if self.optimizer is not None and epochs > initial_epoch:
                self.optimizer.finalize_variable_values(self.trainable_variables)  # type: ignore[attr-defined]
            return self.history  # type: ignore[attr-defined]

    @contextlib.contextmanager
    def _only_fit(self) -> Iterator[None]:
        """Let one `fit` of this model in at a time."""
        if not self._cornu_busy.acquire(blocking=False):
            raise StateError(
                "fit",
                "this model is being trained already, perhaps by a callback or in another thread",
                fix="Wait until that `fit` has ended, or train a clone: `clone_model(model)`.",
            )
        self.__dict__["_cornu_fitting"] = True
        try:
            yield
        finally:
            self.__dict__["_cornu_fitting"] = False
            self._cornu_busy.release()

    def _callback_list(
        self, given: Any, verbose: Any, source: Source, epochs: int = 1, add_history: bool = False
    ) -> CallbackList:
        if isinstance(given, CallbackList):
            return given
        return CallbackList(
            given,
            add_history=add_history,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=source.steps(),
            model=self,
        )

    def _validation_source(self, data: Any, batch_size: int | None, steps: int | None) -> Source:
        try:
            x, y, sample_weight = unpack_x_y_sample_weight(data)
            return make_source(
                x, y, sample_weight, batch_size=batch_size, steps_per_epoch=_limited(steps)
            )
        except CornuError as error:
            error.where = "fit, validation_data"
            if not isinstance(data, (tuple, list)):
                error.fix = "It is (x, y), (x, y, sample_weight), a generator or the like."
            raise

    @understands_old_names
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the loss and the metrics on data.

        Args:
            x: Inputs, as for `fit`.
            y: Targets.
            batch_size: Samples in a batch; 32 by default.
            verbose: 0 for nothing, 1 for a bar, 2 for one line.
            sample_weight: A weight for each sample.
            steps: Batches to evaluate on; by default all.
            callbacks: Callbacks.
            return_dict: Return a dict by name instead of a list.
            **kwargs: None.

        Returns:
            The values in the order of `metrics_names`, or a single one if there is but one.
        """
        self._assert_compiled("evaluate")
        in_fit = kwargs.pop("_in_fit", False)
        if kwargs:
            raise unknown_argument("evaluate", kwargs.items(), parameter_names(Trainer.evaluate))
        source = make_source(
            x, y, sample_weight, batch_size=batch_size, steps_per_epoch=_limited(steps)
        )
        callbacks = self._callback_list(callbacks, verbose, source)
        # Inside a callback of `fit` the metrics of the training epoch must survive.
        saved = None
        if self._cornu_fitting and not in_fit:
            saved = [(v, v.value) for m in self.metrics for v in m.variables]
        try:
            callbacks.on_test_begin()
            self.reset_metrics()
            logs = run_epoch(self, self._steps("test"), source, 0, callbacks, "test")
            callbacks.on_test_end(logs)
        finally:
            for v, value in saved or ():
                v.assign(value)
        return logs if return_dict else self._as_list(logs)

    @understands_old_names
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for inputs.

        Args:
            x: Inputs, as for `fit`.
            batch_size: Samples in a batch; 32 by default.
            verbose: 0 for nothing, 1 for a bar, 2 for one line.
            steps: Batches to predict; by default all.
            callbacks: Callbacks.

        Returns:
            A writable ndarray, or a structure of them like the model's outputs.
        """
        source = make_source(x, batch_size=batch_size, steps_per_epoch=_limited(steps))
        callbacks = self._callback_list(callbacks, verbose, source)
        function = self._steps("predict")
        feed = Feed(source.epoch(0))
        parts: list[Any] = []
        callbacks.on_predict_begin()
        to_numpy = current().to_numpy
        while (batch := feed.peek()) is not None:
            done = len(parts)
            callbacks.before(done, "predict")
            with deferred_interrupt():
                _, outputs = function.prepare(batch).run(feed, 1, SLICE)
            parts.append(tree.map_structure(to_numpy, outputs))
            callbacks.after(done + 1, {"outputs": parts[-1]}, mode="predict")
        if not parts:
            raise ArgumentError("predict", "the data is empty: there was no batch")
        callbacks.on_predict_end()
        if len(parts) == 1:
            return parts[0]
        return tree.map_structure(lambda *xs: np.concatenate(xs), *parts)

    # Looking inside

    def profile(
        self, x: Any, y: Any = None, batch_size: int | None = 32, path: Any = None
    ) -> Profile:
        """Measure where the time of one step goes; the model stays as it is.

        The step is compiled and its variables are made, if they weren't yet, as `fit` would do.

        Args:
            x: Inputs, as for `fit`; the first batch is used.
            y: Targets: the step of training is measured; without, that of prediction.
            batch_size: Samples in a batch.
            path: A file for the trace as well; see `Profile.save_trace`.

        Returns:
            A `Profile`: `print` it.

        Raises:
            NotImplementedError: If the backend is another than the native one.
        """
        return plans.profile_step(self, x, y, batch_size, path)

    def describe_plan(self, x: Any = None, y: Any = None, batch_size: int | None = 32) -> str:
        """Return as text what a compiled step runs: kernels, operands, memory, layers.

        Args:
            x: Inputs, as for `profile`; without, all steps that are compiled so far.
            y: Targets.
            batch_size: Samples in a batch.

        Raises:
            NotImplementedError: If the backend is another than the native one.
        """
        return plans.describe_steps(self, x, y, batch_size)

    # One batch

    @understands_old_names
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Do one step of training on one batch.

        Args:
            x: Inputs.
            y: Targets.
            sample_weight: A weight for each sample.
            class_weight: Class index to weight.
            return_dict: Return a dict by name instead of a list.

        Returns:
            The loss and the metrics since they were last reset.
        """
        self._assert_compiled("train_on_batch")
        self._warn_of_changed_flags()
        logs = self._on_batch("train", x, y, sample_weight, class_weight)
        return logs if return_dict else self._as_list(logs)

    @understands_old_names
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss and the metrics on one batch; see `train_on_batch`."""
        self._assert_compiled("test_on_batch")
        logs = self._on_batch("test", x, y, sample_weight, None)
        return logs if return_dict else self._as_list(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch, as ndarrays."""
        outputs = self._call_by_step(tree.map_structure(_array, x))
        return tree.map_structure(current().to_numpy, outputs)

    def _call_by_step(self, x: Any) -> Any:
        """Return the outputs for arrays by the compiled prediction step."""
        batch = (x, None, None)
        _, outputs = self._steps("predict").prepare(batch).run(Feed(iter([batch])), 1, 0.0)
        return outputs

    def _on_batch(
        self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any
    ) -> dict[str, Any]:
        first = next((a for a in tree.flatten(x) if a is not None), None)
        if first is None:
            raise ArgumentError(f"{mode}_on_batch", "there are no inputs")
        source = make_source(
            x,
            y,
            sample_weight,
            batch_size=max(len(first), 1),
            class_weight=class_weight,
        )
        feed = Feed(source.epoch(0))
        batch = feed.peek()
        if batch is None:
            raise ArgumentError(f"{mode}_on_batch", "the batch is empty")
        with deferred_interrupt():
            _, logs = self._steps(mode).prepare(batch).run(feed, 1, 0.0)
        return plain_logs(logs)


def _array(x: Any) -> Any:
    return (
        None
        if x is None
        else cast_batch(np.asarray(current().to_numpy(x) if current().is_native(x) else x))
    )


def _limited(steps: int | None) -> int | None:
    limit = settings.max_steps_per_epoch()
    return steps if limit is None else min(steps or limit, limit)


def _validates(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency
