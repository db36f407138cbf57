"""Networks of the family `inception_v3` (`keras.applications.inception_v3`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
