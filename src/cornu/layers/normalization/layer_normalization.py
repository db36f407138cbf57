"""`LayerNormalization`: each sample with mean 0 and variance 1 over its features."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.errors import ArgumentTypeError
from cornu.layers.arguments import known_size
from cornu.layers.layer import Layer

__all__ = ["LayerNormalization"]


class LayerNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, over the features of each sample.

    Args:
        axis: Axis or axes of mean and variance.
        epsilon: Added to the variance.
        center: Whether to add a trained `beta`.
        scale: Whether to multiply by a trained `gamma`.
        beta_initializer: First values of beta.
        gamma_initializer: First values of gamma.
        beta_regularizer: Penalty on beta.
        gamma_regularizer: Penalty on gamma.
        beta_constraint: Applied to beta after each update.
        gamma_constraint: Applied to gamma after each update.
        **kwargs: Arguments of `Layer`; `rms_scaling=True` is an old name of `RMSNormalization`.

    Shapes:
        inputs: (..., d) -> the same, for `axis=-1`

    References:
        Ba, Kiros and Hinton 2016, "Layer Normalization", arXiv:1607.06450.

    Example:
        >>> cornu.layers.LayerNormalization(epsilon=0.0)(np.array([[1.0, 3.0]]))
        Array([[-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        self.rms_scaling = kwargs.pop("rms_scaling", False)
        if self.rms_scaling:
            warnings.warn(
                "`rms_scaling=True` is deprecated: use `RMSNormalization`.",
                DeprecationWarning,
                stacklevel=2,
            )
        super().__init__(**kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise ArgumentTypeError(
                "LayerNormalization", "`axis` must be an int or a sequence of ints", axis=axis
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.supports_masking = True
        self.autocast = False  # statistics of 16-bit inputs are taken in float32

    def build(self, input_shape: Any) -> None:
        """Make scale and offset."""
        self.axis = [self.axis] if isinstance(self.axis, int) else sorted(self.axis)
        shape = tuple(known_size("LayerNormalization", input_shape, axis) for axis in self.axis)
        self.gamma = self.beta = None
        if self.scale or self.rms_scaling:
            self.gamma = self.add_weight(
                shape=shape,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
                name="gamma",
            )
        if self.center and not self.rms_scaling:
            self.beta = self.add_weight(
                shape=shape,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
                name="beta",
            )

    def call(self, inputs: Any) -> Any:
        """Normalize."""
        if self.rms_scaling:
            y = ops.rms_normalization(inputs, self.gamma, self.axis, self.epsilon)
        else:
            y = ops.layer_normalization(inputs, self.gamma, self.beta, self.axis, self.epsilon)
        return ops.cast(y, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "rms_scaling": self.rms_scaling}
