"""`Resizing`: images in a given size."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.arguments import positive_int
from cornu.layers.preprocessing.image_layer import ImageLayer

__all__ = ["Resizing"]


class Resizing(ImageLayer):
    """Images of the size (height, width).

    Args:
        height: Rows of the result.
        width: Columns of the result.
        interpolation: "bilinear", "nearest", "bicubic", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: Whether the middle is cut out first, in the shape of the result.
        pad_to_aspect_ratio: Whether borders are added first, in the shape of the result.
        fill_mode: "constant", the only one.
        fill_value: Value of the borders.
        antialias: Whether a smaller image averages over all pixels that it stands for.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) -> (n, height, width, c); (h, w, c) -> (height, width, c)

    Example:
        >>> cornu.layers.Resizing(4, 6)(np.zeros((1, 2, 3, 1))).shape
        (1, 4, 6, 1)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_int("Resizing", "height", height)
        self.width = positive_int("Resizing", "width", width)
        self.interpolation = interpolation
        self.crop_to_aspect_ratio = crop_to_aspect_ratio
        self.pad_to_aspect_ratio = pad_to_aspect_ratio
        self.fill_mode = fill_mode
        self.fill_value = fill_value
        self.antialias = antialias

    def _resized(self, images: Any, interpolation: str) -> Any:
        return ops.image.resize(
            images,
            (self.height, self.width),
            interpolation=interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the images in the new size."""
        return self._resized(images, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the masks in the new size; classes aren't mixed."""
        return self._resized(segmentation_masks, "nearest")
