"""`AdamW`."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError
from cornu.optimizers.adam import Adam

__all__ = ["AdamW"]


class AdamW(Adam):
    """Adam with weight decay, apart from the gradient: w (1 - rate weight_decay) first.

    Args:
        learning_rate: A number, a LearningRateSchedule, or a callable without arguments.
        weight_decay: Share of each variable, times the learning rate, that every step takes away.
        beta_1: Weight of the past in the mean of gradients.
        beta_2: Weight of the past in the mean of squares.
        epsilon: Added to the root.
        amsgrad: Whether to divide by the largest mean square so far.
        clipnorm: This and all further arguments are those of `Optimizer`.

    Raises:
        ValueError: If `weight_decay` is None.

    References:
        Loshchilov and Hutter 2017, "Decoupled weight decay regularization", arXiv:1711.05101.

    Example:
        >>> import cornu
        >>> v = cornu.Variable([1.0, 2.0])
        >>> AdamW(0.1, weight_decay=0.1).apply([[1.0, -1.0]], [v])
        >>> v.numpy().round(4)
        array([0.89, 2.08], dtype=float32)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        if weight_decay is None:
            raise ArgumentError("AdamW", "weight_decay must be a number", weight_decay=None)
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
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
