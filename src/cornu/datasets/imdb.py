"""The data set `imdb` (`keras.datasets.imdb`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
