"""`Logs`: names and values of metrics that are computed when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

__all__ = ["Logs", "plain_logs"]


def plain_logs(logs: Mapping[str, Any] | None) -> dict[str, Any]:
    """Sort logs by name, flatten nested ones, and make Python floats of single numbers.

    Args:
        logs: Name -> value: numbers, tensors, or logs again.

    Returns:
        A new dict. What is no single number stays as it is.

    Example:
        >>> import numpy as np
        >>> plain_logs({"loss": np.float32(0.5), "a": {"mae": 1}})
        {'mae': 1.0, 'loss': 0.5}
    """
    plain: dict[str, Any] = {}
    for name, value in sorted((logs or {}).items()):
        if isinstance(value, Mapping):
            plain.update(plain_logs(value))
            continue
        try:
            plain[name] = float(value)
        except (TypeError, ValueError, RuntimeError):  # an array of several numbers, or text
            plain[name] = value
    return plain


class Logs(dict[str, Any]):
    """A dict that is filled when it is first read.

    Callbacks get one per batch and most of them never look at it, so reading the metrics from the
    device is put off until one does. From then on it is an ordinary dict.

    Args:
        compute: Gives the logs.
    """

    def __init__(self, compute: Callable[[], Mapping[str, Any] | None]) -> None:
        # One entry, as the C code of `json` looks at the bare size before it asks for the items.
        super().__init__({"": None})
        self._compute: Callable[[], Mapping[str, Any] | None] | None = compute

    def _fill(self) -> None:
        compute, self._compute = self._compute, None
        if compute is not None:
            dict.clear(self)
            dict.update(self, plain_logs(compute()))

    # Every way to look at a dict. C code that takes a dict apart (`dict(logs)`, `{**logs}`) asks
    # for `keys` and `__getitem__` because `__iter__` is a different one.

    def __getitem__(self, key: str) -> Any:
        self._fill()
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._fill()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self._fill()
        super().__delitem__(key)

    def __iter__(self) -> Iterator[str]:
        self._fill()
        return super().__iter__()

    def __reversed__(self) -> Iterator[str]:
        self._fill()
        return super().__reversed__()

    def __len__(self) -> int:
        self._fill()
        return super().__len__()

    def __contains__(self, key: object) -> bool:
        self._fill()
        return super().__contains__(key)

    def __eq__(self, other: object) -> bool:
        self._fill()
        return super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        self._fill()
        return super().__repr__()

    def __or__(self, other: Any) -> Any:
        self._fill()
        return dict(self).__or__(other)

    def __ror__(self, other: Any) -> Any:
        self._fill()
        return dict(self).__ror__(other)

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def get(self, key: str, default: Any = None) -> Any:
        """Give the value of a name, or the default."""
        self._fill()
        return super().get(key, default)

    def keys(self) -> Any:
        """Give the names."""
        self._fill()
        return super().keys()

    def values(self) -> Any:
        """Give the values."""
        self._fill()
        return super().values()

    def items(self) -> Any:
        """Give pairs of names and values."""
        self._fill()
        return super().items()

    def copy(self) -> dict[str, Any]:
        """Give an ordinary dict."""
        return dict(self)

    def pop(self, *args: Any) -> Any:
        """Take a name out."""
        self._fill()
        return super().pop(*args)

    def popitem(self) -> tuple[str, Any]:
        """Take the last name out."""
        self._fill()
        return super().popitem()

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Give the value of a name, which is put in if it isn't there."""
        self._fill()
        return super().setdefault(key, default)

    def update(self, *args: Any, **values: Any) -> None:
        """Put names in."""
        self._fill()
        super().update(*args, **values)

    def clear(self) -> None:
        """Take everything out."""
        self._compute = None
        super().clear()
