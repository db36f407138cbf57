"""`Adadelta`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer
from cornu.state.variable import Variable

__all__ = ["Adadelta"]


class Adadelta(RuleOptimizer):
    """Divide by a moving mean square of gradients, times one of past steps.

    a' = rho a + (1 - rho) g**2;  d = -sqrt((b + epsilon) / (a' + epsilon)) g
    b' = rho b + (1 - rho) d**2;  w + rate d

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        rho: Weight of the past in both mean squares.
        epsilon: Added under the roots.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Zeiler 2012, "Adadelta: an adaptive learning rate method", arXiv:1212.5701.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Adadelta(1.0).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9986, 2.0014], dtype=float32)
    """

    _own_arguments = ("rho", "epsilon")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
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
        self.rho = rho
        self.epsilon = epsilon

    def _slot_groups(self) -> list[dict[str, str]]:
        return [
            {
                "_accumulated_grads": "accumulated_grad",
                "_accumulated_delta_vars": "accumulated_delta_var",
            }
        ]

    def update_step(self, grad: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable.

        Args:
            grad: Its gradient.
            variable: The variable.
            learning_rate: The learning rate.
        """
        super().update_step(grad, variable, learning_rate)

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        squares, steps = slots
        squares = squares * self.rho + ops.square(gradient) * (1 - self.rho)
        above, below = ops.sqrt(steps + self.epsilon), ops.sqrt(squares + self.epsilon)
        step = ops.divide(above * gradient, below)
        steps = steps * self.rho + ops.square(step) * (1 - self.rho)
        return value - step * scalars, (squares, steps)
