"""`RandomImageLayer`: what layers share that change images at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import ops, random
from cornu.errors import ArgumentError
from cornu.layers.arguments import shape_of
from cornu.layers.preprocessing.image_layer import ImageLayer
from cornu.random.seed_generator import SeedGenerator

__all__ = ["Factor", "RandomImageLayer", "factor_range", "value_range_of"]

Factor = float | Sequence[float]


def factor_range(
    where: str, name: str, value: Factor, low: float = -1.0, high: float = 1.0
) -> tuple[float, float]:
    """Return the bounds of a draw: of a number f, -f and f, but not below `low`.

    Raises:
        ArgumentError: If it is neither a number nor a pair of them, or out of bounds.
    """
    if isinstance(value, (int, float)):
        bounds = [max(-abs(value), low), abs(value)]
    else:
        bounds = sorted(value)
    if len(bounds) != 2 or not low <= bounds[0] <= bounds[1] <= high:
        raise ArgumentError(
            where, f"`{name}` must be a number or a pair of them, from {low} to {high}", got=value
        )
    return bounds[0], bounds[1]


def value_range_of(where: str, value: Sequence[float]) -> list[float]:
    """Return the smallest and the largest value of pixels.

    Raises:
        ArgumentError: If it isn't a pair of numbers.
    """
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise ArgumentError(where, "`value_range` must be a pair of numbers", value_range=value)
    return sorted(value)


class RandomImageLayer(ImageLayer):
    """Images changed at random in training, each in its own way, and not otherwise.

    Subclasses draw in `get_random_transformation` and write `_changed`.

    Args:
        seed: An int for the same draws in every run; None draws a seed.
        data_format: Where the channels stand.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(
        self, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.seed = seed
        self.generator = SeedGenerator(seed)

    def _uniform(self, images: Any, low: float, high: float, dtype: str | None = None) -> Any:
        """Draw one number for each image, of the shape (n, 1, 1, 1)."""
        shape = (shape_of(images)[0], 1, 1, 1)
        return random.uniform(
            shape, low, high, dtype=dtype or self.compute_dtype, seed=self.generator
        )

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the images changed, in training."""
        images = ops.cast(images, self.compute_dtype)
        return self._changed(images, transformation) if training else images

    def _changed(self, images: Any, transformation: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} doesn't say what it does.")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the masks as they are: colors change, places don't."""
        return segmentation_masks
