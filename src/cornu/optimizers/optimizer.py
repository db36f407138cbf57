"""`Optimizer`: how variables change along their gradients; the base of all optimizers."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cornu import initializers, ops, saving, settings
from cornu.backends import current
from cornu.errors import (
    ArgumentError,
    ArgumentTypeError,
    NotSupportedError,
    StateError,
)
from cornu.graph import effects
from cornu.graph.names import auto_name
from cornu.graph.trace import current_trace
from cornu.ops.op import Tensor, as_tensor, to_dtype
from cornu.optimizers.clipping import clip_by_global_norm, clip_by_norm
from cornu.optimizers.schedules.schedule import LearningRateSchedule
from cornu.state.names import name_scope
from cornu.state.tracking import Tracker
from cornu.state.variable import Variable
from cornu.symbolic.argument_names import parameter_names, unknown_argument, with_new_names

__all__ = ["Optimizer"]

# Attributes whose change means nothing to a compiled step. The rate is read from a Variable.
_HARMLESS = frozenset(("built", "name"))


class Optimizer:
    """State, and a rule by which gradients change variables.

    A subclass makes its state in `build` by `add_variable_from_reference`, and changes a variable
    in `update_step` by `assign`. Everything else is here: clipping, weight decay, averages,
    accumulation, constraints. All of it works inside a compiled step and inside `ops.cond`.

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        weight_decay: Share of each variable, times the learning rate, that every step takes away.
        clipnorm: Largest norm of the gradient of one variable.
        clipvalue: Largest absolute value in a gradient.
        global_clipnorm: Largest norm of all gradients together.
        use_ema: Whether to keep a moving average of each variable.
        ema_momentum: Weight of the past in that average, from 0 to 1.
        ema_overwrite_frequency: After how many steps the averages replace the variables; None:
            only when training ends.
        loss_scale_factor: Factor on the loss, taken out of the gradients again: small ones survive
            16 bits so.
        gradient_accumulation_steps: Variables change only every so many steps, by the mean of the
            gradients since.
        name: Its name, by default that of the class.

    Raises:
        ValueError: If an argument is not one of these, or more than one kind of clipping is asked
            for.

    Example:
        >>> import cornu
        >>> class Plain(cornu.optimizers.Optimizer):
        ...     def update_step(self, gradient, variable, learning_rate):
        ...         self.assign_sub(variable, gradient * learning_rate)
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Plain(learning_rate=0.5).apply([np.ones(2, "float32")], [v])
        >>> v.numpy().tolist()
        [0.5, 1.5]
    """

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
        _check(
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
                    if _overwritten(v)
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

    # Applying gradients

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable. Subclasses write it.

        Args:
            gradient: Its gradient, clipped.
            variable: The variable.
            learning_rate: The learning rate.
        """
        raise NotSupportedError(type(self).__name__, "an optimizer must define `update_step`")

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Change variables along their gradients.

        Args:
            grads_and_vars: Pairs of a gradient and its variable.

        Returns:
            The variable that counts the steps.
        """
        gradients, variables = zip(*grads_and_vars, strict=True)
        self.apply(gradients, variables)
        return self._iterations

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Change variables along their gradients.

        Args:
            grads: A gradient for each variable; None for one that the loss doesn't depend on, which
                stays as it is.
            trainable_variables: The variables; by default those that the optimizer was built with.

        Raises:
            ValueError: If the optimizer was built with other variables, or all gradients are None.
        """
        if len(grads) == 0:
            return
        variables = self._variables_for(grads, trainable_variables)
        with name_scope(self.name, caller=self), current().untracked():
            pairs = _known(grads, variables)
            pairs = self._overwrite(pairs)
            if pairs:
                self._update([g for g, _ in pairs], [v for _, v in pairs])
                for _, v in pairs:
                    if v.constraint is not None:
                        v.assign(v.constraint(v.value))
        self._iterations.assign_add(1)

    def _variables_for(
        self, grads: Sequence[Any], variables: Sequence[Variable] | None
    ) -> list[Variable]:
        if variables is None:
            if not self.built:
                raise ArgumentError(
                    f"{type(self).__name__}.apply",
                    "the optimizer isn't built, so it doesn't know the variables",
                    fix="optimizer.build(model.trainable_variables)\n"
                    "or optimizer.apply(gradients, variables)",
                )
            variables = self._trainable_variables
        variables = list(variables)
        if len(grads) != len(variables):
            raise ArgumentError(
                f"{type(self).__name__}.apply",
                f"there are {len(grads)} gradients and {len(variables)} variables",
            )
        if not self.built:
            with name_scope(self.name, caller=self):
                self.build(variables)
            self.built = True
        for v in variables:
            if v not in self._trainable_variables_indices:
                raise ArgumentError(
                    f"{type(self).__name__}.apply",
                    "Unknown variable: the optimizer was built for other ones",
                    variable=v.path,
                    fix="Make a new optimizer for a new set of variables.",
                )
        return variables

    def _update(self, gradients: list[Any], variables: list[Variable]) -> None:
        """Unscale, accumulate, clip, decay, update, average."""
        if self.loss_scale_factor is not None:
            inverse = 1.0 / self.loss_scale_factor
            gradients = [g * inverse for g in gradients]
        steps = self.gradient_accumulation_steps
        if steps:
            sums = [self._accumulated_gradients[self._get_variable_index(v)] for v in variables]
            totals = [ops.add(s, g) for s, g in zip(sums, gradients, strict=True)]

            def update() -> None:
                self._change([t * (1.0 / steps) for t in totals], variables)
                for s in self._accumulated_gradients:
                    s.assign(ops.zeros_like(s))

            def accumulate() -> None:
                for s, t in zip(sums, totals, strict=True):
                    s.assign(t)

            ops.cond(self._is_update_step(), update, accumulate)
        else:
            self._change(gradients, variables)
        if self.use_ema:
            self._update_averages()

    def _is_update_step(self) -> Tensor:
        steps = self.gradient_accumulation_steps
        return ops.equal(ops.mod(self._iterations + 1, steps), 0)

    def _change(self, gradients: list[Any], variables: list[Variable]) -> None:
        gradients = self._clip_gradients(gradients)
        rate = self.learning_rate
        self._apply_weight_decay(variables, rate)
        self._update_steps(gradients, variables, rate)

    def _update_steps(
        self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any
    ) -> None:
        for g, v in zip(gradients, variables, strict=True):
            self.update_step(g, v, learning_rate)

    def _clip_gradients(self, gradients: list[Any]) -> list[Any]:
        if self.clipnorm and self.clipnorm > 0:
            return [clip_by_norm(g, self.clipnorm) for g in gradients]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return [ops.clip(g, -self.clipvalue, self.clipvalue) for g in gradients]
        return gradients

    def _overwrite(self, pairs: list[tuple[Any, Variable]]) -> list[tuple[Any, Variable]]:
        """Assign the gradients of variables that are overwritten with them; return the others.

        While gradients accumulate, such a variable waits for the largest of them.
        """
        others = []
        for g, v in pairs:
            if not _overwritten(v):
                others.append((g, v))
            elif self.gradient_accumulation_steps:
                largest = self._accumulated_gradients[self._get_variable_index(v)]
                seen = ops.maximum(g, largest)
                due = self._is_update_step()
                v.assign(ops.where(due, seen, v.value))
                largest.assign(ops.where(due, ops.zeros_like(seen), seen))
            else:
                v.assign(g)
        return others

    # Weight decay

    def exclude_from_weight_decay(
        self,
        var_list: Sequence[Variable] | None = None,
        var_names: Sequence[str] | None = None,
    ) -> None:
        """Name variables that don't decay.

        Args:
            var_list: The variables.
            var_names: Regular expressions; a variable with a match in its name doesn't decay.

        Raises:
            RuntimeError: If the optimizer is built already.
        """
        if self.built:
            raise StateError(
                "`exclude_from_weight_decay` must be called before the optimizer is built."
            )
        self.__dict__["_cornu_undecayed"] = set(var_list or ())
        self.__dict__["_cornu_undecayed_names"] = (
            re.compile("|".join(var_names)) if var_names else None
        )

    def _use_weight_decay(self, variable: Variable) -> bool:
        pattern = self._cornu_undecayed_names
        return variable not in self._cornu_undecayed and not (
            pattern is not None and pattern.search(variable.name)
        )

    def _weight_decay_of(self, variable: Variable) -> float | None:
        return self.weight_decay if self._use_weight_decay(variable) else None

    def _apply_weight_decay(self, variables: Sequence[Variable], learning_rate: Any) -> None:
        kept: dict[Any, Tensor] = {}  # once per dtype and share, not per variable
        for v in variables:
            share = self._weight_decay_of(v)
            if share is None:
                continue
            key = (v.dtype, share)
            if key not in kept:
                kept[key] = 1.0 - to_dtype(as_tensor(learning_rate), v.dtype) * share
            v.assign(ops.multiply(v.value, kept[key]))

    # Averages

    def _update_averages(self) -> None:
        past = ops.cast(ops.not_equal(self.iterations, 0), "float32") * self.ema_momentum
        pairs = self._averaged(self._trainable_variables)
        for v, average in pairs:
            now = ops.cast(1.0 - past, v.dtype)
            average.assign(average.value + (v.value - average.value) * now)
        if self.ema_overwrite_frequency:
            due = ops.equal(ops.mod(self.iterations + 1, self.ema_overwrite_frequency), 0)
            ops.cond(
                due,
                lambda: self._overwrite_model_variables_with_average_value(
                    self._trainable_variables
                ),
                lambda: None,
            )

    def _averaged(self, variables: Sequence[Variable]) -> list[tuple[Variable, Variable]]:
        averages = self._model_variables_moving_average
        if len(variables) != len(averages):
            raise ArgumentError(
                type(self).__name__,
                f"the optimizer keeps averages of {len(averages)} variables, not of "
                f"{len(variables)}",
            )
        return [(v, a) for v, a in zip(variables, averages, strict=True) if a is not None]

    def _overwrite_model_variables_with_average_value(self, variables: Sequence[Variable]) -> None:
        for v, average in self._averaged(variables):
            v.assign(average.value)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Replace variables by their averages, if there are any: training has ended.

        Args:
            var_list: The variables that the optimizer was built with.
        """
        if self.use_ema:
            self._overwrite_model_variables_with_average_value(var_list)

    # The functional form

    def stateless_apply(
        self,
        optimizer_variables: Sequence[Any],
        grads: Sequence[Any],
        trainable_variables: Sequence[Any],
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Apply gradients as a pure function of values.

        Args:
            optimizer_variables: A value for each of `variables`.
            grads: A gradient for each trained variable.
            trainable_variables: A value for each trained variable.

        Returns:
            The new values of the trained variables, and of the optimizer's.

        Raises:
            ValueError: If the optimizer isn't built, or the numbers of values differ.
        """
        where = f"{type(self).__name__}.stateless_apply"
        if not self.built:
            raise ArgumentError(
                where,
                "the optimizer isn't built",
                fix="optimizer.build(model.trainable_variables)",
            )
        own, trained = self.variables, self._trainable_variables
        for variables, values in ((own, optimizer_variables), (trained, trainable_variables)):
            if len(variables) != len(values):
                raise ArgumentError(
                    where, f"there are {len(variables)} variables and {len(values)} values"
                )
        with effects.scope() as scope:
            values = (*trainable_variables, *optimizer_variables)
            for v, value in zip((*trained, *own), values, strict=True):
                scope.bound[v] = to_dtype(as_tensor(value), v._cornu_spec.dtype)
            self.apply(grads)
            return [v.value for v in trained], [v.value for v in own]

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times the factor that `apply` takes out of the gradients."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # Files

    def _obj_type(self) -> str:
        return "Optimizer"

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of the optimizer's variables.

        Args:
            weights: A value for each of `variables`.

        Raises:
            ValueError: If the optimizer isn't built, or a shape differs.
        """
        if not self.built:
            raise ArgumentError(
                f"{type(self).__name__}.set_weights",
                "the optimizer isn't built",
                fix="optimizer.build(model.trainable_variables)",
            )
        for v, value in zip(self._variables, weights, strict=True):
            v.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Put the optimizer's variables into `store`."""
        for i, v in enumerate(self.variables):
            store[str(i)] = v

    def load_own_variables(self, store: Any) -> None:
        """Take the optimizer's variables from `store`, if it holds as many."""
        count = len(store.keys())
        variables = self._variables_in_file(count)
        if variables is None:
            warnings.warn(
                f"The state of the optimizer {self.name!r} isn't loaded: it has "
                f"{len(self.variables)} variables and the file {count}.",
                stacklevel=2,
            )
            return
        for i, v in enumerate(variables):
            v.assign(store[str(i)])
        if len(variables) < len(self.variables):
            self._start_slots()

    def _variables_in_file(self, count: int) -> list[Variable] | None:
        """Return the variables that a file with so many of them holds; None: it fits nothing.

        A model that was saved before its first step has an optimizer without slots. One that is
        made from the file has them, for it knows the weights, but they are as new.
        """
        variables = self.variables
        if len(variables) != count and int(self.iterations) == 0:
            variables = self._early_variables()
        return variables if len(variables) == count else None

    def _early_variables(self) -> list[Variable]:
        """Return the variables that exist before `build`."""
        return self._variables[: self.__dict__.get("_cornu_early", len(self._variables))]

    def _start_slots(self) -> None:
        """Give slots the values they begin with, where these depend on the weights."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal optimizer."""
        rate = self._learning_rate
        if isinstance(rate, Variable):
            learning_rate: Any = float(rate.numpy())
        else:
            learning_rate = saving.serialize_keras_object(rate)
        return {
            "name": self.name,
            "learning_rate": learning_rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the optimizer of a config."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = saving.deserialize_keras_object(
                config["learning_rate"], custom_objects=custom_objects
            )
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _is_variable(x: Any) -> bool:
    return isinstance(x, Variable)


