"""`Adamax`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["Adamax"]


class Adamax(RuleOptimizer):
    """Follow a moving mean of gradients, divided by their largest size.

    m' = m + (1 - beta_1) (g - m);  u' = max(beta_2 u, |g|)
    w - rate / (1 - beta_1**t) m' / (u' + epsilon), at step t

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_1: Weight of the past in the mean of gradients.
        beta_2: Factor on the past of the largest size.
        epsilon: Added to the divisor.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Kingma and Ba 2014, "Adam: a method for stochastic optimization", arXiv:1412.6980.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Adamax(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9, 2.1], dtype=float32)
    """

    _own_arguments = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
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

    def _slot_groups(self) -> list[dict[str, str]]:
        return [{"_m": "momentum", "_u": "norm"}]

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        return ops.divide(learning_rate, 1 - ops.power(self.beta_1, step))

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        m, u = slots
        m = m + (gradient - m) * (1 - self.beta_1)
        u = ops.maximum(u * self.beta_2, ops.absolute(gradient))
        return value - ops.divide(m * scalars, u + self.epsilon), (m, u)
