"""Recognising arrays and tensors of any library by what they can do, without importing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cornu.graph.array import Array

__all__ = ["TensorReference", "is_keras_tensor", "is_tensor", "to_numpy"]


@dataclass(frozen=True)
class TensorReference:
    """A symbolic tensor that a config mentions: which output of which layer it was.

    Args:
        shape: Sizes, None where unknown.
        dtype: Its name.
        keras_history: Name of the layer, index of its node, index of the output; or None.
    """

    shape: tuple[int | None, ...]
    dtype: str
    keras_history: tuple[str, int, int] | None


def is_keras_tensor(x: Any) -> bool:
    """Tell whether `x` is a symbolic tensor of the Functional API.

    Args:
        x: Anything.

    Returns:
        True for KerasTensors and their subclasses.
    """
    return any(base.__name__ == "KerasTensor" for base in type(x).__mro__)


def is_tensor(obj: Any) -> bool:
    """Tell whether `obj` is a value that ops return: an Array or a backend's own tensor.

    Args:
        obj: Anything.

    Returns:
        False for plain ndarrays, NumPy's numbers, and objects with a config.
    """
    if isinstance(obj, np.ndarray):
        return isinstance(obj, Array)
    if isinstance(obj, (type, np.generic)) or hasattr(obj, "get_config"):
        return False
    return all(hasattr(obj, name) for name in ("__array__", "dtype", "shape"))


def to_numpy(value: Any) -> np.ndarray[Any, Any]:
    """Give the values of an array, a tensor or a Variable.

    Args:
        value: Anything that has values.

    Returns:
        A plain ndarray, perhaps a view.
    """
    if isinstance(value, np.ndarray):
        return value.view(np.ndarray)
    if hasattr(value, "detach"):  # a torch tensor that records gradients gives no array itself
        value = value.detach()
    if hasattr(value, "numpy"):
        return np.asarray(value.numpy())
    return np.asarray(value)
