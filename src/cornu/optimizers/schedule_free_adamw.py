"""`ScheduleFreeAdamW`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.graph.outside import outside
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer
from cornu.state.variable import Variable

__all__ = ["ScheduleFreeAdamW"]


class ScheduleFreeAdamW(RuleOptimizer):
    """Adam that averages its own steps, so that no schedule is needed.

    v' = v + (1 - beta_2) (g**2 - v);  z' = z - rate g / (sqrt(v' / (1 - beta_2**t)) + epsilon)
    x' = x + (z' - x) / t;  w = beta_1 x' + (1 - beta_1) z', at step t

    The gradient is taken at w, which lies between z and x.

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_1: Where w lies between z (0) and x (1).
        beta_2: Weight of the past in the mean of squares.
        epsilon: Added to the root.
        warmup_steps: Steps in which the rate grows to its value.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Defazio et al. 2024, "The road less scheduled", arXiv:2405.15682.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> ScheduleFreeAdamW(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9, 2.1], dtype=float32)
    """

    _momentums: list[Variable | None]  # z

    _own_arguments = ("beta_1", "beta_2", "epsilon", "warmup_steps")

    def __init__(
        self,
        learning_rate: Any = 0.0025,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        warmup_steps: int = 0,
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
        self.warmup_steps = warmup_steps

    def _slot_groups(self) -> list[dict[str, str]]:
        return [{"_momentums": "momentum", "_velocities": "velocity"}]

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables: z begins where they are.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        super().build(var_list)
        self._start_slots()

    def _start_slots(self) -> None:
        with outside():  # for good, even if a step is being traced
            for z, v in zip(self._momentums, self._trainable_variables, strict=True):
                if z is not None:
                    z.assign(v.numpy())

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        if self.warmup_steps > 0:
            learning_rate = learning_rate * ops.minimum(step * (1.0 / self.warmup_steps), 1.0)
        correct_v = ops.reciprocal(1 - ops.power(self.beta_2, step))
        return learning_rate, ops.reciprocal(step), correct_v

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        learning_rate, weight, correct_v = scalars
        z, v = slots
        v = v + (ops.square(gradient) - v) * (1 - self.beta_2)
        x = (value - z * (1 - self.beta_1)) * (1 / self.beta_1)
        below = ops.sqrt(v * correct_v) + self.epsilon
        z = z - ops.divide(gradient * learning_rate, below)
        x = x + (z - x) * weight
        return z * (1 - self.beta_1) + x * self.beta_1, (z, v)
