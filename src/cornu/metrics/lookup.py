"""Metrics by name and by config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import lazy, saving
from cornu.graph.names import snake_case
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "get", "named", "serialize"]

_SHORT = {
    "bce": "BinaryCrossentropy",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "mse": "MeanSquaredError",
    "msle": "MeanSquaredLogarithmicError",
}
# "mean_squared_error" means the class, though there is a function of that name too.
_SNAKES = {snake_case(n): n for n in lazy.tables()["cornu.metrics"] if n[0].isupper()}
_NAMES = PublicNames(
    "cornu.metrics", {**_SNAKES, **_SHORT, **{k.upper(): v for k, v in _SHORT.items()}}
)


def serialize(metric: Any) -> Any:
    """Return the config of a metric or of a function.

    Example:
        >>> import cornu
        >>> serialize(cornu.metrics.Mean(name="m"))["config"]
        {'name': 'm', 'dtype': 'float32'}
    """
    return saving.serialize_keras_object(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the metric of a config or a name.

    Args:
        config: What `serialize` returned, or a name.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such metric.
    """
    return _NAMES.read(config, custom_objects)


def named(name: str) -> Any:
    """Return the class or function that a name stands for; nothing is made of it.

    Raises:
        ValueError: If there is no metric of that name.
    """
    return _NAMES.named(name, "there is no such metric")


def get(identifier: Any) -> Any:
    """Return a metric.

    Args:
        identifier: A metric or any function `(y_true, y_pred)`, a class of metrics, a name, a
            config, or None.

    Returns:
        A metric or a function, or None.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> get("mse").name
        'mean_squared_error'
    """
    if identifier is None:
        return None
    found = identifier
    if isinstance(identifier, str):
        found = named(identifier)
    elif isinstance(identifier, dict):
        found = deserialize(identifier)
    if isinstance(found, type):
        found = found()
    if not callable(found):
        raise _NAMES.unknown("there is no such metric", identifier)
    return found
