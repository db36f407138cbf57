"""`Adam`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["Adam"]


class Adam(RuleOptimizer):
    """Follow a moving mean of gradients, divided by a moving root mean square.

    m' = m + (1 - beta_1) (g - m);  v' = v + (1 - beta_2) (g**2 - v)
    w - rate sqrt(1 - beta_2**t) / (1 - beta_1**t) m' / (sqrt(v') + epsilon), at step t

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_1: Weight of the past in the mean of gradients.
        beta_2: Weight of the past in the mean of squares.
        epsilon: Added to the root.
        amsgrad: Whether to divide by the largest v' so far.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Kingma and Ba 2014, "Adam: a method for stochastic optimization", arXiv:1412.6980.
        Reddi, Kale and Kumar 2018, "On the convergence of Adam and beyond", ICLR.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Adam(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9, 2.1], dtype=float32)
    """

    _own_arguments = ("beta_1", "beta_2", "epsilon", "amsgrad")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def _slot_groups(self) -> list[dict[str, str]]:
        groups = [{"_momentums": "momentum", "_velocities": "velocity"}]
        return [*groups, {"_velocity_hats": "velocity_hat"}] if self.amsgrad else groups

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        b1, b2 = ops.power(self.beta_1, step), ops.power(self.beta_2, step)
        return learning_rate * ops.divide(ops.sqrt(1 - b2), 1 - b1)

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        m, v = slots[:2]
        m = m + (gradient - m) * (1 - self.beta_1)
        v = v + (ops.square(gradient) - v) * (1 - self.beta_2)
        new = [m, v]
        if self.amsgrad:
            v = ops.maximum(slots[2], v)
            new.append(v)
        return value - ops.divide(m * scalars, ops.sqrt(v) + self.epsilon), new
