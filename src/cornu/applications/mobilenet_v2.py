"""Networks of the family `mobilenet_v2` (`keras.applications.mobilenet_v2`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
