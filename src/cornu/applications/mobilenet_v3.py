"""Networks of the family `mobilenet_v3` (`keras.applications.mobilenet_v3`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
