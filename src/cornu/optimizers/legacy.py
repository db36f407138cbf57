"""Optimizers of Keras 2 under their names (`keras.optimizers.legacy`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.optimizers.unavailable import LegacyOptimizer as _LegacyOptimizer

    Adagrad = _LegacyOptimizer
    Adam = _LegacyOptimizer
    Ftrl = _LegacyOptimizer
    Optimizer = _LegacyOptimizer
    RMSprop = _LegacyOptimizer
    SGD = _LegacyOptimizer

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    aliases={
        "Adagrad": "cornu.optimizers.unavailable:LegacyOptimizer",
        "Adam": "cornu.optimizers.unavailable:LegacyOptimizer",
        "Ftrl": "cornu.optimizers.unavailable:LegacyOptimizer",
        "Optimizer": "cornu.optimizers.unavailable:LegacyOptimizer",
        "RMSprop": "cornu.optimizers.unavailable:LegacyOptimizer",
        "SGD": "cornu.optimizers.unavailable:LegacyOptimizer",
    },
)
