"""Networks of the family `xception` (`keras.applications.xception`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
