"""Tracking: what hangs on an object's attributes, in lists, dicts, tuples and sets too.

Order is the order in which things were first attached; it is API: `get_weights` and optimizer slots
follow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cornu.errors import StateError

__all__ = ["TrackedDict", "TrackedList", "TrackedSet", "Tracker"]


class Tracker:
    """Sorts what is attached to an object into lists.

    Args:
        kinds: Name of a list to a test for what belongs in it and the list itself; the first test
            that holds decides.
        exclusions: Name of a list to names of lists whose members don't enter it.
    """

    def __init__(
        self,
        kinds: Mapping[str, tuple[Callable[[Any], bool], list[Any]]],
        exclusions: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.kinds = dict(kinds)
        self.exclusions = {k: tuple(v) for k, v in (exclusions or {}).items()}
        self.locked: str | None = None

    def track(self, value: Any) -> Any:
        """Note a value and return what to store: containers become tracking ones."""
        for name, (belongs, members) in self.kinds.items():
            if belongs(value):
                excluded = self.exclusions.get(name, ())
                if any(_holds(self.kinds[e][1], value) for e in excluded):
                    return value
                if not _holds(members, value):
                    if self.locked is not None:
                        raise StateError(self.locked)
                    members.append(value)
                return value
        cls = value.__class__
        if cls is tuple:
            tracked = [self.track(v) for v in value]
            changed = any(a is not b for a, b in zip(tracked, value, strict=True))
            return tuple(tracked) if changed else value
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return value.__class__(*(self.track(v) for v in value))
        if cls is list:
            return TrackedList(value, self)
        if cls is dict:
            return TrackedDict(value, self)
        if cls is set:
            return TrackedSet(value, self)
        return value

    def untrack(self, value: Any) -> None:
        """Forget a value."""
        for _, members in self.kinds.values():
            for i, member in enumerate(members):
                if member is value:
                    del members[i]
                    return

    def lock(self, message: str) -> None:
        """Refuse new members from now on, with this message."""
        self.locked = message

    def unlock(self) -> None:
        """Allow new members again."""
        self.locked = None


def _holds(members: list[Any], value: Any) -> bool:
    return any(m is value for m in members)


class TrackedList(list[Any]):
    """A list whose members are tracked."""

    def __init__(self, values: Iterable[Any] = (), tracker: Tracker | None = None) -> None:
        self.tracker = tracker
        super().__init__(tracker.track(v) for v in values) if tracker else super().__init__(values)

    def _in(self, value: Any) -> Any:
        return self.tracker.track(value) if self.tracker else value

    def _out(self, value: Any) -> None:
        if self.tracker and not any(v is value for v in self):
            self.tracker.untrack(value)

    def append(self, value: Any) -> None:
        """Append and track."""
        super().append(self._in(value))

    def insert(self, index: Any, value: Any) -> None:
        """Insert and track."""
        super().insert(index, self._in(value))

    def extend(self, values: Iterable[Any]) -> None:
        """Extend and track."""
        super().extend([self._in(v) for v in values])

    def __iadd__(self, values: Iterable[Any]) -> TrackedList:  # type: ignore[misc]
        self.extend(values)
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        before = self[index]
        super().__setitem__(
            index, [self._in(v) for v in value] if isinstance(index, slice) else self._in(value)
        )
        for old in before if isinstance(index, slice) else [before]:
            self._out(old)

    def remove(self, value: Any) -> None:
        """Remove and forget."""
        super().remove(value)
        self._out(value)

    def pop(self, index: Any = -1) -> Any:
        """Remove, forget and return."""
        value = super().pop(index)
        self._out(value)
        return value

    def clear(self) -> None:
        """Remove and forget all."""
        values = list(self)
        super().clear()
        for v in values:
            self._out(v)

    def __delitem__(self, index: Any) -> None:
        before = self[index]
        super().__delitem__(index)
        for old in before if isinstance(index, slice) else [before]:
            self._out(old)

    def __reduce__(self) -> Any:
        return (list, (list(self),))


class TrackedDict(dict[Any, Any]):
    """A dict whose values are tracked."""

    def __init__(self, values: Any = (), tracker: Tracker | None = None) -> None:
        self.tracker = tracker
        items = dict(values)
        super().__init__({k: tracker.track(v) for k, v in items.items()} if tracker else items)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self.tracker.track(value) if self.tracker else value)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Update and track."""
        for k, v in dict(*args, **kwargs).items():
            self[k] = v

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Set and track if the key is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Any, *default: Any) -> Any:
        """Remove, forget and return."""
        value = super().pop(key, *default)
        if self.tracker:
            self.tracker.untrack(value)
        return value

    def popitem(self) -> tuple[Any, Any]:
        """Remove, forget and return the last item."""
        key, value = super().popitem()
        if self.tracker:
            self.tracker.untrack(value)
        return key, value

    def clear(self) -> None:
        """Remove and forget all."""
        for key in list(self):
            self.pop(key)

    def __delitem__(self, key: Any) -> None:
        self.pop(key)

    def __reduce__(self) -> Any:
        return (dict, (dict(self),))


class TrackedSet(set[Any]):
    """A set whose members are tracked."""

    def __init__(self, values: Iterable[Any] = (), tracker: Tracker | None = None) -> None:
        self.tracker = tracker
        super().__init__(tracker.track(v) for v in values) if tracker else super().__init__(values)

    def add(self, value: Any) -> None:
        """Add and track."""
        super().add(self.tracker.track(value) if self.tracker else value)

    def update(self, *others: Iterable[Any]) -> None:
        """Add and track all."""
        for other in others:
            for v in other:
                self.add(v)

    def remove(self, value: Any) -> None:
        """Remove and forget."""
        super().remove(value)
        if self.tracker:
            self.tracker.untrack(value)

    def discard(self, value: Any) -> None:
        """Remove and forget if it is there."""
        if value in self:
            self.remove(value)

    def pop(self) -> Any:
        """Remove, forget and return one."""
        value = super().pop()
        if self.tracker:
            self.tracker.untrack(value)
        return value

    def clear(self) -> None:
        """Remove and forget all."""
        while self:
            self.pop()

    def __reduce__(self) -> Any:
        return (set, (list(self),))
