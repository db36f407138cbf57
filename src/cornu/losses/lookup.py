"""Losses by name and by config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "get", "named", "serialize"]

_SHORT = {
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
_NAMES = PublicNames("cornu.losses", {**_SHORT, **{k.upper(): v for k, v in _SHORT.items()}})


def serialize(loss: Any) -> Any:
    """Return the config of a loss or of a function.

    Example:
        >>> import cornu
        >>> serialize(cornu.losses.Poisson())["class_name"]
        'Poisson'
    """
    return saving.serialize_keras_object(loss)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the loss of a config or a name.

    Args:
        name: What `serialize` returned, or a name.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such loss.
    """
    return _NAMES.read(name, custom_objects)


def named(name: str) -> Any:
    """Return the class or function that a name stands for; nothing is made of it.

    Raises:
        ValueError: If there is no loss of that name.
    """
    return _NAMES.named(name, "there is no such loss")


def get(identifier: Any) -> Any:
    """Return a loss.

    Args:
        identifier: A loss or any function `(y_true, y_pred)`, a class of losses, a name, a config,
            or None.

    Returns:
        A callable, or None.

    Raises:
        ValueError: If it is nothing of these, or there is none of that name.

    Example:
        >>> get("mse").__name__
        'mean_squared_error'
        >>> get("MeanSquaredError").name
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
        raise _NAMES.unknown("there is no such loss", identifier)
    return found
