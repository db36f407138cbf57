"""`Trainer`: compile, fit, evaluate, predict, and the steps that a subclass may replace."""

from __future__ import annotations

import contextlib
import functools
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from cornu import losses, ops, optimizers, saving, settings, tree
from cornu import metrics as metrics_module
from cornu.backends import current
from cornu.errors import ArgumentError, ArgumentTypeError, CornuError, StateError
from cornu.graph import effects
from cornu.graph.dtypes import dtype_name
from cornu.graph.spec import Spec
from cornu.graph.trace import Trace, open_trace
from cornu.layers.context import trainable_snapshot
from cornu.metrics.metric import Metric
from cornu.random.seed_generator import make_default_seed
from cornu.state.transforms import value_and_grad
from cornu.symbolic.argument_names import (
    parameter_names,
    understands_old_names,
    unknown_argument,
)
from cornu.symbolic.function import finished_runs, kept_runs
from cornu.training.by_lists import by_lists, takes_lists
from cornu.training.callback_list import CallbackList
from cornu.training.compile_loss import CompileLoss
from cornu.training.compile_metrics import CompileMetrics
from cornu.training.data.cast import cast_batch
from cornu.training.data.make import make_source
from cornu.training.data.pack import unpack_x_y_sample_weight
from cornu.training.data.source import Batch, Source
from cornu.training.data.split import split_validation
from cornu.training.interrupts import deferred_interrupt
from cornu.training.logs import plain_logs
from cornu.training.step import Feed, StepFunction

__all__ = ["Trainer"]

_SLICE = 0.05  # seconds that a run of steps may take before Python looks around
_STEP_NAMES = {"train": "training", "test": "evaluation", "predict": "prediction"}


