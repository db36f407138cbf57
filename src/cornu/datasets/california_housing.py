"""The data set `california_housing` (`keras.datasets.california_housing`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
