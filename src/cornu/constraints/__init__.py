"""Rules that weights obey after each update (`keras.constraints`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
