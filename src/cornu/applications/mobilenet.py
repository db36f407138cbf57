"""Networks of the family `mobilenet` (`keras.applications.mobilenet`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
