"""Networks of the family `densenet` (`keras.applications.densenet`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
