"""The data set `fashion_mnist` (`keras.datasets.fashion_mnist`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
