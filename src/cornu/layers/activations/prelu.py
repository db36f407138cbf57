"""`PReLU`: trained slopes below zero."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.layers.arguments import known_size
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["PReLU"]


class PReLU(Layer):
    """x where x > 0, else alpha * x with a trained alpha for each feature.

    Args:
        alpha_initializer: First values of alpha.
        alpha_regularizer: Penalty on alpha.
        alpha_constraint: Applied to alpha after each update.
        shared_axes: Axes along which one alpha is shared, such as `[1, 2]` for images.
        **kwargs: Arguments of `Layer`.

    References:
        He et al. 2015, "Delving deep into rectifiers: surpassing human-level performance on
        ImageNet classification", arXiv:1502.01852.

    Example:
        >>> cornu.layers.PReLU(alpha_initializer="ones")(np.array([[-2.0, 2.0]]))
        Array([[-2.,  2.]], dtype=float32)
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes: list[int] | None = None
        if shared_axes is not None:
            self.shared_axes = [shared_axes] if isinstance(shared_axes, int) else list(shared_axes)

    def build(self, input_shape: Any) -> None:
        """Make alpha."""
        shared = self.shared_axes or ()
        own = {
            axis: known_size("PReLU", input_shape, axis)
            for axis in range(1, len(input_shape))
            if axis not in shared
        }
        self.alpha = self.add_weight(
            shape=tuple(own.get(axis, 1) for axis in range(1, len(input_shape))),
            initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )
        self.input_spec = InputSpec(ndim=len(input_shape), axes=own)

    def call(self, inputs: Any) -> Any:
        """Apply the slopes below zero."""
        below = ops.relu(ops.negative(inputs))
        return ops.subtract(ops.relu(inputs), ops.multiply(self.alpha, below))
