"""`RandomRotation`, `RandomZoom`, `RandomTranslation`: images turned, scaled, moved at random."""

from __future__ import annotations

import math
from typing import Any

from cornu import ops
from cornu.layers.arguments import one_of, shape_of
from cornu.layers.preprocessing.random_image_layer import (
    Factor,
    RandomImageLayer,
    factor_range,
)

__all__ = ["RandomRotation", "RandomTranslation", "RandomZoom"]

_FILL_MODES = ("constant", "nearest", "wrap", "mirror", "reflect")


class _RandomWarp(RandomImageLayer):
    """What the three share: six numbers a0, a1, a2, b0, b1, b2 for each image.

    The result at (x, y) is the image at (a0 x + a1 y + a2, b0 x + b1 y + b2).
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: int | None,
        fill_value: float,
        data_format: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        name = type(self).__name__
        self.fill_mode = one_of(name, "fill_mode", fill_mode, *_FILL_MODES)
        self.interpolation = one_of(name, "interpolation", interpolation, "nearest", "bilinear")
        self.fill_value = fill_value

    def _draw(self, images: Any, low: float, high: float) -> Any:
        """Draw one number for each image, of the shape (n, 1) and of float32."""
        return ops.reshape(self._uniform(images, low, high, "float32"), (-1, 1))

    def _sizes(self, images: Any) -> tuple[Any, Any]:
        """Return height and width as numbers."""
        height, width = (ops.cast(shape_of(images)[axis], "float32") for axis in self._axes())
        return height, width

    def _warped(self, images: Any, transformation: Any, interpolation: str) -> Any:
        zero = ops.zeros_like(transformation[2])
        columns = [ops.add(zero, c) for c in transformation]
        return ops.image.affine_transform(
            images,
            ops.concatenate([*columns, zero, zero], axis=1),
            interpolation=interpolation,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def _changed(self, images: Any, transformation: Any) -> Any:
        return self._warped(images, transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the masks changed as the images are; classes aren't mixed."""
        if not training:
            return segmentation_masks
        return self._warped(segmentation_masks, transformation, "nearest")


class RandomRotation(_RandomWarp):
    """In training, images turned about their middle, each by an angle of its own.

    Args:
        factor: Bounds of the angle in full turns, counter-clockwise; f means (-f, f).
        fill_mode: What lies beyond the edges: "reflect", "mirror", "wrap", "nearest" or "constant".
        interpolation: "bilinear" or "nearest".
        seed: An int for the same draws in every run; None draws a seed.
        fill_value: Value beyond the edges, for "constant".
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) or (h, w, c) -> the same

    Example:
        >>> layer = cornu.layers.RandomRotation((0.25, 0.25))
        >>> np.round(layer(np.array([[[1.0], [2.0]], [[3.0], [4.0]]]))[..., 0]).tolist()
        [[2.0, 4.0], [1.0, 3.0]]
    """

    def __init__(
        self,
        factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.factor = factor_range("RandomRotation", "factor", factor)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw the angles."""
        if not training:
            return None
        low, high = self.factor
        angle = self._draw(images, 2 * math.pi * low, 2 * math.pi * high)
        cos, sin = ops.cos(angle), ops.sin(angle)
        y, x = (ops.multiply(ops.subtract(size, 1.0), 0.5) for size in self._sizes(images))
        # Rows count downwards, so that this turns counter-clockwise.
        a2 = x - (cos * x - sin * y)
        b2 = y - (sin * x + cos * y)
        return cos, -sin, a2, sin, cos, b2


class RandomZoom(_RandomWarp):
    """In training, images scaled about their middle, each by a factor of its own.

    Args:
        height_factor: Bounds f of the height that is seen, 1 + f: below zero enlarges, above makes
            smaller; f means (-f, f).
        width_factor: The same for the width; None: as the height.
        fill_mode: What lies beyond the edges: "reflect", "mirror", "wrap", "nearest" or "constant".
        interpolation: "bilinear" or "nearest".
        seed: An int for the same draws in every run; None draws a seed.
        fill_value: Value beyond the edges, for "constant".
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) or (h, w, c) -> the same

    Example:
        >>> cornu.layers.RandomZoom(0.5)(np.ones((1, 4, 4, 1))).shape
        (1, 4, 4, 1)
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._height = factor_range("RandomZoom", "height_factor", height_factor)
        self._width = factor_range("RandomZoom", "width_factor", width_factor or 0.0)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw the factors."""
        if not training:
            return None
        tall = self._draw(images, 1.0 + self._height[0], 1.0 + self._height[1])
        wide = tall
        if self.width_factor is not None:
            wide = self._draw(images, 1.0 + self._width[0], 1.0 + self._width[1])
        y, x = (ops.multiply(ops.subtract(size, 1.0), 0.5) for size in self._sizes(images))
        return wide, 0.0, x * (1.0 - wide), 0.0, tall, y * (1.0 - tall)


class RandomTranslation(_RandomWarp):
    """In training, images moved, each by a distance of its own.

    Args:
        height_factor: Bounds of the way down in parts of the height; f means (-f, f).
        width_factor: Bounds of the way to the right in parts of the width.
        fill_mode: What lies beyond the edges: "reflect", "mirror", "wrap", "nearest" or "constant".
        interpolation: "bilinear" or "nearest".
        seed: An int for the same draws in every run; None draws a seed.
        fill_value: Value beyond the edges, for "constant".
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) or (h, w, c) -> the same

    Example:
        >>> layer = cornu.layers.RandomTranslation(0.0, (0.5, 0.5), fill_mode="constant")
        >>> layer(np.array([[[1.0], [2.0]]]))[0, :, 0]
        Array([0., 1.], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **kwargs)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._height = factor_range("RandomTranslation", "height_factor", height_factor)
        self._width = factor_range("RandomTranslation", "width_factor", width_factor)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw the distances."""
        if not training:
            return None
        height, width = self._sizes(images)
        down = ops.multiply(self._draw(images, *self._height), height)
        right = ops.multiply(self._draw(images, *self._width), width)
        return 1.0, 0.0, ops.negative(right), 0.0, 1.0, ops.negative(down)
