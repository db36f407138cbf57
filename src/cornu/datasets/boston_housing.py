"""The data set `boston_housing` (`keras.datasets.boston_housing`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
