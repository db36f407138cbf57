"""Objects that appear more than once in a config: written with a number, read back as one object.

The numbers count up from one, so that the same model gives the same bytes; real Keras, which uses
addresses, takes them as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["KEY", "forget_lonely", "recall", "remember", "sharing_scope", "written_number"]

KEY = "shared_object_id"


class _Shared:
    """What one save or one load has seen so far."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}  # address -> number
        self.alive: list[Any] = []  # so that no address is used again meanwhile
        self.loaded: dict[Any, Any] = {}  # number in the file and class -> object


_current: ContextVar[_Shared | None] = ContextVar("cornu_sharing", default=None)


@contextmanager
def sharing_scope() -> Iterator[None]:
    """Notice inside, while saving or loading, that an object comes up again."""
    token = _current.set(_Shared())
    try:
        yield
    finally:
        _current.reset(token)


def written_number(obj: Any) -> int | None:
    """Give the number of an object that is being saved.

    Args:
        obj: Any object.

    Returns:
        The same number each time within a scope; None outside.
    """
    shared = _current.get()
    if shared is None:
        return None
    if id(obj) not in shared.numbers:
        shared.numbers[id(obj)] = len(shared.numbers) + 1
        shared.alive.append(obj)
    return shared.numbers[id(obj)]


def forget_lonely(config: Any) -> Any:
    """Drop the numbers that appear once, and count the rest from one in order of appearance.

    Args:
        config: A finished config, all of whose objects are numbered.

    Returns:
        A copy with the numbers that matter.
    """
    times: dict[int, int] = {}
    for item in _dictionaries(config):
        if KEY in item:
            times[item[KEY]] = times.get(item[KEY], 0) + 1
    kept = [number for number, count in times.items() if count > 1]
    return _renumbered(config, {number: place + 1 for place, number in enumerate(kept)})


def remember(number: Any, kind: tuple[str | None, str], obj: Any) -> None:
    """Keep a loaded object for the next place in the file that has its number.

    Args:
        number: The number in the file.
        kind: Module and class name there; a number stands for an object only together with them.
        obj: The object.
    """
    shared = _current.get()
    if shared is not None and isinstance(number, int):
        shared.loaded[number, kind] = obj


def recall(number: Any, kind: tuple[str | None, str]) -> Any:
    """Give the object that was loaded for a number.

    Args:
        number: The number in the file.
        kind: Module and class name there.

    Returns:
        The object, or None.
    """
    shared = _current.get()
    if shared is None or not isinstance(number, int):
        return None
    return shared.loaded.get((number, kind))


def _dictionaries(config: Any) -> Iterator[dict[str, Any]]:
    if isinstance(config, dict):
        yield config
        for value in config.values():
            yield from _dictionaries(value)
    elif isinstance(config, (list, tuple)):
        for value in config:
            yield from _dictionaries(value)


def _renumbered(config: Any, numbers: dict[int, int]) -> Any:
    if isinstance(config, dict):
        return {
            key: numbers[value] if key == KEY else _renumbered(value, numbers)
            for key, value in config.items()
            if key != KEY or value in numbers
        }
    if isinstance(config, (list, tuple)):
        return type(config)(_renumbered(value, numbers) for value in config)
    return config
