"""Data from files and sequences (`keras.preprocessing`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.preprocessing import image as image
    from cornu.preprocessing import sequence as sequence


__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "image sequence",
    },
)
