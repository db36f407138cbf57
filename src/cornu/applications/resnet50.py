"""Networks of the family `resnet50` (`keras.applications.resnet50`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
