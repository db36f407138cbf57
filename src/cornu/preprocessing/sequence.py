"""Sequences of equal length (`keras.preprocessing.sequence`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
