"""Linear algebra (`keras.ops.linalg`): the ops of `cornu.ops` under the API's other name."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

__getattr__, __dir__, __all__ = attach(__name__, {})
