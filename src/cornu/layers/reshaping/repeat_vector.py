"""`RepeatVector`: a vector as a sequence of itself."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import ArgumentTypeError
from cornu.layers.arguments import positive_int, shape_of
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["RepeatVector"]


class RepeatVector(Layer):
    """The input n times, one after the other.

    Args:
        n: How often.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (batch, features) -> (batch, n, features)

    Example:
        >>> cornu.layers.RepeatVector(2)(np.array([[1.0, 2.0]]))
        Array([[[1., 2.],
                [1., 2.]]], dtype=float32)
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(n, bool) or not isinstance(n, int):
            raise ArgumentTypeError("RepeatVector", "`n` must be an int", n=n)
        self.n = positive_int("RepeatVector", "n", n)
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """Repeat the vectors."""
        batch, features = shape_of(inputs)
        return ops.broadcast_to(ops.expand_dims(inputs, 1), (batch, self.n, features))
