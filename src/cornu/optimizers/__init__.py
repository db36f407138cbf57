"""Optimizers (`keras.optimizers`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.optimizers import legacy as legacy
    from cornu.optimizers import schedules as schedules

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "legacy schedules",
    },
)
