"""`model_from_json`: the model that `to_json` wrote, with new weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.saving.sharing import sharing_scope
from cornu.saving.strict_json import load_json

__all__ = ["model_from_json"]


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Make the model that a JSON string describes; its weights are new.

    Args:
        json_string: What `model.to_json()` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Returns:
        The model, compiled if the string says so.

    Raises:
        FileFormatError: The string is no JSON, or describes no model.

    Example:
        >>> import cornu
        >>> model = cornu.Sequential([cornu.Input((3,)), cornu.layers.Dense(2)])
        >>> model_from_json(model.to_json()).count_params()
        8
    """
    config = load_json(json_string, "the JSON string")
    with sharing_scope():
        return saving.deserialize_keras_object(config, custom_objects=custom_objects)
