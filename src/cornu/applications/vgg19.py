"""Networks of the family `vgg19` (`keras.applications.vgg19`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
