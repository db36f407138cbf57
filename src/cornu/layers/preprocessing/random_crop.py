"""`RandomCrop`: a part of images, at a random place."""

from __future__ import annotations

from typing import Any

from cornu import ops, random
from cornu.errors import ShapeError
from cornu.layers.arguments import positive_int, shape_of
from cornu.layers.preprocessing.random_image_layer import RandomImageLayer

__all__ = ["RandomCrop"]


class RandomCrop(RandomImageLayer):
    """In training, a part of the images at a random place, the same for the batch.

    Otherwise, and where an image is not larger than the part in both directions, the middle,
    scaled to the size.

    Args:
        height: Rows of the part.
        width: Columns of the part.
        seed: An int for the same draws in every run; None draws a seed.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        name: Its name.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) -> (n, height, width, c); (h, w, c) -> (height, width, c)

    Example:
        >>> cornu.layers.RandomCrop(2, 3)(np.zeros((1, 8, 8, 1))).shape
        (1, 2, 3, 1)
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, name=name, **kwargs)
        self.height = positive_int("RandomCrop", "height", height)
        self.width = positive_int("RandomCrop", "width", width)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw where the part begins; None: the middle."""
        rows, columns = (shape_of(images)[axis] for axis in self._axes())
        if not isinstance(rows, int) or not isinstance(columns, int):
            raise ShapeError(self.name, "the sizes of the images must be known", images=images)
        if not training or rows <= self.height or columns <= self.width:
            return None
        return tuple(
            random.randint((), 0, size - wanted + 1, dtype="int32", seed=self.generator)
            for size, wanted in ((rows, self.height), (columns, self.width))
        )

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the part."""
        return self._part(ops.cast(images, self.compute_dtype), transformation, "bilinear")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the same part of the masks; classes aren't mixed."""
        return self._part(segmentation_masks, transformation, "nearest")

    def _part(self, images: Any, transformation: Any, interpolation: str) -> Any:
        if transformation is None:
            return ops.image.resize(
                images,
                (self.height, self.width),
                interpolation=interpolation,
                crop_to_aspect_ratio=True,
                data_format=self.data_format,
            )
        starts: list[Any] = [0] * 4
        sizes = list(shape_of(images))
        for axis, start, size in zip(
            self._axes(), transformation, (self.height, self.width), strict=True
        ):
            starts[axis], sizes[axis] = start, size
        return ops.slice(images, starts, sizes)
