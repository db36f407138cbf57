"""The data set `mnist` (`keras.datasets.mnist`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
