"""`Initializer`: how the first values of a weight are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import settings
from cornu.errors import NotSupportedError
from cornu.graph.dtypes import standard_name
from cornu.ops.op import Tensor, as_tensor

__all__ = ["Initializer"]


class Initializer:
    """A function from a shape to first values, with a config.

    Subclasses write `__call__(shape, dtype=None)`, and `get_config` if they have arguments.

    Example:
        >>> import cornu
        >>> class Sevens(cornu.initializers.Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return cornu.ops.full(shape, 7.0, dtype=dtype)
        >>> Sevens()((2,)).tolist()
        [7.0, 7.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values.

        Args:
            shape: Their shape.
            dtype: Their dtype; None means `floatx`.
        """
        raise NotSupportedError(
            type(self).__name__, "an initializer must define `__call__(self, shape, dtype=None)`"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the initializer of a config."""
        return cls(**config)

    def clone(self) -> Any:
        """Return a new initializer with the same arguments; unseeded, it draws other values."""
        return type(self).from_config(self.get_config())


def to_tensor(values: np.ndarray[Any, Any], dtype: Any) -> Tensor:
    """Return host values as a tensor of a dtype; None means `floatx`."""
    return as_tensor(values, settings.floatx() if dtype is None else standard_name(dtype))
