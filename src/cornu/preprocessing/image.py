"""Images as arrays and files (`keras.preprocessing.image`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
