"""`LossScaleOptimizer`: loss scaling that finds its own factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, saving
from cornu.errors import ArgumentError
from cornu.ops.op import Tensor
from cornu.optimizers.optimizer import Optimizer
from cornu.state.variable import Variable

__all__ = ["LossScaleOptimizer"]

_NOT_HERE = {
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}


class LossScaleOptimizer(Optimizer):
    """Scales the loss so that gradients fit into 16 bits, and another optimizer's steps by that.

    A step with a gradient that isn't finite is skipped, and the scale halved; after
    `dynamic_growth_steps` good ones it is doubled.

    Args:
        inner_optimizer: The optimizer that changes the variables.
        initial_scale: The first scale.
        dynamic_growth_steps: Good steps in a row until the scale is doubled.
        name: Its name.

    Raises:
        ValueError: For arguments that the inner optimizer should have.

    Example:
        >>> import cornu
        >>> optimizer = LossScaleOptimizer(cornu.optimizers.SGD(0.5), initial_scale=8.0)
        >>> v = cornu.Variable([1.0, 2.0])
        >>> float(optimizer.scale_loss(3.0))
        24.0
        >>> optimizer.apply([[8.0, -8.0]], [v])
        >>> v.numpy().tolist()
        [0.5, 2.5]
    """

    step_counter: Variable
    dynamic_scale: Variable

    def __init__(
        self,
        inner_optimizer: Optimizer,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if not kwargs.pop("dynamic", True):
            raise ArgumentError(
                "LossScaleOptimizer",
                "`dynamic=False` isn't supported",
                fix="Give `loss_scale_factor` to the inner optimizer, and use that one.",
            )
        for key, default in _NOT_HERE.items():
            if kwargs.pop(key, default) != default:
                raise ArgumentError(
                    "LossScaleOptimizer", f"give `{key}` to the inner optimizer instead"
                )
        super().__init__(learning_rate=0.0, name=name, **kwargs)
        self.inner_optimizer = inner_optimizer
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None
        # Not in `build`: a step that is compiled before must read the scale, not contain it.
        self.__dict__["step_counter"] = self.add_variable((), dtype="int32", name="step_counter")
        self.__dict__["dynamic_scale"] = self.add_variable(
            (),
            initializer=lambda shape, dtype=None: ops.full(shape, initial_scale, dtype=dtype),
            dtype="float32",
            name="dynamic_scale",
        )

    @property
    def _cornu_version(self) -> int:
        return super()._cornu_version + self.inner_optimizer._cornu_version

    @property
    def variables(self) -> list[Variable]:
        """All variables: its own, then those of the inner optimizer."""
        return [*self._variables, *self.inner_optimizer.variables]

    def _early_variables(self) -> list[Variable]:
        return [*super()._early_variables(), *self.inner_optimizer._early_variables()]

    def _start_slots(self) -> None:
        self.inner_optimizer._start_slots()

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        self.inner_optimizer.build(var_list)
        super().build(var_list)

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Change variables along their gradients, or skip the step.

        Args:
            grads: A gradient, times the scale, for each variable.
            trainable_variables: The variables; by default those that it was built with.
        """
        if len(grads) == 0:
            return
        variables = self._variables_for(grads, trainable_variables)

        def change() -> None:
            inverse = ops.reciprocal(self.dynamic_scale.value)
            unscaled = [
                g
                if g is None or v.overwrite_with_gradient
                else ops.multiply(g, ops.cast(inverse, v.dtype))
                for g, v in zip(grads, variables, strict=True)
            ]
            self.inner_optimizer.apply(unscaled, variables)
            grown = ops.equal(self.step_counter.value, self.dynamic_growth_steps - 1)
            self.step_counter.assign(ops.where(grown, 0, self.step_counter.value + 1))
            self.dynamic_scale.assign(self.dynamic_scale.value * ops.where(grown, 2.0, 1.0))

        def skip() -> None:
            self.step_counter.assign(0)
            self.dynamic_scale.assign(self.dynamic_scale.value * 0.5)

        ops.cond(self.check_finite(grads), change, skip)

    def check_finite(self, grads: Sequence[Any]) -> Tensor:
        """Say whether all numbers in all gradients are finite.

        Args:
            grads: Gradients; None counts as finite.
        """
        finite: Tensor = ops.convert_to_tensor(True)
        for g in grads:
            if g is not None:
                finite = ops.logical_and(finite, ops.all(ops.isfinite(g)))
        return finite

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the inner optimizer."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self) -> Any:
        """How many updates the inner optimizer made: skipped steps don't count."""
        return self.inner_optimizer.iterations

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times the scale."""
        return ops.multiply(loss, self.dynamic_scale.value)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Have the inner optimizer replace variables by their averages."""
        self.inner_optimizer.finalize_variable_values(var_list)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of all variables; see `Optimizer.set_weights`."""
        own = len(self._variables)
        super().set_weights(weights[:own])
        self.inner_optimizer.set_weights(weights[own:])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal optimizer."""
        return {
            "name": self.name,
            "inner_optimizer": saving.serialize_keras_object(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the optimizer of a config."""
        config = dict(config)
        inner = saving.deserialize_keras_object(
            config.pop("inner_optimizer"), custom_objects=custom_objects
        )
        return cls(inner, **config)
