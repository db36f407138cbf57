"""`Adagrad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import initializers, ops
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["Adagrad"]


class Adagrad(RuleOptimizer):
    """Divide the gradient by the root of the sum of its squares.

    a' = a + g**2;  w - rate g / sqrt(a' + epsilon)

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        initial_accumulator_value: First value of the sum.
        epsilon: Added under the root.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and
        stochastic optimization", JMLR 12.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Adagrad(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9047, 2.0953], dtype=float32)
    """

    _own_arguments = ("initial_accumulator_value", "epsilon")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
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
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def _slot_groups(self) -> list[dict[str, str]]:
        return [{"_accumulators": "accumulator"}]

    def _slot_initializer(self, attribute: str) -> Any:
        return initializers.Constant(self.initial_accumulator_value)

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        total = slots[0] + ops.square(gradient)
        step = ops.divide(gradient * scalars, ops.sqrt(total + self.epsilon))
        return value - step, (total,)
