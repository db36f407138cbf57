"""Models as estimators of other libraries (`keras.wrappers`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
