"""The data set `cifar10` (`keras.datasets.cifar10`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
