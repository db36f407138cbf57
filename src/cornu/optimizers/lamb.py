"""`Lamb`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer

__all__ = ["Lamb"]


class Lamb(RuleOptimizer):
    """Adam with steps as long as the layer, for large batches.

    u = m' / (1 - beta_1**t) / (sqrt(v' / (1 - beta_2**t)) + epsilon), with Adam's m' and v'
    w - rate |w| / |u| u;  the ratio is 1 where a norm is zero

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_1: Weight of the past in the mean of gradients.
        beta_2: Weight of the past in the mean of squares.
        epsilon: Added to the root.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        You et al. 2019, "Large batch optimization for deep learning: training BERT in 76 minutes",
        arXiv:1904.00962.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Lamb(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.8419, 2.1581], dtype=float32)
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
        return [{"_momentums": "momentum", "_velocities": "velocity"}]

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        b1, b2 = ops.power(self.beta_1, step), ops.power(self.beta_2, step)
        return learning_rate, ops.reciprocal(1.0 - b1), ops.reciprocal(1.0 - b2)

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        learning_rate, correct_m, correct_v = scalars
        m, v = slots
        m = m + (gradient - m) * (1 - self.beta_1)
        v = v + (ops.square(gradient) - v) * (1 - self.beta_2)
        step = ops.divide(m * correct_m, ops.sqrt(v * correct_v) + self.epsilon)
        length = ops.sqrt(ops.sum(ops.square(value)))
        step_length = ops.sqrt(ops.sum(ops.square(step)))
        both = ops.logical_and(ops.greater(length, 0), ops.greater(step_length, 0))
        ratio = ops.where(both, ops.divide(length, ops.where(both, step_length, 1)), 1)
        return value - step * (ratio * learning_rate), (m, v)
