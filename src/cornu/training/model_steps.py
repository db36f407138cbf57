"""`ModelSteps`: one step of training, evaluation or prediction, and how it becomes compiled."""

from __future__ import annotations

import contextlib
import functools
import warnings
from collections.abc import Iterator
from typing import Any

from cornu import losses, ops, optimizers, settings, tree
from cornu.errors import ArgumentError
from cornu.graph import effects
from cornu.graph.dtypes import dtype_name
from cornu.graph.spec import Spec
from cornu.graph.trace import Trace, open_trace
from cornu.layers.context import trainable_snapshot
from cornu.state.transforms import value_and_grad
from cornu.symbolic.function import finished_runs, kept_runs
from cornu.training.by_lists import by_lists, takes_lists
from cornu.training.compiled_model import CompiledModel
from cornu.training.data.pack import unpack_x_y_sample_weight
from cornu.training.data.source import Batch
from cornu.training.step import StepFunction

__all__ = ["ModelSteps"]

_NAMES = {"train": "training", "test": "evaluation", "predict": "prediction"}


class ModelSteps(CompiledModel):
    """The steps of a model, which a subclass may replace. `Trainer` repeats them over data."""

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
                version=functools.partial(self._trace_version, mode),
                build=functools.partial(self._build_for_batch, mode),
                cells=self._likely_cells,
                owners=self._owners,
                eagerly=self.run_eagerly,
                name=f"the {_NAMES[mode]} step",
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

    def _trace_version(self, mode: str) -> Any:
        """Return what differs when an attribute that a trace may have read has changed."""
        layers = list(self._flatten_layers())  # type: ignore[attr-defined]
        total = sum([layer.__dict__["_cornu_version"] for layer in layers])
        if mode == "predict" and type(self).predict_step is ModelSteps.predict_step:
            return total, None  # neither loss nor optimizer, and nobody asks what is trained
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
        own = type(self).train_step is not ModelSteps.train_step
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
