"""Bounding boxes (`keras.utils.bounding_boxes`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
