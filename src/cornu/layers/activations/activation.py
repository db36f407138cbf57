"""`Activation`: any function of the values, as a layer."""

from __future__ import annotations

from typing import Any

from cornu import activations
from cornu.layers.layer import Layer

__all__ = ["Activation"]


class Activation(Layer):
    """activation(x).

    Args:
        activation: A function on arrays, or the name of one in `activations`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        As the function says; usually the input's.

    Example:
        >>> cornu.layers.Activation("relu")(np.array([-1.0, 2.0]))
        Array([0., 2.], dtype=float32)
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Apply the function."""
        return self.activation(inputs)
