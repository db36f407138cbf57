"""Linear algebra (`keras.ops.linalg`): the ops of `cornu.ops` under the API's other name."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.ops.norms import norm as norm

_FILES = {
    "norms": "norm",
}

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    {
        name: f"cornu.ops.{file}:{name}"
        for file, names in _FILES.items()
        for name in names.split()
    },
)
