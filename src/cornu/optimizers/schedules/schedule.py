"""`LearningRateSchedule`: a learning rate that is a function of the step."""

from __future__ import annotations

from typing import Any

from cornu.errors import NotSupportedError
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, to_dtype

__all__ = ["LearningRateSchedule"]


class LearningRateSchedule:
    """A function from the step to the learning rate, with a config.

    Subclasses write `__call__` with ops, as it is traced, and `get_config`.

    Example:
        >>> import cornu
        >>> class Halving(cornu.optimizers.schedules.LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 1.0 / (1.0 + cornu.ops.cast(step, "float32"))
        >>> float(Halving()(3))
        0.25
    """

    def __call__(self, step: ArrayLike) -> Tensor:
        """Return the learning rate.

        Args:
            step: The number of steps done.
        """
        raise NotSupportedError(
            type(self).__name__, "a schedule must define `__call__(self, step)`"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal schedule. Subclasses write it.

        Raises:
            NotImplementedError: If a subclass doesn't.
        """
        raise NotSupportedError(type(self).__name__, "a schedule needs `get_config` to be saved")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the schedule of a config."""
        return cls(**config)


def rate_and_step(rate: ArrayLike, step: ArrayLike) -> tuple[Tensor, Tensor]:
    """Return a learning rate as a tensor, and the step in its dtype."""
    rate = as_tensor(rate)
    return rate, to_dtype(as_tensor(step), dtype_of(rate))
