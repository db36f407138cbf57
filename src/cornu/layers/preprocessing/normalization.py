"""`Normalization`: features with mean 0 and variance 1, by statistics of the data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cornu import ops, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.layers.arguments import known_size
from cornu.layers.layer import Layer

__all__ = ["Normalization"]


class Normalization(Layer):
    """(x - mean) / sqrt(variance), with statistics that are given or taken from data by `adapt`.

    Args:
        axis: Axis or axes whose entries have statistics of their own; None: one for all.
        mean: The mean; with `variance`, instead of `adapt`.
        variance: The variance.
        invert: Whether to do the opposite: x * sqrt(variance) + mean.
        **kwargs: Arguments of `Layer`.

    Shapes:
        inputs: any -> the same, of the layer's dtype

    Example:
        >>> layer = cornu.layers.Normalization()
        >>> layer.adapt(np.array([[1.0], [3.0]]))
        >>> layer(np.array([[3.0]]))
        Array([[1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                "Normalization", "give both `mean` and `variance` or none", mean=mean, var=variance
            )
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ShapeError(
                "Normalization",
                "`mean` and `variance` must have the same shape",
                mean=str(np.shape(mean)),
                variance=str(np.shape(variance)),
            )
        if np.ndim(mean) > len(self.axis) and mean is not None:
            raise ShapeError(
                "Normalization",
                f"`mean` must have at most as many axes as `axis`, which has {len(self.axis)}",
                mean=str(np.shape(mean)),
            )
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the statistics, unless they are given."""
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ShapeError(
                "Normalization",
                f"the input has no axis {self.axis}",
                input_shape=tuple(input_shape),
            )
        self._kept = tuple(sorted(axis % rank for axis in self.axis))
        shape = tuple(known_size("Normalization", input_shape, axis) for axis in self._kept)
        self._spread = tuple(
            shape[self._kept.index(i)] if i in self._kept else 1 for i in range(rank)
        )
        if self.input_mean is None:
            self.adapt_mean = self.add_weight(
                shape=shape, initializer="zeros", trainable=False, name="mean"
            )
            self.adapt_variance = self.add_weight(
                shape=shape, initializer="ones", trainable=False, name="variance"
            )
            self.count = self.add_weight(  # which older files hold
                shape=(), initializer="zeros", dtype="int32", trainable=False, name="count"
            )

    def _statistic(self, given: Any, adapted: str) -> Any:
        """Return mean or variance so that it broadcasts against the inputs."""
        if given is None:
            value = getattr(self, adapted)
            return ops.reshape(ops.cast(value, self.compute_dtype), self._spread)
        values = np.asarray(given)
        shape = [1] * len(self._spread)
        if values.ndim:  # its axes are the last of those kept
            for axis, size in zip(self._kept[-values.ndim :], values.shape, strict=True):
                shape[axis] = size
        whole = np.broadcast_to(values.reshape(shape), self._spread)
        return ops.convert_to_tensor(whole, dtype=self.compute_dtype)

    @property
    def mean(self) -> Any:
        """The mean, in a shape that broadcasts against the inputs; None before it is built."""
        return self._statistic(self.input_mean, "adapt_mean") if self.built else None

    @property
    def variance(self) -> Any:
        """The variance, in a shape that broadcasts against the inputs; None before it is built."""
        return self._statistic(self.input_variance, "adapt_variance") if self.built else None

    def adapt(self, data: Any) -> None:
        """Take mean and variance from data.

        Args:
            data: An array, or an iterable of batches; of a batch that is a tuple the first item.

        Raises:
            ValueError: If statistics were given, there is no data, or its shape doesn't fit.
        """
        if self.input_mean is not None:
            raise ArgumentError(
                f"{self.name}.adapt", "the layer was made with `mean` and `variance`"
            )
        count, mean, variance = 0, np.zeros(()), np.zeros(())
        for batch in _batches(data):
            if not self.built:
                self.build(batch.shape)
            rank = len(self._spread)
            kept = tuple(batch.shape[axis] for axis in self._kept) if batch.ndim == rank else None
            if kept != self.adapt_mean.shape:
                raise ShapeError(
                    f"{self.name}.adapt", "the data doesn't fit the layer's shape", batch=batch
                )
            over = tuple(i for i in range(rank) if i not in self._kept)
            n = int(np.prod([batch.shape[i] for i in over], dtype=np.int64)) if over else 1
            # Means and squares about the means of both parts; exact for one batch.
            wide = batch.astype("float64")
            part, own = wide.mean(axis=over), wide.var(axis=over)
            weight = n / (count + n)
            joined = mean + (part - mean) * weight
            variance = (variance + (mean - joined) ** 2) * (1 - weight) + (
                own + (part - joined) ** 2
            ) * weight
            mean, count = joined, count + n
        if count == 0:
            raise ArgumentError(f"{self.name}.adapt", "there is no data")
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def call(self, inputs: Any) -> Any:
        """Normalize, or the opposite."""
        x = ops.cast(inputs, self.compute_dtype)
        deviation = ops.maximum(ops.sqrt(self.variance), settings.epsilon())
        if self.invert:
            return ops.add(self.mean, ops.multiply(x, deviation))
        return ops.divide(ops.subtract(x, self.mean), deviation)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer; not what `adapt` found."""
        return {
            **super().get_config(),
            "mean": np.array(self.input_mean).tolist(),
            "variance": np.array(self.input_variance).tolist(),
        }


def _batches(data: Any) -> Iterable[np.ndarray[Any, Any]]:
    """Yield the data's batches as ndarrays."""
    for batch in [data] if hasattr(data, "shape") else data:
        first = batch[0] if isinstance(batch, (list, tuple)) else batch
        yield np.asarray(ops.convert_to_numpy(first))
