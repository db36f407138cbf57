"""`Lion`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ArgumentError
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["Lion"]


class Lion(RuleOptimizer):
    """Step by the sign of a mix of momentum and gradient.

    w - rate sign(beta_1 m + (1 - beta_1) g);  m' = beta_2 m + (1 - beta_2) g

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_1: Weight of the momentum in the step, above 0 and at most 1.
        beta_2: Weight of the past in the momentum.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Chen et al. 2023, "Symbolic discovery of optimization algorithms", arXiv:2302.06675.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Lion(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9, 2.1], dtype=float32)
    """

    _own_arguments = ("beta_1", "beta_2")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        if not 0 < beta_1 <= 1:
            raise ArgumentError(
                "Lion",
                "beta_1 must lie above 0, at most at 1: else only the sign is left",
                beta_1=beta_1,
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def _slot_groups(self) -> list[dict[str, str]]:
        return [{"_momentums": "momentum"}]

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        m = slots[0]
        direction = ops.sign(m * self.beta_1 + gradient * (1.0 - self.beta_1))
        return value - direction * scalars, (m * self.beta_2 + gradient * (1.0 - self.beta_2),)
