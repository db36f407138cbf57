"""Training a small model after a large one (`keras.distillation`)."""

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
