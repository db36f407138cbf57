"""`Ftrl`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import initializers, ops
from cornu.errors import ArgumentError
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["Ftrl"]


class Ftrl(RuleOptimizer):
    """Follow the regularized leader.

    With p = -learning_rate_power, n' = n + g**2 and g' = g + 2 l2_shrinkage w:
    z' = z + g' - (n'**p - n**p) / rate w
    w = (clip(z', -l1, l1) - z') / (n'**p / rate + 2 l2 + beta / rate)

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        learning_rate_power: How fast steps shrink; zero or less.
        initial_accumulator_value: First value of n.
        l1_regularization_strength: Penalty on absolute values: makes zeros.
        l2_regularization_strength: Penalty on squares.
        l2_shrinkage_regularization_strength: Penalty on squares through the gradient only.
        beta: The beta of the paper.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        McMahan et al. 2013, "Ad click prediction: a view from the trenches", KDD.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Ftrl(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.6031, 1.4923], dtype=float32)
    """

    _own_arguments = (
        "learning_rate_power",
        "initial_accumulator_value",
        "l1_regularization_strength",
        "l2_regularization_strength",
        "l2_shrinkage_regularization_strength",
        "beta",
    )

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        if learning_rate_power > 0.0:
            raise ArgumentError(
                "Ftrl", "must be zero or less", learning_rate_power=learning_rate_power
            )
        for key, number in {
            "initial_accumulator_value": initial_accumulator_value,
            "l1_regularization_strength": l1_regularization_strength,
            "l2_regularization_strength": l2_regularization_strength,
            "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
        }.items():
            if number < 0.0:
                raise ArgumentError("Ftrl", f"{key} must be zero or more", received=number)
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def _slot_groups(self) -> list[dict[str, str]]:
        return [{"_accumulators": "accumulator", "_linears": "linear"}]

    def _slot_initializer(self, attribute: str) -> Any:
        if attribute == "_linears":
            return "zeros"
        return initializers.Constant(self.initial_accumulator_value)

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        return ops.reciprocal(learning_rate)

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        n, z = slots
        power = -self.learning_rate_power
        new_n = n + ops.square(gradient)
        before, after = ops.power(n, power) * scalars, ops.power(new_n, power) * scalars
        if self.l2_shrinkage_regularization_strength:
            gradient = gradient + value * (2 * self.l2_shrinkage_regularization_strength)
        z = z + gradient - (after - before) * value
        l1 = self.l1_regularization_strength
        below = after + (self.beta * scalars + 2 * self.l2_regularization_strength)
        return ops.divide(ops.clip(z, -l1, l1) - z, below), (new_n, z)
