"""Dtypes of computation and of variables (`keras.dtype_policies`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
