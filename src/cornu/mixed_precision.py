"""Dtype policies under their older names (`keras.mixed_precision`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
