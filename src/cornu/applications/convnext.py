"""Networks of the family `convnext` (`keras.applications.convnext`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
