"""`CompiledModel`: how a model is trained, as `compile` settles it, and the metrics of that."""

from __future__ import annotations

import threading
import warnings
from typing import Any

from cornu import metrics as metrics_module
from cornu import optimizers, saving
from cornu.errors import ArgumentError
from cornu.metrics.metric import Metric
from cornu.symbolic.argument_names import (
    understands_old_names,
)
from cornu.training.compile_loss import CompileLoss
from cornu.training.compile_metrics import CompileMetrics
from cornu.training.step import StepFunction

__all__ = ["CompiledModel"]


class CompiledModel:
    """What `compile` leaves in a model. `ModelSteps` is built on it."""

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
        left_out = (
            *("_cornu_steps", "_cornu_busy", "_cornu_fitting", "_cornu_snapshot"),
            "_cornu_compiled_call",
        )
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
        if type(self).compile is not CompiledModel.compile:
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
            if not isinstance(layer, CompiledModel):
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
                stacklevel=4,
            )
