"""Operations on arrays (`keras.ops`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
