"""Optimizers of Keras 2 under their names (`keras.optimizers.legacy`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
