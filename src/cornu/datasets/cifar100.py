"""The data set `cifar100` (`keras.datasets.cifar100`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
