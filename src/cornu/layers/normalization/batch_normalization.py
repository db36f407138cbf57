"""`BatchNormalization`: each channel with mean 0 and variance 1 over the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cornu import constraints, initializers, ops, regularizers, settings
from cornu.errors import ArgumentError, NotSupportedError, ShapeError
from cornu.graph.dtypes import bits
from cornu.layers.arguments import known_size, shape_of
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer

__all__ = ["BatchNormalization"]

_CLIPPING = ("rmax", "rmin", "dmax")


class BatchNormalization(Layer):
    """gamma * (x - mean) / sqrt(variance + epsilon) + beta, channel by channel.

    In training mean and variance are those of the batch, and move the averages that stand in for
    them otherwise: moving = momentum * moving + (1 - momentum) * batch. A frozen layer
    (`trainable=False`) always uses the moving averages.

    Args:
        axis: Axis of the channels.
        momentum: How much of the old average is kept.
        epsilon: Added to the variance.
        center: Whether to add a trained `beta`.
        scale: Whether to multiply by a trained `gamma`.
        beta_initializer: First values of beta.
        gamma_initializer: First values of gamma.
        moving_mean_initializer: First values of the moving mean.
        moving_variance_initializer: First values of the moving variance.
        beta_regularizer: Penalty on beta.
        gamma_regularizer: Penalty on gamma.
        beta_constraint: Applied to beta after each update.
        gamma_constraint: Applied to gamma after each update.
        renorm: Whether to correct the batch's statistics towards the averages (batch
            renormalization).
        renorm_clipping: Bounds of the correction: "rmin", "rmax", "dmax".
        renorm_momentum: The momentum of the averages that the correction uses.
        synchronized: Whether to average over devices too, which no backend here offers.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: (n, ..., c) -> the same; mask: inputs without the last axis

    References:
        Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by
        Reducing Internal Covariate Shift", arXiv:1502.03167.
        Ioffe 2017, "Batch Renormalization: Towards Reducing Minibatch Dependence in
        Batch-Normalized Models", arXiv:1702.03275.

    Example:
        >>> layer = cornu.layers.BatchNormalization(epsilon=0.0)
        >>> layer(np.array([[1.0], [3.0]]), training=True)
        Array([[-1.],
               [ 1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Mapping[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if synchronized:
            raise NotSupportedError(
                "BatchNormalization", "`synchronized=True` needs several devices"
            )
        axes = [axis] if isinstance(axis, int) else list(axis)  # files of Keras 2 have lists
        if len(axes) != 1:
            raise ArgumentError("BatchNormalization", "`axis` must be one axis", axis=axis)
        self.axis = int(axes[0])
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.synchronized = synchronized
        self.renorm = renorm
        self.renorm_clipping = _checked_clipping(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = renorm_momentum
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make scale and offset, and the moving averages."""
        size = known_size("BatchNormalization", input_shape, self.axis)
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                shape=(size,),
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                autocast=False,
                name="gamma",
            )
        if self.center:
            self.beta = self.add_weight(
                shape=(size,),
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                autocast=False,
                name="beta",
            )
        self.moving_mean = self._average(size, self.moving_mean_initializer, "moving_mean")
        self.moving_variance = self._average(
            size, self.moving_variance_initializer, "moving_variance"
        )
        if self.renorm:
            self.moving_stddev = self._average(size, self._first_stddev, "moving_stddev")
            self.renorm_mean = self._average(size, self.moving_mean_initializer, "renorm_mean")
            self.renorm_stddev = self._average(size, self._first_stddev, "renorm_stddev")
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size})

    def _average(self, size: int, initializer: Any, name: str) -> Any:
        return self.add_weight(
            shape=(size,), initializer=initializer, trainable=False, autocast=False, name=name
        )

    def _first_stddev(self, shape: Any, dtype: Any = None) -> Any:
        return ops.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize; in training also move the averages."""
        if mask is not None and len(shape_of(mask)) != len(shape_of(inputs)) - 1:
            raise ShapeError(
                self.name, "the mask must have one axis less than the inputs", mask=mask, x=inputs
            )
        # Sums of squares overflow below 32 bits.
        x = ops.cast(inputs, "float32") if bits(ops.dtype(inputs)) < 32 else inputs
        dtype = ops.dtype(x)
        gamma = None if self.gamma is None else ops.cast(self.gamma, dtype)
        beta = None if self.beta is None else ops.cast(self.beta, dtype)
        if training and self.trainable:
            mean, variance = self._moments(x, mask)
            if self.renorm:
                gamma, beta = self._renormalized(mean, variance, gamma, beta)
            else:
                self._move(self.moving_mean, mean, self.momentum)
                self._move(self.moving_variance, variance, self.momentum)
        else:
            mean = ops.cast(self.moving_mean, dtype)
            variance = ops.cast(self.moving_variance, dtype)
        y = ops.batch_normalization(
            x, mean, variance, axis=self.axis, offset=beta, scale=gamma, epsilon=self.epsilon
        )
        return ops.cast(y, self.compute_dtype)

    def _moments(self, x: Any, mask: Any) -> tuple[Any, Any]:
        """Return mean and variance of each channel; masked places don't count."""
        rank = len(shape_of(x))
        axes = tuple(i for i in range(rank) if i != self.axis % rank)
        if mask is None:
            return ops.moments(x, axes=axes)
        kept = ops.broadcast_to(ops.cast(ops.expand_dims(mask, -1), "bool"), shape_of(x))
        count = ops.add(
            ops.sum(ops.cast(kept, ops.dtype(x)), axis=axes, keepdims=True), settings.epsilon()
        )
        mean = ops.divide(ops.sum(ops.where(kept, x, 0.0), axis=axes, keepdims=True), count)
        off = ops.where(kept, ops.subtract(x, mean), 0.0)
        variance = ops.divide(ops.sum(ops.square(off), axis=axes, keepdims=True), count)
        return ops.squeeze(mean, axes), ops.squeeze(variance, axes)

    def _move(self, average: Any, value: Any, momentum: float) -> Any:
        """Move an average towards a value; return where it is now."""
        old = ops.cast(average, ops.dtype(value))
        moved = ops.add(ops.multiply(old, momentum), ops.multiply(value, 1.0 - momentum))
        average.assign(moved)
        return moved

    def _renormalized(self, mean: Any, variance: Any, gamma: Any, beta: Any) -> tuple[Any, Any]:
        """Return scale and offset with the correction in them, and move the averages.

        (x^ * r + d) * gamma + beta = x^ * (r * gamma) + (d * gamma + beta), where x^ is x
        normalized by the batch, r = stddev / average stddev, d = (mean - average mean) / average
        stddev.
        """
        dtype = ops.dtype(mean)
        stddev = ops.sqrt(ops.add(variance, self.epsilon))
        # At the root of epsilon at least: the average may begin at zero.
        average = ops.maximum(ops.cast(self.renorm_stddev, dtype), self.epsilon**0.5)
        r = ops.divide(stddev, average)
        d = ops.divide(ops.subtract(mean, ops.cast(self.renorm_mean, dtype)), average)
        bounds = self.renorm_clipping or {}
        if bounds.get("rmin") is not None:
            r = ops.maximum(r, bounds["rmin"])
        if bounds.get("rmax") is not None:
            r = ops.minimum(r, bounds["rmax"])
        if bounds.get("dmax") is not None:
            d = ops.clip(d, -bounds["dmax"], bounds["dmax"])
        r, d = ops.stop_gradient(r), ops.stop_gradient(d)
        scale = r if gamma is None else ops.multiply(r, gamma)
        offset = d if gamma is None else ops.multiply(d, gamma)
        if beta is not None:
            offset = ops.add(offset, beta)
        self._move(self.renorm_mean, mean, self.renorm_momentum)
        self._move(self.renorm_stddev, stddev, self.renorm_momentum)
        self._move(self.moving_mean, mean, self.momentum)
        moved = self._move(self.moving_stddev, stddev, self.momentum)
        # Rounding must not make a variance negative.
        self.moving_variance.assign(ops.relu(ops.subtract(ops.square(moved), self.epsilon)))
        return scale, offset


def _checked_clipping(bounds: Mapping[str, float] | None) -> dict[str, float]:
    found = dict(bounds or {})
    unknown = set(found) - set(_CLIPPING)
    if unknown:
        raise ArgumentError(
            "BatchNormalization", f"keys of `renorm_clipping` are {_CLIPPING}", found=found
        )
    low, high, shift = found.get("rmin"), found.get("rmax"), found.get("dmax")
    if low is not None and high is not None and high < low:
        raise ArgumentError(
            "BatchNormalization", "`rmax` must not be below `rmin`", rmin=low, rmax=high
        )
    if shift is not None and shift < 0:
        raise ArgumentError("BatchNormalization", "`dmax` must not be negative", dmax=shift)
    return found
