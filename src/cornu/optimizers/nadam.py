"""`Nadam`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, settings
from cornu.ops.op import Tensor, as_tensor, dtype_of, to_dtype
from cornu.optimizers.rule import RuleOptimizer
from cornu.state.variable import Variable

__all__ = ["Nadam"]


class Nadam(RuleOptimizer):
    """Adam that looks ahead along its momentum.

    u_t = beta_1 (1 - 0.96**t / 2), U_t = u_1 u_2 ... u_t, and Adam's m' and v':
    h = u_(t+1) m' / (1 - U_(t+1)) + (1 - u_t) g / (1 - U_t)
    w - rate h / (sqrt(v' / (1 - beta_2**t)) + epsilon), at step t

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_1: Weight of the past in the mean of gradients.
        beta_2: Weight of the past in the mean of squares.
        epsilon: Added to the root.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Dozat 2016, "Incorporating Nesterov momentum into Adam", ICLR workshop.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Nadam(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.8937, 2.1063], dtype=float32)
    """

    _u_product: Variable

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

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        super().build(var_list)
        dtype = var_list[0].dtype if var_list else settings.floatx()
        product = Variable(1.0, dtype=dtype)
        self._track_variable(product)
        self.__dict__["_u_product"] = product

    def _update_steps(
        self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any
    ) -> None:
        product = self._u_product
        step = to_dtype(as_tensor(self.iterations + 1), product.dtype)
        self.assign(product, product.value * self._momentum_at(step))
        super()._update_steps(gradients, variables, learning_rate)

    def _momentum_at(self, step: Tensor) -> Tensor:
        return (1.0 - ops.power(0.96, step) * 0.5) * self.beta_1

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        now, ahead = self._momentum_at(step), self._momentum_at(step + 1)
        product = to_dtype(self._u_product.value, dtype_of(step))
        return (
            learning_rate,
            ops.divide(ahead, 1 - product * ahead),
            ops.divide(1 - now, 1 - product),
            ops.reciprocal(1 - ops.power(self.beta_2, step)),
        )

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        learning_rate, of_mean, of_gradient, correct_v = scalars
        m, v = slots
        m = m + (gradient - m) * (1 - self.beta_1)
        v = v + (ops.square(gradient) - v) * (1 - self.beta_2)
        ahead = m * of_mean + gradient * of_gradient
        step = ops.divide(ahead * learning_rate, ops.sqrt(v * correct_v) + self.epsilon)
        return value - step, (m, v)
