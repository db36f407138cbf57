"""`GroupNormalization`: each group of channels with mean 0 and variance 1, sample by sample."""

from __future__ import annotations

from typing import Any

from cornu import constraints, initializers, ops, regularizers
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dtypes import bits
from cornu.layers.arguments import known_size, shape_of
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["GroupNormalization"]


class GroupNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, over each group of channels.

    Args:
        groups: Number of groups; -1: each channel is one (instance normalization).
        axis: Axis of the channels.
        epsilon: Added to the variance.
        center: Whether to add a trained `beta`.
        scale: Whether to multiply by a trained `gamma`.
        beta_initializer: First values of beta.
        gamma_initializer: First values of gamma.
        beta_regularizer: Penalty on beta.
        gamma_regularizer: Penalty on gamma.
        beta_constraint: Applied to beta after each update.
        gamma_constraint: Applied to gamma after each update.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, ..., c) -> the same; gamma, beta: (c,)

    References:
        Wu and He 2018, "Group Normalization", arXiv:1803.08494.

    Example:
        >>> layer = cornu.layers.GroupNormalization(groups=2, epsilon=0.0)
        >>> layer(np.array([[1.0, 3.0, 10.0, 30.0]]))
        Array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        super().__init__(**kwargs)
        if not isinstance(groups, int) or (groups < 1 and groups != -1):
            raise ArgumentError(
                "GroupNormalization", "`groups` must be a positive int or -1", groups=groups
            )
        self.groups = groups
        self.axis = axis
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
        channels = known_size("GroupNormalization", input_shape, self.axis)
        if self.groups == -1:
            self.groups = channels
        if channels % self.groups:
            raise ShapeError(
                "GroupNormalization",
                f"{channels} channels can't be divided into {self.groups} groups",
                input_shape=tuple(input_shape),
            )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape=(channels,),
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape=(channels,),
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
                name="beta",
            )

    def call(self, inputs: Any) -> Any:
        """Normalize each group."""
        shape = shape_of(inputs)
        axis = self.axis % len(shape)
        in_groups = (self.groups, shape[axis] // self.groups)
        x = inputs if bits(ops.dtype(inputs)) >= 32 else ops.cast(inputs, "float32")
        x = ops.reshape(x, (*shape[:axis], *in_groups, *shape[axis + 1 :]))
        over = tuple(i for i in range(1, len(shape) + 1) if i != axis)
        mean, variance = ops.moments(x, axes=over, keepdims=True)
        factor = ops.rsqrt(ops.add(variance, self.epsilon))
        beside = [*[1] * axis, *in_groups, *[1] * (len(shape) - axis - 1)]
        if self.gamma is not None:
            gamma = ops.cast(ops.reshape(self.gamma, beside), ops.dtype(x))
            factor = ops.multiply(factor, gamma)
        shift = ops.negative(ops.multiply(mean, factor))
        if self.beta is not None:
            shift = ops.add(shift, ops.cast(ops.reshape(self.beta, beside), ops.dtype(x)))
        y = ops.reshape(ops.add(ops.multiply(x, factor), shift), shape)
        return ops.cast(y, self.compute_dtype)
