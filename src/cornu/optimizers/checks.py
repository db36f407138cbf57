"""What is refused: settings of optimizers that don't go together, gradients that lead nowhere."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from cornu.errors import (
    ArgumentError,
)
from cornu.ops.op import as_tensor
from cornu.state.variable import Variable

__all__ = ["check_settings", "overwritten", "with_gradients"]


def overwritten(variable: Variable) -> bool:
    """Say whether a variable is replaced by its gradient instead of moved along it."""
    return bool(getattr(variable, "overwrite_with_gradient", False))


def with_gradients(
    grads: Sequence[Any], variables: Sequence[Variable]
) -> list[tuple[Any, Variable]]:
    """Return the pairs with a gradient, with a warning about variables without one.

    Args:
        grads: Gradients, None where the loss doesn't depend on the variable.
        variables: As many variables.

    Raises:
        ArgumentError: If there is no gradient at all.
    """
    pairs = [(as_tensor(g), v) for g, v in zip(grads, variables, strict=True) if g is not None]
    if not pairs:
        raise ArgumentError(
            "No gradients provided for any variable: the loss doesn't depend on the weights.",
            fix="Is the loss computed from the outputs of the model, by ops that have a gradient?\n"
            "`argmax`, `round` and casts to integers have none.",
        )
    if len(pairs) < len(variables):
        missing = [v.path for g, v in zip(grads, variables, strict=True) if g is None]
        warnings.warn(
            f"There are no gradients for the variables {missing}: the loss doesn't depend on them, "
            "so they stay as they are.",
            stacklevel=3,
        )
    return pairs


def check_settings(
    where: str,
    clips: tuple[float | None, ...],
    accumulation: Any,
    use_ema: bool,
    momentum: float,
    frequency: Any,
) -> None:
    """Refuse settings that make no sense.

    Args:
        where: The optimizer.
        clips: `clipnorm`, `clipvalue` and `global_clipnorm`.
        accumulation: `gradient_accumulation_steps`.
        use_ema: Whether averages are kept.
        momentum: `ema_momentum`.
        frequency: `ema_overwrite_frequency`.

    Raises:
        ArgumentError: If one isn't allowed, or two kinds of clipping are asked for.
    """
    if sum(c is not None for c in clips) > 1:
        raise ArgumentError(
            where, "only one of clipnorm, clipvalue and global_clipnorm may be given"
        )
    if accumulation and not accumulation >= 2:
        raise ArgumentError(
            where,
            "gradient_accumulation_steps must be an integer of 2 or more",
            gradient_accumulation_steps=accumulation,
        )
    if use_ema and not 0 <= momentum <= 1:
        raise ArgumentError(where, "ema_momentum must lie between 0 and 1", ema_momentum=momentum)
    if use_ema and frequency and (not isinstance(frequency, int) or frequency < 1):
        raise ArgumentError(
            where,
            "ema_overwrite_frequency must be an integer of 1 or more, or None",
            ema_overwrite_frequency=frequency,
        )
