"""Objects as configs, under an older name (`keras.utils.legacy`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
