"""`ActivityRegularization`: a penalty on what passes through."""

from __future__ import annotations

from typing import Any

from cornu import regularizers
from cornu.layers.layer import Layer

__all__ = ["ActivityRegularization"]


class ActivityRegularization(Layer):
    """The inputs themselves; (l1 * sum(|x|) + l2 * sum(x**2)) / n is added to the loss.

    Args:
        l1: Factor of the sum of absolute values.
        l2: Factor of the sum of squares.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, ...) -> the same

    Example:
        >>> layer = cornu.layers.ActivityRegularization(l1=0.5)
        >>> layer(np.array([[1.0], [-3.0]])).shape
        (2, 1)
        >>> float(layer.losses[0])
        1.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        config = super().get_config()
        del config["activity_regularizer"]  # it follows from `l1` and `l2`
        return config
