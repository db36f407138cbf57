"""`Adafactor`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.graph.spec import shape_of
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer
from cornu.state.variable import Variable

__all__ = ["Adafactor"]


class Adafactor(RuleOptimizer):
    """Adam whose mean square is kept by rows and columns only.

    With rho = min(rate, 1 / sqrt(t)) and d = 1 - t**beta_2_decay: r and c are moving means, with
    weight d of the past, of g**2 + epsilon_1 over the last axis and the one before;
    v = r / mean(r) * c. u = g / sqrt(v), cut to a root mean square of `clip_threshold`;
    w - max(epsilon_2, rms(w)) rho u

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        beta_2_decay: Power of the step that the past loses as weight.
        epsilon_1: Added to squares of gradients.
        epsilon_2: Least scale of a variable.
        clip_threshold: Largest root mean square of a step.
        relative_step: Whether the rate itself is at most 1 / sqrt(t).
        weight_decay: These and all further arguments are those of `Optimizer`.

    References:
        Shazeer and Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost",
        arXiv:1804.04235.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Adafactor(0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.8419, 2.1581], dtype=float32)
    """

    _own_arguments = ("beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
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
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        super().build(var_list)
        slots: list[list[Variable | None]] = [[], [], []]
        for v in var_list:
            rows: Variable | None = None
            columns: Variable | None = None
            full: Variable | None = None
            if len(v.shape) < 2:
                # Keras keeps two unused integers here, and files count them.
                rows, columns = (Variable(0, name=v.name, trainable=False) for _ in range(2))
                self._track_variable(rows)
                self._track_variable(columns)
            elif not v.overwrite_with_gradient:
                rows = self.add_variable(v.shape[:-1], dtype=v.dtype, name=v.name)
                shape = (*v.shape[:-2], v.shape[-1])
                columns = self.add_variable(shape, dtype=v.dtype, name=v.name)
            if not v.overwrite_with_gradient:
                full = self.add_variable_from_reference(v, name="velocity")
            for kept, made in zip(slots, (rows, columns, full), strict=True):
                kept.append(made)
        attributes = ["_r", "_c", "_v"]
        self.__dict__.update(zip(attributes, slots, strict=True))
        self.__dict__["_cornu_slots"] = attributes

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        rate = ops.minimum(learning_rate, ops.rsqrt(step))
        return rate, 1 - ops.power(step, self.beta_2_decay)

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        rate, past = scalars
        r, c, v = slots
        now = 1 - past
        squares = ops.square(gradient) + self.epsilon_1
        if len(shape_of(value)) >= 2:
            r = r * past + ops.mean(squares, axis=-1) * now
            c = c * past + ops.mean(squares, axis=-2) * now
            share = ops.divide(r, ops.mean(r, axis=-1, keepdims=True))
            v = ops.expand_dims(share, -1) * ops.expand_dims(c, -2)
        else:
            v = v * past + squares * now
        step = ops.divide(gradient, ops.sqrt(v))
        too_long = ops.maximum(1.0, _root_mean_square(step) * (1 / self.clip_threshold))
        scale = ops.maximum(_root_mean_square(value), self.epsilon_2) * rate
        return value - step * ops.divide(scale, too_long), (r, c, v)


def _root_mean_square(x: Tensor) -> Tensor:
    return ops.sqrt(ops.mean(ops.square(x)))
