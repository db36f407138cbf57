"""`SGD`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu.errors import ArgumentError
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer
from cornu.state.variable import Variable

__all__ = ["SGD"]


class SGD(RuleOptimizer):
    """Follow the gradient, with momentum if asked.

    Without momentum: w - rate g. With it: m' = momentum m - rate g, and w + m', or with `nesterov`
    w + momentum m' - rate g.

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        momentum: Weight of the past direction, from 0 to 1.
        nesterov: Whether to look ahead along the momentum.
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning",
        ICML.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> SGD(0.5).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.5, 2.5], dtype=float32)
    """

    _own_arguments = ("momentum", "nesterov")

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        if isinstance(momentum, bool) or not 0 <= momentum <= 1:
            raise ArgumentError("SGD", "momentum must lie between 0 and 1", momentum=momentum)
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            variables: What is to be trained.
        """
        super().build(variables)

    def _slot_groups(self) -> list[dict[str, str]]:
        return [{"momentums": "momentum"}] if self.momentum else []

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        step = gradient * scalars
        if not slots:
            return value - step, ()
        m = slots[0] * self.momentum - step
        return value + (m * self.momentum - step if self.nesterov else m), (m,)
