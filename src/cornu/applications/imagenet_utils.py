"""Images and predictions of ImageNet networks (`keras.applications.imagenet_utils`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
