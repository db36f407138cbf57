"""Initializers whose spread follows from the number of inputs and outputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cornu import saving
from cornu.errors import ArgumentError
from cornu.initializers.drawn import RandomInitializer
from cornu.initializers.initializer import to_tensor
from cornu.ops.op import Tensor
from cornu.random.host import normal_values, truncated_normal_values, uniform_values

__all__ = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "VarianceScaling",
    "compute_fans",
]

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")

# Standard deviation of a standard normal distribution that is cut at -2 and 2.
_TRUNCATED_STDDEV = 0.87962566103423978


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Return how many inputs reach an output of a weight, and how many outputs an input.

    Args:
        shape: Shape of the weight: `(in, out)`, or `(*window, in, out)` of a convolution.
        input_axes: Axes whose sizes make the inputs; with `output_axes` they replace the rule.
        output_axes: Axes whose sizes make the outputs.

    Example:
        >>> compute_fans((3, 3, 16, 32))
        (144, 288)
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[i] for i in input_axes), math.prod(shape[i] for i in output_axes)
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return int(shape[0]), int(shape[0])
    window = math.prod(shape[:-2])
    return int(shape[-2] * window), int(shape[-1] * window)


class VarianceScaling(RandomInitializer):
    """Values with mean 0 and variance `scale / n`.

    n is the number of inputs (`mode="fan_in"`), of outputs ("fan_out") or their mean ("fan_avg").

    Args:
        scale: Factor on the variance.
        mode: Which number is n.
        distribution: "truncated_normal" (also called "normal"), "untruncated_normal" or "uniform".
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    Raises:
        ValueError: If an argument is not one of these.

    Example:
        >>> values = VarianceScaling(distribution="uniform", seed=1)((300, 10))
        >>> bool(abs(values).max() <= 0.1)
        True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        name = type(self).__name__
        if scale <= 0.0:
            raise ArgumentError(name, "scale must be positive", scale=scale)
        if mode not in _MODES:
            raise ArgumentError(name, f"mode must be one of {', '.join(_MODES)}", mode=mode)
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in _DISTRIBUTIONS:
            raise ArgumentError(
                name,
                f"distribution must be one of {', '.join(_DISTRIBUTIONS)}",
                distribution=distribution,
            )
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, n))
        key = self._key()
        # In place: the values are new, and copies of large ones cost more than the arithmetic.
        if self.distribution == "truncated_normal":
            values = truncated_normal_values(key, shape)
            values *= stddev / _TRUNCATED_STDDEV
        elif self.distribution == "untruncated_normal":
            values = normal_values(key, shape)
            values *= stddev
        else:
            limit = math.sqrt(3.0) * stddev
            values = uniform_values(key, shape)
            values *= 2.0 * limit
            values -= limit
        return to_tensor(values, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Named(VarianceScaling):
    """A VarianceScaling whose three first arguments are fixed."""

    _fixed: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(*self._fixed, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {
            "seed": saving.serialize_keras_object(self._init_seed),
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class GlorotUniform(_Named):
    """Uniform values within sqrt(6 / (inputs + outputs)) of zero.

    Args:
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    References:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS.
    """

    _fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal values with variance 2 / (inputs + outputs).

    Args:
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    References:
        Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS.
    """

    _fixed = (1.0, "fan_avg", "truncated_normal")


class HeNormal(_Named):
    """Truncated normal values with variance 2 / inputs.

    Args:
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    References:
        He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers", arXiv:1502.01852.
    """

    _fixed = (2.0, "fan_in", "truncated_normal")


class HeUniform(_Named):
    """Uniform values within sqrt(6 / inputs) of zero.

    Args:
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    References:
        He, Zhang, Ren and Sun 2015, "Delving deep into rectifiers", arXiv:1502.01852.
    """

    _fixed = (2.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal values with variance 1 / inputs.

    Args:
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    References:
        Klambauer et al. 2017, "Self-normalizing neural networks", arXiv:1706.02515.
    """

    _fixed = (1.0, "fan_in", "truncated_normal")


class LecunUniform(_Named):
    """Uniform values within sqrt(3 / inputs) of zero.

    Args:
        seed: An int, a SeedGenerator, or None.
        input_axes: Axes whose sizes make the inputs, together with `output_axes`.
        output_axes: Axes whose sizes make the outputs.

    References:
        Klambauer et al. 2017, "Self-normalizing neural networks", arXiv:1706.02515.
    """

    _fixed = (1.0, "fan_in", "uniform")
