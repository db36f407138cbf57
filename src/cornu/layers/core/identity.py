"""`Identity`: what comes in goes out."""

from __future__ import annotations

from typing import Any

from cornu.layers.layer import Layer

__all__ = ["Identity"]


class Identity(Layer):
    """The inputs themselves.

    Args:
        **kwargs: Arguments of `Layer`.

    Example:
        >>> cornu.layers.Identity()(np.array([1.0, 2.0]))
        Array([1., 2.], dtype=float32)
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs
