"""`ImageLayer`: what layers that change images share."""

from __future__ import annotations

from typing import Any

from cornu import ops
from cornu.errors import NotSupportedError, ShapeError
from cornu.layers.arguments import data_format_of, shape_of
from cornu.layers.layer import Layer

__all__ = ["ImageLayer"]


class ImageLayer(Layer):
    """One image or a batch of them, or a dict with "images", "labels" and "segmentation_masks".

    Subclasses write `transform_images`, and where they need it `transform_segmentation_masks`,
    `transform_labels` and `get_random_transformation`, which draws what all of them share.

    Args:
        data_format: Where the channels stand.
        **kwargs: Arguments of `Layer`.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)

    def call(self, data: Any, training: bool = True) -> Any:
        """Change the images, and in a dict all that belongs to them."""
        images = data["images"] if isinstance(data, dict) else data
        rank = len(shape_of(images))
        if rank not in (3, 4):
            raise ShapeError(
                self.name, "images must have three axes, or four with a batch", images=images
            )
        batch = ops.expand_dims(images, 0) if rank == 3 else images
        transformation = self.get_random_transformation(batch, training)
        if not isinstance(data, dict):
            return self._whole(self.transform_images, data, rank == 3, transformation, training)
        if "bounding_boxes" in data:
            raise NotSupportedError(self.name, "bounding boxes aren't changed along with images")
        found = dict(data)
        for key, change in (
            ("images", self.transform_images),
            ("segmentation_masks", self.transform_segmentation_masks),
        ):
            if key in found:
                found[key] = self._whole(change, found[key], rank == 3, transformation, training)
        if "labels" in found:
            found["labels"] = self.transform_labels(found["labels"], transformation, training)
        return found

    def _whole(
        self, change: Any, images: Any, alone: bool, transformation: Any, training: bool
    ) -> Any:
        """Call a function of a batch of images, for one image too."""
        if not alone:
            return change(images, transformation, training)
        return ops.squeeze(change(ops.expand_dims(images, 0), transformation, training), 0)

    def get_random_transformation(self, images: Any, training: bool = True) -> Any:
        """Draw what the images, labels and masks of one call share; None: nothing.

        Args:
            images: The batch of images.
            training: Whether the call is one in training.
        """
        return None

    def transform_images(
        self, images: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return a batch of images changed."""
        raise NotSupportedError(type(self).__name__, "has no `transform_images`")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return a batch of segmentation masks changed as the images are."""
        return self.transform_images(segmentation_masks, transformation, training)

    def transform_labels(
        self, labels: Any, transformation: Any = None, training: bool = True
    ) -> Any:
        """Return the labels of the changed images: the same by default."""
        return labels

    def _axes(self) -> tuple[int, int]:
        """Return the axes of rows and columns in a batch."""
        return (1, 2) if self.data_format == "channels_last" else (2, 3)
