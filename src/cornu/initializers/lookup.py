"""Initializers by name and by config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cornu import saving, settings
from cornu.errors import ShapeError
from cornu.graph.dtypes import standard_name
from cornu.graph.spec import shape_of
from cornu.ops.conversion import is_tensor
from cornu.ops.op import Tensor, as_tensor
from cornu.saving.public_names import PublicNames
from cornu.state.variable import find_initializer

__all__ = ["deserialize", "get", "serialize"]

_NAMES = PublicNames(
    "cornu.initializers",
    {"normal": "RandomNormal", "uniform": "RandomUniform", "one": "Ones", "zero": "Zeros"},
)


def serialize(initializer: Any) -> Any:
    """Return the config of an initializer.

    Example:
        >>> import cornu
        >>> serialize(cornu.initializers.Constant(2.0))["config"]
        {'value': 2.0}
    """
    return saving.serialize_keras_object(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the initializer of a config.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such initializer.
    """
    return _NAMES.read(config, custom_objects)


def get(identifier: Any) -> Any:
    """Return an initializer.

    Args:
        identifier: An initializer or any callable `(shape, dtype=None)`, a class of initializers,
            a name, a config, an array (the values themselves), or None.

    Returns:
        A callable, or None.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> get("zeros")((2,)).tolist()
        [0.0, 0.0]
    """
    if identifier is None:
        return None
    if isinstance(identifier, (dict, str)):
        found = deserialize(identifier)
    elif isinstance(identifier, (np.ndarray, np.generic)) or is_tensor(identifier):
        found = _given_values(identifier)
    else:
        found = identifier
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise _NAMES.unknown("there is no such initializer", identifier)
    return found


def _given_values(values: Any) -> Any:
    expected = shape_of(values)

    def initializer(shape: Sequence[int], dtype: Any = None) -> Tensor:
        if tuple(shape) != expected:
            raise ShapeError(
                "initializers.get",
                "values given as initializer must have the shape of the weight",
                values=values,
                shape=tuple(shape),
            )
        return as_tensor(values, settings.floatx() if dtype is None else standard_name(dtype))

    return initializer


find_initializer(get)
