"""`RMSprop`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["RMSprop"]


class RMSprop(RuleOptimizer):
    """Divide the gradient by a moving root mean square of itself.

    v' = rho v + (1 - rho) g**2;  w - rate g / sqrt(v' + epsilon)

    With `centered` the square of the moving mean of g is taken off v'. With momentum the step is
    m' = momentum m + rate g / sqrt(...).

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        rho: Weight of the past in the mean square.
        momentum: Weight of the past in the step.
        epsilon: Added under the root.
        centered: Whether to divide by the variance in place of the mean square.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Tieleman and Hinton 2012, "Lecture 6.5: rmsprop", COURSERA.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> RMSprop(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.6838, 2.3162], dtype=float32)
    """

    _own_arguments = ("rho", "momentum", "epsilon", "centered")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def _slot_groups(self) -> list[dict[str, str]]:
        groups = [{"_velocities": "velocity"}]
        if self.momentum > 0:
            groups.append({"_momentums": "momentum"})
        if self.centered:
            groups.append({"_average_gradients": "average_gradient"})
        return groups

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        v = slots[0] * self.rho + ops.square(gradient) * (1 - self.rho)
        new = [v]
        below = v + self.epsilon
        if self.centered:
            mean = slots[-1] * self.rho + gradient * (1 - self.rho)
            below = below - ops.square(mean)
        step = ops.divide(gradient * scalars, ops.sqrt(below))
        if self.momentum > 0:
            step = slots[1] * self.momentum + step
            new.append(step)
        if self.centered:
            new.append(mean)
        return value - step, new
