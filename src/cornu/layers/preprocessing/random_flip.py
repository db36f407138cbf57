"""`RandomFlip`: images mirrored at random."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.layers.arguments import one_of
from cornu.layers.preprocessing.random_image_layer import RandomImageLayer

__all__ = ["RandomFlip"]


class RandomFlip(RandomImageLayer):
    """In training, half of the images mirrored.

    Args:
        mode: "horizontal": left and right, "vertical": top and bottom, or
            "horizontal_and_vertical": both at once.
        seed: An int for the same draws in every run; None draws a seed.
        data_format: "channels_last", (n, rows, columns, c), or "channels_first",
            (n, c, rows, columns). None: `config.image_data_format()`.
        **kwargs: Arguments of `Layer`.

    Shapes:
        data: (n, h, w, c) or (h, w, c) -> the same

    Example:
        >>> cornu.layers.RandomFlip("horizontal")(np.zeros((2, 3, 4, 1))).shape
        (2, 3, 4, 1)
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.mode = one_of(
            "RandomFlip", "mode", mode, "horizontal", "vertical", "horizontal_and_vertical"
        )

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw which images are mirrored."""
        return ops.less_equal(self._uniform(images, 0.0, 1.0), 0.5) if training else None

    def _changed(self, images: Any, transformation: Any) -> Any:
        rows, columns = self._axes()
        axes = {"horizontal": (columns,), "vertical": (rows,)}.get(self.mode, (rows, columns))
        return ops.where(transformation, ops.flip(images, axes), images)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the masks mirrored as the images are."""
        return self.transform_images(segmentation_masks, transformation, training)
