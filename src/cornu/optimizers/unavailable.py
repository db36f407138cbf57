"""What `keras.optimizers.legacy` offers: an explanation."""

from __future__ import annotations

from typing import Any

from cornu.errors import MissingLibraryError

__all__ = ["LegacyOptimizer"]


class LegacyOptimizer:
    """An optimizer of Keras 2, which Keras 3 names and doesn't have.

    Raises:
        ImportError: Always; it names the optimizer that took its place.

    Example:
        >>> LegacyOptimizer(0.1)
        Traceback (most recent call last):
        cornu.errors.MissingLibraryError: keras.optimizers.legacy: ...
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise MissingLibraryError(
            "keras.optimizers.legacy",
            "the optimizers of Keras 2 aren't part of Keras 3",
            fix="Use the one of the same name in keras.optimizers; `lr` is `learning_rate` there, "
            "`decay` a schedule such as InverseTimeDecay.",
        )