class Trainer:
    """What makes a layer a model: it can be compiled and trained. Mixed into `Model`."""

    stop_training: bool
    optimizer: Any
    loss: Any
    compiled: bool
    steps_per_execution: int
    _loss_tracker: Any
    _compile_loss: Any
    _compile_metrics: Any
    _compile_config: Any
    _run_eagerly: bool
    _jit_compile: Any
    _initial_epoch: int | None
    _cornu_initial_step: int
    _cornu_steps: dict[str, StepFunction]
    _cornu_snapshot: Any
    _cornu_busy: threading.Lock
    _cornu_fitting: bool

    def _init_trainer(self) -> None:
        self.__dict__.update(
            stop_training=False,
            optimizer=None,
            loss=None,
            compiled=False,
            _loss_tracker=None,
            _compile_loss=None,
            _compile_metrics=None,
            _compile_config=None,
            _run_eagerly=False,
            _jit_compile="auto",
            steps_per_execution=1,
            _cornu_steps={},
            _cornu_snapshot=None,
            _cornu_busy=threading.Lock(),
            _cornu_fitting=False,
        )

    # Copies

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: all but compiled steps."""
        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        layers = list(self._flatten_layers())  # type: ignore[attr-defined]
        things = [*layers, *(v for layer in layers for v in layer.variables)]
        flags = self._cornu_snapshot
        if flags is not None:  # it goes by ids, which a copy has others of
            flags = [(x, flags[id(x)]) for x in things if id(x) in flags]
        left_out = ("_cornu_steps", "_cornu_busy", "_cornu_fitting", "_cornu_snapshot")
        function = state.get("_cornu_function")
        return {
            # First, and from the inputs on, so that no copier climbs a deep graph by recursion.
            "_cornu_order": [] if function is None else function.operations,
            **{k: v for k, v in state.items() if k not in left_out},
            "_cornu_flags": flags,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become what `__getstate__` of another model described."""
        state = dict(state)
        flags = state.pop("_cornu_flags")
        del state["_cornu_order"]
        super().__setstate__(state)  # type: ignore[misc]
        if state.get("_cornu_function") is not None:
            state["_cornu_function"].link()
        self.__dict__.update(
            _cornu_steps={},
            _cornu_busy=threading.Lock(),
            _cornu_fitting=False,
            _cornu_snapshot=None if flags is None else {id(x): flag for x, flag in flags},
        )

    # Compiling

    @understands_old_names
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how the model is trained.

        Which layers are trained (`layer.trainable`) is settled here too: changing it later needs
        another `compile`.

        Args:
            optimizer: An optimizer or its name.
            loss: A loss, its name, or a structure of them like the model's outputs.
            loss_weights: A number for each output, as a list or dict.
            metrics: Metrics or names, as a list, or a list or dict of lists for several outputs.
            weighted_metrics: Metrics that sample weights apply to.
            run_eagerly: Run each step op by op, so that a debugger, `print` and `if` work.
            steps_per_execution: Steps between two calls of callbacks' batch hooks.
            jit_compile: Kept for the API.
            auto_scale_loss: Scale the loss when the dtype policy is "mixed_float16".
        """
        optimizer = optimizers.get(optimizer)
        policy = getattr(self, "dtype_policy", None)
        if (
            auto_scale_loss
            and getattr(policy, "name", "") == "mixed_float16"
            and optimizer is not None
            and not isinstance(optimizer, optimizers.LossScaleOptimizer)
        ):
            optimizer = optimizers.LossScaleOptimizer(optimizer, name="loss_scale_optimizer")
        if steps_per_execution < 1:
            raise ArgumentError(
                "compile", "steps_per_execution must be at least 1", given=steps_per_execution
            )
        names = getattr(self, "output_names", None)
        compile_loss = None
        if loss is not None:
            compile_loss = CompileLoss(loss, loss_weights, output_names=names)
        compile_metrics = None
        if metrics is not None or weighted_metrics is not None:
            compile_metrics = CompileMetrics(metrics, weighted_metrics, output_names=names)
        config = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        self.__dict__.update(
            optimizer=optimizer,
            loss=loss,
            stop_training=False,
            compiled=True,
            _loss_tracker=metrics_module.Mean(name="loss"),
            _compile_loss=compile_loss,
            _compile_metrics=compile_metrics,
            _compile_config=config,
            _run_eagerly=run_eagerly,
            _jit_compile=jit_compile,
            steps_per_execution=steps_per_execution,
            _cornu_steps={},
            _cornu_snapshot=self._flags(),
        )

    def _flags(self) -> dict[int, bool]:
        """Return which layers and variables are to be trained now, by id."""
        flags: dict[int, bool] = {}
        for layer in self._flatten_layers():  # type: ignore[attr-defined]
            flags[id(layer)] = bool(layer._trainable)
            for v in (*layer._trainable_variables, *layer._non_trainable_variables):
                flags[id(v)] = v.trainable
        return flags

    def get_compile_config(self) -> dict[str, Any]:
        """Return the arguments of `compile` as a config, an empty one before it."""
        if self.compiled and self._compile_config is not None:
            found: dict[str, Any] = saving.serialize_keras_object(self._compile_config)
            return found
        return {}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as `get_compile_config` of another model said."""
        if type(self).compile is not Trainer.compile:
            warnings.warn(
                f"{type(self).__name__} overrides `compile`, so it must be called after loading.",
                stacklevel=2,
            )
            return
        config = saving.deserialize_keras_object(config)
        self.compile(**config)
        if self.optimizer is not None and self.built:  # type: ignore[attr-defined]
            self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]

    @property
    def run_eagerly(self) -> bool:
        """Whether steps run op by op."""
        return bool(self._run_eagerly)

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        self.__dict__["_run_eagerly"] = bool(value)
        self.__dict__["_cornu_steps"] = {}

    @property
    def jit_compile(self) -> Any:
        """Kept for the API: what was given to `compile`."""
        return self._jit_compile

    @jit_compile.setter
    def jit_compile(self, value: Any) -> None:
        self.__dict__["_jit_compile"] = value

    # Metrics

    @property
    def metrics(self) -> list[Metric]:
        """The loss tracker, the compiled metrics, those of the model and of its layers."""
        found: list[Metric] = []
        if self.compiled:
            if self._loss_tracker is not None:
                found.append(self._loss_tracker)
            if self._compile_metrics is not None:
                found.append(self._compile_metrics)
            if self._compile_loss is not None:
                found.extend(self._compile_loss.metrics)
        found.extend(self._metrics)  # type: ignore[attr-defined]
        for layer in self._flatten_layers(include_self=False):  # type: ignore[attr-defined]
            if not isinstance(layer, Trainer):
                found.extend(layer._metrics)
        return found

    @property
    def metrics_names(self) -> list[str]:
        """The names that match the list which `evaluate` returns."""
        return self._names_in_order(self.get_metrics_result())

    def reset_metrics(self) -> None:
        """Let all metrics begin again."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the values of all metrics by name."""
        found: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            if isinstance(result, dict):
                found.update(result)
            else:
                found[metric.name] = result
        return found

    def _names_in_order(self, logs: dict[str, Any]) -> list[str]:
        """Order names of logs as the metrics were given to `compile`, the others after them.

        A metric that is given twice has its place twice, as in Keras.
        """
        names: list[str] = []
        for metric in self.metrics:
            inner = metric.metrics if isinstance(metric, CompileMetrics) else [metric]
            names += [m.name for m in inner if m.name in logs]
        return [*names, *(n for n in sorted(logs) if n not in names)]

    def _as_list(self, logs: dict[str, Any]) -> Any:
        values = [logs[name] for name in self._names_in_order(logs)]
        return values[0] if len(values) == 1 else values

    # What a subclass may replace

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the scalar that is minimised: the compiled loss and what layers added.

        Args:
            x: Inputs.
            y: Targets.
            y_pred: Outputs of the model.
            sample_weight: Weights.
            training: Whether this is a training step.

        Raises:
            ValueError: If there is no loss at all.
        """
        found = []
        with finished_runs():  # a loss may close over a tensor of the model's graph
            if self._compile_loss is not None:
                loss = self._compile_loss(y, y_pred, sample_weight)
                if loss is not None:
                    found.append(loss)
            for extra in self.losses:  # type: ignore[attr-defined]
                found.append(ops.sum(ops.cast(extra, settings.floatx())))
        if not found:
            raise ArgumentError(
                "fit",
                "there is no loss to minimise",
                fix="Give `compile` a loss, or call `add_loss` in a layer.",
            )
        total = found[0]
        for loss in found[1:]:
            total = ops.add(total, loss)
        return total

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Update the compiled metrics and return the values of all."""
        if self._compile_metrics is not None:
            with finished_runs():
                self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _track_loss(self, loss: Any, x: Any) -> None:
        first = next(i for i in tree.flatten(x) if i is not None)
        size = ops.shape(first)[0]
        self._loss_tracker.update_state(loss, sample_weight=size)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Do one step of training.

        Args:
            data: What `fit` was given for a batch: `x`, `(x, y)` or `(x, y, sample_weight)`.

        Returns:
            Values by name, for the progress bar and callbacks.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)

        def scaled_loss() -> tuple[Any, Any]:
            y_pred = self._call_on(x, training=True)
            loss = self.compute_loss(
                x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True
            )
            scaled = loss if self.optimizer is None else self.optimizer.scale_loss(loss)
            return scaled, (y_pred, loss)

        weights = self.trainable_variables  # type: ignore[attr-defined]
        if not weights:
            warnings.warn("The model has no weights to train.", stacklevel=2)
            _, (y_pred, loss) = scaled_loss()
            self._track_loss(loss, x)
            return self.compute_metrics(x, y, y_pred, sample_weight)
        (_, (y_pred, loss)), gradients = value_and_grad(scaled_loss, weights, has_aux=True)()
        self._track_loss(loss, x)
        self.optimizer.apply(gradients, weights)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Do one step of evaluation; see `train_step`."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._call_on(x, training=False)
        loss = self.compute_loss(
            x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False
        )
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for a batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self._call_on(x, training=False)

    def _call_on(self, x: Any, training: bool) -> Any:
        return self(x, training=training)  # type: ignore[operator]

    # Steps

    def make_train_function(self, force: bool = False) -> Any:
        """Return the compiled training step; `force` compiles anew."""
        return self._steps("train", force)

    def make_test_function(self, force: bool = False) -> Any:
        """Return the compiled evaluation step; `force` compiles anew."""
        return self._steps("test", force)

    def make_predict_function(self, force: bool = False) -> Any:
        """Return the compiled prediction step; `force` compiles anew."""
        return self._steps("predict", force)

    def _steps(self, mode: str, force: bool = False) -> StepFunction:
        found: StepFunction | None = self._cornu_steps.get(mode)
        if found is None or force:
            step = {"train": self.train_step, "test": self.test_step, "predict": self.predict_step}
            found = self._cornu_steps[mode] = StepFunction(
                by_lists(self, mode, step[mode]),
                context=self._step_context,
                version=self._trace_version,
                build=functools.partial(self._build_for_batch, mode),
                cells=self._likely_cells,
                owners=self._owners,
                eagerly=self.run_eagerly,
                name=f"the {_STEP_NAMES[mode]} step",
            )
        return found

    @contextlib.contextmanager
    def _step_context(self) -> Iterator[None]:
        """Enter what holds during a step: the flags of `compile`, and runs of graphs are kept."""
        token = trainable_snapshot.set(self._cornu_snapshot)
        try:
            with kept_runs():
                yield
        finally:
            trainable_snapshot.reset(token)
            self._clear_losses()  # type: ignore[attr-defined]  # they are values of the step

    def _trace_version(self) -> Any:
        """Return what differs when an attribute that a trace may have read has changed."""
        layers = list(self._flatten_layers())  # type: ignore[attr-defined]
        total = sum(layer.__dict__["_cornu_version"] for layer in layers)
        parts = [self.optimizer, self._compile_loss, *(self.metrics if self.compiled else ())]
        if self.compiled:  # as they were given: `compile_metrics` finds its own in the first step
            given = (self._compile_config["metrics"], self._compile_config["weighted_metrics"])
            parts += tree.flatten(given)
        total += sum(getattr(part, "_cornu_version", 0) for part in parts)
        for value in self.__dict__.values():  # those of a `train_step` of one's own
            if isinstance(value, (optimizers.Optimizer, losses.Loss)) and not any(
                value is part for part in parts
            ):
                total += getattr(value, "_cornu_version", 0)
        # What `compile` hasn't settled is read as it is now.
        flags = None if self.compiled else tuple([layer._trainable for layer in layers])
        return total, flags

    def _build_for_batch(self, mode: str, batch: Batch) -> None:
        """Make the weights and the optimizer's slots, which a step counts on from its first line.

        A model whose layers are all built, or whose `call` doesn't take what its own `train_step`
        does, is left as it is.
        """
        own = type(self).train_step is not Trainer.train_step
        layers = self._flatten_layers(include_self=not own)  # type: ignore[attr-defined]
        if not all(layer.built for layer in layers):
            build = self._call_for_real if self.run_eagerly else self._call_abstractly
            try:
                build(batch[0])
            except Exception:
                if not own:
                    raise
        optimizer = self.optimizer
        own = own and not takes_lists(self.train_step)
        if mode == "train" and not own and optimizer is not None and not optimizer.built:
            with self._step_context():
                optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]

    def _call_for_real(self, x: Any) -> None:
        """Call the model as an eager step may be written: with `if` and `float()` on values."""
        with effects.scope():  # nothing but what is made stays
            self._call_on(x, training=False)
        self._clear_losses()  # type: ignore[attr-defined]

    def _call_abstractly(self, x: Any) -> None:
        """Call the model for the sake of what is made in the first call."""
        with open_trace(Trace()) as trace, effects.scope():

            def enter(a: Any) -> Any:
                return None if a is None else trace.input(Spec(a.shape, dtype_name(a.dtype)))

            self._call_on(tree.map_structure(enter, x), training=False)
        self._clear_losses()  # type: ignore[attr-defined]

    def _owners(self) -> list[Any]:
        """Return what a step may set attributes of."""
        found = [*self._flatten_layers(), *self.metrics]  # type: ignore[attr-defined]
        if self._compile_metrics is not None:
            found += self._compile_metrics.metrics
        return found

    def _likely_cells(self) -> list[Any]:
        cells = list(self.variables)  # type: ignore[attr-defined]
        if self.compiled:
            if self.optimizer is not None:
                cells += self.optimizer.variables
            cells += [v for m in self.metrics for v in m.variables]
        return list(dict.fromkeys(cells))

    def _assert_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ArgumentError(
                method,
                "the model must be compiled before",
                fix='model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")',
            )

    def _warn_of_changed_flags(self) -> None:
        if self._cornu_snapshot is None or self._cornu_snapshot == self._flags():
            return
        known = self._cornu_snapshot
        changed = [
            layer.name
            for layer in self._flatten_layers()  # type: ignore[attr-defined]
            if known.get(id(layer), layer._trainable) != layer._trainable
        ]
        if changed and not self.__dict__.get("_cornu_flags_warned"):
            self.__dict__["_cornu_flags_warned"] = True
            warnings.warn(
                f"`trainable` of {', '.join(map(repr, changed[:5]))} changed since `compile`, "
                "which settled what is trained; compile again to train by the new values.",
                stacklevel=3,
            )

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
            if not isinstance(callbacks, CallbackList):
                callbacks = CallbackList(
                    callbacks,
                    add_history=True,
                    add_progbar=verbose != 0,
                    verbose=verbose,
                    epochs=epochs,
                    steps=source.steps(),
                    model=self,
                )
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
                logs = self._run_epoch(steps, source, epoch, callbacks, "train", start)
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

    def _run_epoch(
        self,
        steps: StepFunction,
        source: Source,
        epoch: int,
        callbacks: CallbackList,
        mode: str,
        start: int = 0,
    ) -> dict[str, Any]:
        """Run the batches of one epoch from step `start`; return the logs at its end."""
        feed = Feed(source.epoch(epoch, start))
        done = start
        logs: Any = {}
        hooks = callbacks.next_stop(done, mode) is not None
        prepared = None
        while not self.stop_training or mode != "train":
            batch = feed.peek()
            if batch is None:
                break
            callbacks.before(done, mode)
            stop = callbacks.next_stop(done, mode)
            limit = None if stop is None else stop - done
            with deferred_interrupt():
                if prepared is None or hooks or not _fits(prepared, batch):
                    with _batch_in_errors(done + 1 if done > start else None):
                        prepared = steps.prepare(batch)
                count, logs = prepared.run(feed, limit, _SLICE)
            if count and not isinstance(logs, dict):
                raise ArgumentTypeError(
                    f"{mode}_step",
                    "it must return a dict of values by name",
                    fix='return {"loss": loss}',
                    returned=logs,
                )
            done += count
            callbacks.after(done, functools.partial(self._plain, logs), mode=mode)
        if done == start:
            raise ArgumentError(
                "fit" if mode == "train" else "evaluate", "the data is empty: there was no batch"
            )
        found = self._plain(logs)
        callbacks.after(done, found, last=True, mode=mode)
        return found

    def _plain(self, logs: Any) -> dict[str, Any]:
        """Return logs as Python numbers; those of the metrics are read from their variables."""
        return plain_logs(logs if isinstance(logs, dict) else {})

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
        if not isinstance(callbacks, CallbackList):
            callbacks = CallbackList(
                callbacks,
                add_progbar=verbose != 0,
                verbose=verbose,
                epochs=1,
                steps=source.steps(),
                model=self,
            )
        # Inside a callback of `fit` the metrics of the training epoch must survive.
        saved = None
        if self._cornu_fitting and not in_fit:
            saved = [(v, v.value) for m in self.metrics for v in m.variables]
        try:
            callbacks.on_test_begin()
            self.reset_metrics()
            logs = self._run_epoch(self._steps("test"), source, 0, callbacks, "test")
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
        if not isinstance(callbacks, CallbackList):
            callbacks = CallbackList(
                callbacks,
                add_progbar=verbose != 0,
                verbose=verbose,
                epochs=1,
                steps=source.steps(),
                model=self,
            )
        function = self._steps("predict")
        feed = Feed(source.epoch(0))
        parts: list[Any] = []
        callbacks.on_predict_begin()
        to_numpy = current().to_numpy
        while (batch := feed.peek()) is not None:
            done = len(parts)
            callbacks.before(done, "predict")
            with deferred_interrupt():
                _, outputs = function.prepare(batch).run(feed, 1, _SLICE)
            parts.append(tree.map_structure(to_numpy, outputs))
            callbacks.after(done + 1, {"outputs": parts[-1]}, mode="predict")
        if not parts:
            raise ArgumentError("predict", "the data is empty: there was no batch")
        callbacks.on_predict_end()
        if len(parts) == 1:
            return parts[0]
        return tree.map_structure(lambda *xs: np.concatenate(xs), *parts)

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
        batch = (tree.map_structure(_array, x), None, None)
        _, outputs = self._steps("predict").prepare(batch).run(Feed(iter([batch])), 1, 0.0)
        return tree.map_structure(current().to_numpy, outputs)

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


def _fits(prepared: Any, batch: Any) -> bool:
    leaves = [x for x in tree.flatten(batch) if x is not None]
    return bool(prepared.signature == tuple((x.shape, x.dtype) for x in leaves))


@contextlib.contextmanager
def _batch_in_errors(number: int | None) -> Iterator[None]:
    """Say in errors about a batch which one it is, unless it is the first."""
    try:
        yield
    except CornuError as error:
        if number is not None:
            error.received["batch"] = f"number {number} of this epoch, unlike those before it"
        raise


def _limited(steps: int | None) -> int | None:
    limit = settings.max_steps_per_epoch()
    return steps if limit is None else min(steps or limit, limit)


def _validates(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency
