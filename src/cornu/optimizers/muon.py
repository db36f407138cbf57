"""`Muon`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.errors import ShapeError
from cornu.graph.spec import shape_of
from cornu.ops.op import Tensor
from cornu.optimizers.rule import RuleOptimizer
from cornu.state.variable import Variable

__all__ = ["Muon"]


class Muon(RuleOptimizer):
    """Orthogonal steps for matrices, Adam for all else.

    For a matrix: m' = momentum m + g; w - rate rms_rate sqrt(max(rows, columns)) O(d), for d = m',
    or g + momentum m' with `nesterov`. O(d) is nearly the closest orthogonal matrix: `ns_steps`
    times x -> a x + (b x x^T + c (x x^T)**2) x, from d over its norm.

    Adam takes what isn't a matrix, embeddings, and what `exclude_layers` names.

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        adam_beta_1: Adam's weight of the past in the mean of gradients.
        adam_beta_2: Adam's weight of the past in the mean of squares.
        adam_weight_decay: Weight decay of what Adam takes.
        epsilon: Adam's addition to the root.
        weight_decay: Weight decay of the others.
        clipnorm: This and the following are those of `Optimizer`.
        exclude_layers: Regular expressions; a variable with a match in its path is Adam's.
        exclude_embeddings: Whether variables with "embedding" in their path are Adam's.
        muon_a: a in the formula.
        muon_b: b.
        muon_c: c.
        adam_lr_ratio: Factor on the learning rate for Adam.
        momentum: Weight of the past in the momentum.
        ns_steps: How often the formula is applied.
        nesterov: Whether to look ahead along the momentum.
        rms_rate: Factor on the step, with the root of the longer side; None for neither.

    References:
        Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks".
        Liu et al. 2025, "Muon is scalable for LLM training", arXiv:2502.16982.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> Muon(0.1, adam_weight_decay=None).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.9, 2.1], dtype=float32)
    """

    momentums: list[Variable | None]
    adam_velocities: list[Variable | None]

    _own_arguments = (
        "adam_beta_1",
        "adam_beta_2",
        "epsilon",
        "exclude_layers",
        "muon_a",
        "muon_b",
        "muon_c",
        "adam_lr_ratio",
        "momentum",
        "ns_steps",
        "nesterov",
        "exclude_embeddings",
        "adam_weight_decay",
        "rms_rate",
    )

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.7750,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
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
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.epsilon = epsilon
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.exclude_embeddings = exclude_embeddings
        self.exclude_layers = list(exclude_layers or [])
        self.adam_weight_decay = adam_weight_decay
        self.rms_rate = rms_rate

    def _should_use_adamw(self, variable: Variable) -> bool:
        if len(variable.shape) != 2:
            return True
        if self.exclude_embeddings and "embedding" in variable.path.lower():
            return True
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        super().build(var_list)
        momentums: list[Variable | None] = []
        velocities: list[Variable | None] = []
        for v in var_list:
            trained = not v.overwrite_with_gradient
            momentums.append(self.add_variable_from_reference(v, "momentum") if trained else None)
            adam = trained and self._should_use_adamw(v)
            velocities.append(self.add_variable_from_reference(v, "velocity") if adam else None)
        self.__dict__.update(momentums=momentums, adam_velocities=velocities)

    def _slots(self, variable: Variable) -> list[Variable]:
        index = self._get_variable_index(variable)
        both = (self.momentums[index], self.adam_velocities[index])
        return [slot for slot in both if slot is not None]

    def _weight_decay_of(self, variable: Variable) -> float | None:
        if not self._use_weight_decay(variable):
            return None
        return self.adam_weight_decay if self._should_use_adamw(variable) else self.weight_decay

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        b1, b2 = ops.power(self.adam_beta_1, step), ops.power(self.adam_beta_2, step)
        corrected = ops.divide(ops.sqrt(1 - b2), 1 - b1)
        return learning_rate, learning_rate * self.adam_lr_ratio * corrected

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        learning_rate, adam_rate = scalars
        if len(slots) == 2:
            m, v = slots
            m = m + (gradient - m) * (1 - self.adam_beta_1)
            v = v + (ops.square(gradient) - v) * (1 - self.adam_beta_2)
            return value - ops.divide(m * adam_rate, ops.sqrt(v) + self.epsilon), (m, v)
        m = slots[0] * self.momentum + gradient
        direction = gradient + m * self.momentum if self.nesterov else m
        step = self.zeropower_via_newtonschulz5(direction, self.ns_steps)
        return value - self.lr_adjust(step * learning_rate), (m,)

    def transpose_last_axis(self, X: Tensor) -> Tensor:
        """Exchange the last two axes.

        Args:
            X: An array of two axes or more.
        """
        return ops.swapaxes(X, -1, -2)

    def lr_adjust(self, x: Tensor) -> Tensor:
        """Return a step times `rms_rate` and the root of its longer side.

        Args:
            x: A matrix.
        """
        if self.rms_rate is None:
            return x
        rows, columns = shape_of(x)[:2]
        return x * (max(int(rows), int(columns)) ** 0.5 * self.rms_rate)

    def zeropower_via_newtonschulz5(self, x: Tensor, steps: int) -> Tensor:
        """Return nearly the closest orthogonal matrix: all singular values near one.

        Args:
            x: A matrix, or a stack of them.
            steps: How often the formula is applied.

        Raises:
            ValueError: If `x` has fewer than two axes.
        """
        shape = shape_of(x)
        if len(shape) < 2:
            raise ShapeError("Muon", "an orthogonal step needs a matrix", x=x)
        tall = int(shape[-2]) > int(shape[-1])
        if tall:
            x = self.transpose_last_axis(x)
        norm = ops.sqrt(ops.sum(ops.square(x), axis=(-2, -1), keepdims=True))
        x = ops.divide(x, norm + 1e-7)
        for _ in range(steps):
            square = ops.matmul(x, self.transpose_last_axis(x))
            mixed = square * self.muon_b + ops.matmul(square, square) * self.muon_c
            x = x * self.muon_a + ops.matmul(mixed, x)
        return self.transpose_last_axis(x) if tall else x
