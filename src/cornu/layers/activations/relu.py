"""`ReLU`: nothing below a threshold."""

from __future__ import annotations

from typing import Any

from cornu import activations
from cornu.errors import ArgumentError
from cornu.layers.layer import Layer

__all__ = ["ReLU"]


class ReLU(Layer):
    """x above the threshold, at most `max_value`; negative_slope * (x - threshold) below it.

    Args:
        max_value: The largest result; None for no bound.
        negative_slope: Slope below the threshold.
        threshold: Where the two parts meet.
        **kwargs: Arguments of `Layer`.

    Raises:
        ValueError: If an argument is negative.

    Example:
        >>> cornu.layers.ReLU(max_value=6.0)(np.array([-1.0, 2.0, 9.0]))
        Array([0., 2., 6.], dtype=float32)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        given: tuple[tuple[str, float | None], ...] = (
            ("max_value", 0.0 if max_value is None else max_value),
            ("negative_slope", negative_slope),
            ("threshold", threshold),
        )
        for name, value in given:
            if value is None or value < 0.0:
                raise ArgumentError("ReLU", f"`{name}` must not be negative", received=value)
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Cut off what is below the threshold."""
        return activations.relu(
            inputs,
            negative_slope=self.negative_slope,
            max_value=self.max_value,
            threshold=self.threshold,
        )
