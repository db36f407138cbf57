"""Initializers whose values are no matter of chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu import saving, settings
from cornu.errors import ShapeError
from cornu.graph.dtypes import numpy_dtype, standard_name
from cornu.initializers.initializer import Initializer, to_tensor
from cornu.ops.op import Tensor

__all__ = ["Constant", "Identity", "Ones", "Zeros"]


class Constant(Initializer):
    """The same value everywhere.

    Args:
        value: A number.

    Example:
        >>> Constant(2.0)((2,)).tolist()
        [2.0, 2.0]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        name = settings.floatx() if dtype is None else standard_name(dtype)
        value = np.asarray(self.value).astype(numpy_dtype(name))
        if value.ndim == 0 and not any(value.tobytes()):
            # Memory that the system has cleared already: an optimizer's slots cost nothing.
            return to_tensor(np.zeros(tuple(shape), value.dtype), dtype)
        return to_tensor(np.broadcast_to(value, tuple(shape)).copy(), dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {"value": saving.serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the initializer of a config."""
        return cls(saving.deserialize_keras_object(config["value"]))


class Zeros(Initializer):
    """Zeros.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        return Constant(0)(shape, dtype)


class Ones(Initializer):
    """Ones.

    Example:
        >>> Ones()((2,), dtype="int32").tolist()
        [1, 1]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        return Constant(1)(shape, dtype)


class Identity(Initializer):
    """A matrix with `gain` on its diagonal.

    As in Keras, `gain` is not part of the config.

    Args:
        gain: The value on the diagonal.

    Raises:
        ValueError: When called, if the shape is not that of a matrix.

    Example:
        >>> Identity(2.0)((2, 2)).tolist()
        [[2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        if len(shape) != 2:
            raise ShapeError("Identity", "only a matrix has an identity", shape=tuple(shape))
        return to_tensor(self.gain * np.eye(shape[0], shape[1]), dtype)
