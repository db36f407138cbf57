"""`Optimizer`: how variables change along their gradients; the base of all optimizers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from cornu import ops
from cornu.backends import current
from cornu.errors import (
    ArgumentError,
    NotSupportedError,
    StateError,
)
from cornu.graph import effects
from cornu.ops.op import Tensor, as_tensor, to_dtype
from cornu.optimizers.checks import overwritten, with_gradients
from cornu.optimizers.clipping import clip_by_global_norm, clip_by_norm
from cornu.optimizers.stored_optimizer import StoredOptimizer
from cornu.state.names import name_scope
from cornu.state.variable import Variable

__all__ = ["Optimizer"]


class Optimizer(StoredOptimizer):
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
            pairs = with_gradients(grads, variables)
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
            if not overwritten(v):
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
