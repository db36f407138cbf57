"""Names of older versions of the API that programs still use (`keras.legacy`)."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.legacy import saving as saving

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "": "saving",
    },
)
