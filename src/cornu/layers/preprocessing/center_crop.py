"""`CenterCrop`: the middle of images."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.arguments import positive_int, shape_of
from cornu.layers.preprocessing.image_layer import ImageLayer

__all__ = ["CenterCrop"]


class CenterCrop(ImageLayer):
    """The middle of images; an image that is too small is enlarged and cut to the shape.

    Args:
        height: Rows of the result.
        width: Columns of the result.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) -> (n, height, width, c); (h, w, c) -> (height, width, c)

    Example:
        >>> cornu.layers.CenterCrop(1, 1)(np.arange(9.0).reshape(1, 3, 3, 1)).tolist()
        [[[[4.0]]]]
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data_format=data_format, **kwargs)
        self.height = positive_int("CenterCrop", "height", height)
        self.width = positive_int("CenterCrop", "width", width)

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the middle of the images."""
        images = ops.cast(images, self.compute_dtype)
        index = [slice(None)] * 4
        fits = True
        for axis, wanted in zip(self._axes(), (self.height, self.width), strict=True):
            size = shape_of(images)[axis]
            fits = fits and not (isinstance(size, int) and size < wanted)
            start = (size - wanted) // 2
            index[axis] = slice(start, start + wanted)
        if fits:
            return images[tuple(index)]
        return ops.image.resize(
            images,
            (self.height, self.width),
            crop_to_aspect_ratio=True,
            data_format=self.data_format,
        )
