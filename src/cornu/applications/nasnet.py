"""Networks of the family `nasnet` (`keras.applications.nasnet`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
