"""Learning rate schedules as configs and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import saving
from cornu.saving.public_names import PublicNames

__all__ = ["deserialize", "serialize"]

_NAMES = PublicNames("cornu.optimizers.schedules")


def serialize(learning_rate_schedule: Any) -> Any:
    """Return the config of a schedule.

    Example:
        >>> import cornu
        >>> schedule = cornu.optimizers.schedules.InverseTimeDecay(0.1, 10, 0.5)
        >>> serialize(schedule)["config"]["decay_steps"]
        10
    """
    return saving.serialize_keras_object(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the schedule of a config.

    Args:
        config: What `serialize` returned.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Raises:
        ValueError: If there is no such schedule.
    """
    return _NAMES.read(config, custom_objects)
