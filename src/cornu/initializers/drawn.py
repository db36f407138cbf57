"""Initializers that draw each value by itself: normal, uniform, truncated normal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import saving
from cornu.backends import current
from cornu.errors import ArgumentError
from cornu.initializers.initializer import Initializer, to_tensor
from cornu.ops.op import Tensor
from cornu.random.host import normal_values, truncated_normal_values, uniform_values
from cornu.random.seed_generator import SeedGenerator, draw_seed, make_default_seed

__all__ = ["RandomInitializer", "RandomNormal", "RandomUniform", "TruncatedNormal"]


class RandomInitializer(Initializer):
    """Base of initializers that draw: equal seeds give equal values on every backend.

    The values are computed on the host, see `cornu.random.host`. With an int as seed, and with
    None, every call of one initializer gives the same values; with a SeedGenerator others.

    Args:
        seed: An int, a SeedGenerator, or None for one from Python's `random`.
    """

    def __init__(self, seed: Any = None) -> None:
        self._init_seed = seed
        if seed is None:
            seed = make_default_seed()
        elif isinstance(seed, dict):
            seed = saving.deserialize_keras_object(seed)
        elif not isinstance(seed, (int, np.integer, SeedGenerator)) or isinstance(seed, bool):
            raise ArgumentError(
                type(self).__name__, "the seed must be an int or a SeedGenerator", seed=seed
            )
        self.seed = seed

    def _key(self) -> np.ndarray[Any, Any]:
        return current().to_numpy(draw_seed(self.seed))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {"seed": saving.serialize_keras_object(self._init_seed)}


class RandomNormal(RandomInitializer):
    """Values of a normal distribution.

    Args:
        mean: Its mean.
        stddev: Its standard deviation.
        seed: An int, a SeedGenerator, or None.

    Example:
        >>> RandomNormal(seed=1)((2, 3)).shape
        (2, 3)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        return to_tensor(normal_values(self._key(), shape) * self.stddev + self.mean, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomInitializer):
    """Values of a normal distribution within two standard deviations of the mean.

    Args:
        mean: Mean of the distribution that is cut.
        stddev: Its standard deviation, before it is cut.
        seed: An int, a SeedGenerator, or None.

    Example:
        >>> values = TruncatedNormal(stddev=1.0, seed=1)((1000,))
        >>> bool(abs(values).max() <= 2.0)
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        self.mean = mean
        self.stddev = stddev
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        values = truncated_normal_values(self._key(), shape)
        return to_tensor(values * self.stddev + self.mean, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


class RandomUniform(RandomInitializer):
    """Values between two bounds, each as likely as the other.

    Args:
        minval: The least value.
        maxval: The upper bound.
        seed: An int, a SeedGenerator, or None.

    Example:
        >>> values = RandomUniform(0.0, 1.0, seed=1)((1000,))
        >>> bool(values.min() >= 0.0 and values.max() <= 1.0)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        self.minval = minval
        self.maxval = maxval
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        values = uniform_values(self._key(), shape)
        return to_tensor(values * (self.maxval - self.minval) + self.minval, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}
