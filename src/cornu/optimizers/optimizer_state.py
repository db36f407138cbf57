"""`OptimizerState`: the settings of an optimizer, its variables and its learning rate."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import initializers, ops, settings
from cornu.errors import (
    ArgumentError,
    ArgumentTypeError,
    StateError,
)
from cornu.graph import effects
from cornu.graph.names import auto_name
from cornu.graph.trace import current_trace
from cornu.optimizers.checks import check_settings, overwritten
from cornu.optimizers.schedules.schedule import LearningRateSchedule
from cornu.state.names import name_scope
from cornu.state.tracking import Tracker
from cornu.state.variable import Variable
from cornu.symbolic.argument_names import parameter_names, unknown_argument, with_new_names

__all__ = ["OptimizerState"]

# Attributes whose change means nothing to a compiled step. The rate is read from a Variable.
_HARMLESS = frozenset(("built", "name"))


class OptimizerState:
    """Base of `StoredOptimizer`: settings and variables. Its arguments are those of `Optimizer`."""

    _tracker: Tracker
    _variables: list[Variable]  # its own, in the order of files
    _trainable_variables: list[Variable]
    _trainable_variables_indices: dict[Variable, int]
    _model_variables_moving_average: list[Variable | None]
    _accumulated_gradients: list[Variable]
    _cornu_undecayed: set[Variable]
    _cornu_undecayed_names: re.Pattern[str] | None

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        where = type(self).__name__
        variables: list[Variable] = []
        tracker = Tracker({"variables": (_is_variable, variables)})
        self.__dict__.update(_tracker=tracker, _variables=variables, _cornu_changes=0)
        if kwargs.pop("decay", None) is not None:
            warnings.warn(
                "The argument `decay` is ignored; use a LearningRateSchedule.", stacklevel=2
            )
        if kwargs:
            known = parameter_names(type(self))
            kwargs = with_new_names(where, kwargs, known)
            learning_rate = kwargs.pop("learning_rate", learning_rate)
            if kwargs:
                raise unknown_argument(where, kwargs.items(), known)
        check_settings(
            where,
            (clipnorm, clipvalue, global_clipnorm),
            gradient_accumulation_steps,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
        )
        self.name = name or auto_name(where)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.global_clipnorm = global_clipnorm
        self.clipvalue = clipvalue
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        self.__dict__.update(
            _trainable_variables=[],
            _trainable_variables_indices={},
            _model_variables_moving_average=[],
            _accumulated_gradients=[],
            _cornu_undecayed=set(),
            _cornu_undecayed_names=None,
        )
        self._iterations = self._counter("iteration", 0, "int32")
        self._learning_rate = self._rate(learning_rate)

    def _counter(self, name: str, value: Any, dtype: str) -> Variable:
        with name_scope(self.name, caller=self):
            variable = Variable(
                value,
                dtype=dtype,
                trainable=False,
                aggregation="only_first_replica",
                name=name,
            )
        self._track_variable(variable)
        return variable

    def _rate(self, rate: Any) -> Any:
        if callable(rate):
            return rate
        if isinstance(rate, bool) or not isinstance(rate, (int, float, np.number, np.ndarray)):
            raise ArgumentError(
                type(self).__name__,
                "learning_rate must be a number, a LearningRateSchedule or a callable without "
                "arguments",
                learning_rate=rate,
            )
        return self._counter("learning_rate", float(rate), settings.floatx())

    def __setattr__(self, name: str, value: Any) -> None:
        if "_tracker" not in self.__dict__:
            raise StateError(
                f"{type(self).__name__}.__init__ must begin with super().__init__(learning_rate)."
            )
        rate = name == "learning_rate" and not callable(value)
        if (
            name not in _HARMLESS
            and not rate
            and effects.current_scope() is None
            and current_trace() is None
        ):
            self.__dict__["_cornu_changes"] += 1
        if isinstance(value, (Variable, list, tuple, dict, set)):
            value = self._tracker.track(value)
        super().__setattr__(name, value)

    @property
    def _cornu_version(self) -> int:
        """A number that changes when an attribute changes which a compiled step may have read."""
        return int(self.__dict__["_cornu_changes"])

    # State

    @property
    def variables(self) -> list[Variable]:
        """All variables of the optimizer: step, learning rate, then the state of the rule."""
        return list(self._variables)

    @property
    def iterations(self) -> Any:
        """How many updates were made."""
        if self.gradient_accumulation_steps:
            return ops.floor_divide(self._iterations, self.gradient_accumulation_steps)
        return self._iterations

    def _track_variable(self, variable: Variable) -> None:
        self._variables.append(variable)

    def _untrack_variable(self, variable: Variable) -> None:
        self._tracker.untrack(variable)

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for these variables. Subclasses extend it.

        Args:
            variables: What is to be trained, in the order in which gradients will come.
        """
        variables = list(variables)
        found: dict[str, Any] = {
            "_cornu_early": len(self._variables),
            "_trainable_variables_indices": {v: i for i, v in enumerate(variables)},
            "_trainable_variables": variables,
        }
        if self.use_ema:
            found["_model_variables_moving_average"] = self.add_optimizer_variables(
                variables, "average"
            )
        if self.gradient_accumulation_steps:
            found["_accumulated_gradients"] = [
                self.add_variable_from_reference(v, name="gradient_accumulator") for v in variables
            ]
        self.__dict__.update(found)  # they aren't the optimizer's own variables: no tracking
        self.built = True

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable of the optimizer.

        Args:
            shape: Its shape.
            initializer: An initializer or its name.
            dtype: Its dtype, by default `floatx`.
            aggregation: How replicas of a distributed run are joined.
            layout: How it is laid out over devices.
            name: Its name.
        """
        with name_scope(self.name, caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype,
                trainable=False,
                aggregation=aggregation,
                name=name,
            )
        if layout is not None:
            variable._layout = layout
        self._track_variable(variable)
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Make a variable with the shape and dtype of another one.

        Args:
            reference_variable: The other one, such as a weight of the model.
            name: Last part of its name, after the path of the other one.
            initializer: An initializer or its name.
        """
        path = getattr(reference_variable, "path", None) or reference_variable.name
        path = path.replace("/", "_").replace(":", "_")
        return self.add_variable(
            shape=reference_variable.shape,
            initializer=initializer,
            dtype=reference_variable.dtype,
            layout=getattr(reference_variable, "_layout", None),
            name=f"{path}_{name or 'var'}",
        )

    def add_optimizer_variables(
        self,
        trainable_variables: Sequence[Variable],
        name: str | Sequence[str],
        initializer: Any = "zeros",
    ) -> Any:
        """Make one variable, or several, for each of those that are trained.

        Args:
            trainable_variables: What is trained.
            name: One name, or several.
            initializer: An initializer for all names, or one for each.

        Returns:
            A list with one variable for each that is trained, None for one that is overwritten with
            its gradient; a tuple of such lists for several names.

        Raises:
            ValueError: If there aren't as many initializers as names.
        """
        names = [name] if isinstance(name, str) else list(name)
        if isinstance(initializer, (list, tuple)):
            initial = list(initializer)
        else:
            initial = [initializer] * len(names)
        if len(names) != len(initial):
            raise ArgumentError(
                "add_optimizer_variables",
                "there must be as many initializers as names",
                name=name,
                initializer=initializer,
            )
        found: tuple[list[Variable | None], ...] = tuple([] for _ in names)
        for v in trainable_variables:
            for i, part in enumerate(names):
                found[i].append(
                    None
                    if overwritten(v)
                    else self.add_variable_from_reference(v, part, initial[i])
                )
        return found[0] if isinstance(name, str) else found

    def _get_variable_index(self, variable: Variable) -> int:
        return self._trainable_variables_indices[variable]

    def assign(self, variable: Variable, value: Any) -> None:
        """Replace the value of a variable."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to the value of a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from the value of a variable."""
        variable.assign_sub(value)

    # Learning rate

    @property
    def learning_rate(self) -> Any:
        """The learning rate: its Variable, or what the schedule or callable says now."""
        rate = self._learning_rate
        if isinstance(rate, LearningRateSchedule):
            return rate(self._iterations)
        return rate() if callable(rate) else rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        before = self._learning_rate
        if callable(learning_rate):
            self._learning_rate = learning_rate
            if isinstance(before, Variable):
                self._untrack_variable(before)
        elif isinstance(before, Variable):
            before.assign(learning_rate)
        elif isinstance(before, LearningRateSchedule):
            raise ArgumentTypeError(
                type(self).__name__,
                "the learning rate of this optimizer follows a schedule, so it can't be set to a "
                "number",
                fix="Make the optimizer with a number if you want to set it later.",
            )
        else:
            self._learning_rate = self._rate(learning_rate)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _is_variable(x: Any) -> bool:
    return isinstance(x, Variable)
