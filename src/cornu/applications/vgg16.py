"""Networks of the family `vgg16` (`keras.applications.vgg16`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