def _overwritten(variable: Variable) -> bool:
    return bool(getattr(variable, "overwrite_with_gradient", False))


def _known(grads: Sequence[Any], variables: Sequence[Variable]) -> list[tuple[Any, Variable]]:
    """Return the pairs with a gradient."""
    pairs = [(as_tensor(g), v) for g, v in zip(grads, variables, strict=True) if g is not None]
    if not pairs:
        raise ArgumentError(
            "No gradients provided for any variable: the loss doesn't depend on the weights.",
            fix="Is the loss computed from the outputs of the model, by ops that have a gradient?\n"
            "`argmax`, `round` and casts to integers have none.",
        )
    if len(pairs) < len(variables):
        missing = [v.path for g, v in zip(grads, variables, strict=True) if g is None]
        warnings.warn(
            f"There are no gradients for the variables {missing}: the loss doesn't depend on them, "
            "so they stay as they are.",
            stacklevel=3,
        )
    return pairs


def _check(
    where: str,
    clips: tuple[float | None, ...],
    accumulation: Any,
    use_ema: bool,
    momentum: float,
    frequency: Any,
) -> None:
    if sum(c is not None for c in clips) > 1:
        raise ArgumentError(
            where, "only one of clipnorm, clipvalue and global_clipnorm may be given"
        )
    if accumulation and not accumulation >= 2:
        raise ArgumentError(
            where,
            "gradient_accumulation_steps must be an integer of 2 or more",
            gradient_accumulation_steps=accumulation,
        )
    if use_ema and not 0 <= momentum <= 1:
        raise ArgumentError(where, "ema_momentum must lie between 0 and 1", ema_momentum=momentum)
    if use_ema and frequency and (not isinstance(frequency, int) or frequency < 1):
        raise ArgumentError(
            where,
            "ema_overwrite_frequency must be an integer of 1 or more, or None",
            ema_overwrite_frequency=frequency,
        )
