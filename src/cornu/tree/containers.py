"""Which types are structure, and how each is taken apart and put together again."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple

__all__ = ["KINDS", "MAP_TO_NONE", "Kind", "is_nested", "register", "sorted_keys"]


class MAP_TO_NONE:
    """Stand for `None` as a result in `traverse`, where `None` itself means "go deeper"."""


class Kind(NamedTuple):
    """How one container type is taken apart and rebuilt."""

    name: str
    children: Callable[[Any], Sequence[Any]]
    keys: Callable[[Any], Sequence[Hashable]]  # a path's entry for each child, in their order
    rebuild: Callable[[Any, Iterable[Any]], Any]  # (example, new children) -> container
    is_mapping: bool = False


def sorted_keys(mapping: dict[Any, Any]) -> list[Any]:
    """Sort the keys of a dict; keys that don't compare are sorted within their types.

    Args:
        mapping: Any dict.

    Returns:
        Its keys, in insertion order only where no sorting works at all.
    """
    try:
        return sorted(mapping)
    except TypeError:
        pass
    try:
        return sorted(mapping, key=lambda k: (f"{type(k).__module__}.{type(k).__qualname__}", k))
    except TypeError:
        return list(mapping)


def _sorted_values(mapping: dict[Any, Any]) -> list[Any]:
    return [mapping[key] for key in sorted_keys(mapping)]


def _rebuild_dict(example: dict[Any, Any], children: Iterable[Any]) -> dict[Any, Any]:
    by_key = dict(zip(sorted_keys(example), children, strict=True))
    return {key: by_key[key] for key in example}  # the order of insertion stays


def _rebuild_defaultdict(
    example: defaultdict[Any, Any], children: Iterable[Any]
) -> defaultdict[Any, Any]:
    return defaultdict(example.default_factory, _rebuild_dict(example, children))


def _rebuild_ordered(
    example: OrderedDict[Any, Any], children: Iterable[Any]
) -> OrderedDict[Any, Any]:
    return OrderedDict(zip(example, children, strict=True))


def _positions(sequence: Sequence[Any]) -> range:
    return range(len(sequence))


_NAMEDTUPLE = Kind("namedtuple", tuple, _positions, lambda example, c: type(example)._make(c))
_STRUCT_SEQUENCE = Kind("tuple", tuple, _positions, lambda example, c: type(example)(c))


class _Kinds(dict[type, Kind | None]):
    """Type -> kind, `None` for leaves. Types that aren't listed are looked at once."""

    def __missing__(self, cls: type) -> Kind | None:
        kind = None
        if issubclass(cls, tuple):
            if hasattr(cls, "_fields") and hasattr(cls, "_make"):
                kind = _NAMEDTUPLE
            elif hasattr(cls, "n_sequence_fields"):  # time.struct_time and its kin
                kind = _STRUCT_SEQUENCE
        self[cls] = kind
        return kind


KINDS = _Kinds(
    {
        list: Kind("list", lambda x: x, _positions, lambda _, children: list(children)),
        tuple: Kind("tuple", lambda x: x, _positions, lambda _, children: tuple(children)),
        dict: Kind("dict", _sorted_values, sorted_keys, _rebuild_dict, is_mapping=True),
        defaultdict: Kind(
            "dict", _sorted_values, sorted_keys, _rebuild_defaultdict, is_mapping=True
        ),
        OrderedDict: Kind(
            "dict", lambda x: list(x.values()), list, _rebuild_ordered, is_mapping=True
        ),
        deque: Kind("deque", list, _positions, lambda x, children: deque(children, x.maxlen)),
    }
)


def register(cls: type, like: type, make: Callable[[Iterable[Any]], Any] | None = None) -> None:
    """Declare a subclass of list, tuple, dict, ... to be structure, as its base is.

    Args:
        cls: The subclass.
        like: The base whose rules hold: `list`, `tuple`, `dict`, `OrderedDict`, `deque`.
        make: Makes the subclass from what the base's rule rebuilt. `None`: what is rebuilt
            stays an instance of the base.

    Example:
        >>> class Shelf(list): pass
        >>> register(Shelf, list, Shelf)
        >>> is_nested(Shelf())
        True
    """
    base = KINDS[like]
    if base is None:
        raise TypeError(f"`like` must be a container type of `tree`. Received: {like!r}.")
    rebuild = base.rebuild
    if make is not None:
        construct = make

        def rebuild(example: Any, children: Iterable[Any]) -> Any:
            return construct(base.rebuild(example, children))

    KINDS[cls] = Kind(base.name, base.children, base.keys, rebuild, base.is_mapping)


def is_nested(structure: object) -> bool:
    """Tell whether a value is structure, empty or not, rather than a leaf.

    Args:
        structure: Anything.

    Returns:
        True for lists, tuples, dicts, deques, namedtuples and registered classes.

    Example:
        >>> is_nested([]), is_nested(None), is_nested("text"), is_nested({1, 2})
        (True, False, False, False)
    """
    return KINDS[type(structure)] is not None
