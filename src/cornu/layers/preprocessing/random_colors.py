"""`RandomBrightness`, `RandomContrast`: colors changed at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops
from cornu.layers.preprocessing.random_image_layer import (
    Factor,
    RandomImageLayer,
    factor_range,
    value_range_of,
)

__all__ = ["RandomBrightness", "RandomContrast"]


class RandomBrightness(RandomImageLayer):
    """In training, the same number added to all values of an image, another for each image.

    Args:
        factor: Bounds of the number in parts of the value range, from -1 to 1; f means (-f, f).
        value_range: The smallest and the largest value of pixels.
        seed: An int for the same draws in every run; None draws a seed.
        **kwargs: Arguments of `Layer`, and `data_format`.

    Shapes:
        data: (n, h, w, c) or (h, w, c) -> the same

    Example:
        >>> layer = cornu.layers.RandomBrightness((1.0, 1.0))
        >>> float(layer(np.zeros((1, 1, 1)))[0, 0, 0])
        255.0
    """

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = factor_range("RandomBrightness", "factor", factor)
        self.value_range = value_range_of("RandomBrightness", value_range)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw what is added."""
        if not training:
            return None
        low, high = self.value_range
        return ops.multiply(self._uniform(images, *self.factor), high - low)

    def _changed(self, images: Any, transformation: Any) -> Any:
        return ops.clip(ops.add(images, transformation), *self.value_range)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "data_format": self.data_format}


class RandomContrast(RandomImageLayer):
    """In training, the distances from the mean of each channel times a number, one for each image.

    Args:
        factor: The pair (a, b): the number is from 1 - a to 1 + b, both from 0 to 1; f means
            (0, f).
        value_range: The smallest and the largest value of pixels.
        seed: An int for the same draws in every run; None draws a seed.
        **kwargs: Arguments of `Layer`, and `data_format`.

    Shapes:
        data: (n, h, w, c) or (h, w, c) -> the same

    Example:
        >>> cornu.layers.RandomContrast(0.5)(np.full((1, 2, 2, 1), 7.0))[0, :, 0, 0]
        Array([7., 7.], dtype=float32)
    """

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = factor_range("RandomContrast", "factor", factor, low=0.0)
        self.value_range = value_range_of("RandomContrast", value_range)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw the factors."""
        low, high = self.factor
        return self._uniform(images, 1.0 - low, 1.0 + high) if training else None

    def _changed(self, images: Any, transformation: Any) -> Any:
        mean = ops.mean(images, axis=self._axes(), keepdims=True)
        changed = ops.add(ops.multiply(ops.subtract(images, mean), transformation), mean)
        return ops.clip(changed, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer."""
        return {**super().get_config(), "data_format": self.data_format}
