"""Networks of the family `inception_resnet_v2` (`keras.applications.inception_resnet_v2`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
