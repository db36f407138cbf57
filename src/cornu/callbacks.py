"""What happens while a model trains (`keras.callbacks`): names only."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
