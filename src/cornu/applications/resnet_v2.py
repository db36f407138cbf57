"""Networks of the family `resnet_v2` (`keras.applications.resnet_v2`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
