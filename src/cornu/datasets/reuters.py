"""The data set `reuters` (`keras.datasets.reuters`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
