"""Keras' walk over a model: which object is stored under which path in a file.

For Sequential and Functional `layers` come first; then all attributes and properties in the order
of their names, public before private. The first path that leads to an object is its path. In a
list, tuple or dictionary an object is named after its class, with a counter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cornu.saving.skiplists import is_skipped

__all__ = ["Step", "children", "container_children", "is_saveable", "kind_of", "snake_case", "walk"]


@dataclass(frozen=True)
class Step:
    """One object on the walk.

    Args:
        path: Where its arrays stand in a file; empty for the outermost.
        obj: The object.
    """

    path: str
    obj: Any


@dataclass
class _Seen:
    objects: set[int] = field(default_factory=set)
    alive: list[Any] = field(default_factory=list)  # so that no address is used again meanwhile


def walk(obj: Any, skip: Any = ()) -> Iterator[Step]:
    """Visit an object and all below it that files know, each once.

    Args:
        obj: A layer, model, optimizer or metric.
        skip: Objects to leave out, and what only they lead to.

    Yields:
        The objects with their paths, in the order of the file.

    Example:
        >>> class Part:
        ...     def __init__(self, **parts): self.__dict__.update(parts)
        ...     def save_own_variables(self, store): pass
        >>> part = Part()
        >>> model = Part(_z=part, b=part, a=[Part(), Part()])
        >>> [step.path for step in walk(model)]
        ['', 'a/part', 'a/part_1', 'b']
    """
    seen = _Seen({id(item) for item in skip}, list(skip))
    yield from _walk(obj, "", seen)


def is_saveable(obj: Any) -> bool:
    """Tell whether files know this kind of object: by what its class can do.

    Args:
        obj: Anything.

    Returns:
        True for layers, models, optimizers, metrics, losses and what behaves like them.
    """
    cls = type(obj)
    return not isinstance(obj, type) and (
        callable(getattr(cls, "_obj_type", None))
        or callable(getattr(cls, "save_own_variables", None))
    )


def kind_of(obj: Any) -> str:
    """Tell which kind of object this is to the walk.

    Args:
        obj: An object that `is_saveable`.

    Returns:
        What its `_obj_type()` says, such as `"Functional"`; `"Layer"` if it doesn't say.
    """
    method = getattr(obj, "_obj_type", None)
    return str(method()) if callable(method) else "Layer"


def children(obj: Any) -> Iterator[tuple[str, Any]]:
    """Give the attributes of an object that may lead to stored objects, in the order of the walk.

    Args:
        obj: An object that `is_saveable`. If its class has a method `_cornu_children`, that one
            says it.

    Yields:
        Name and value.
    """
    own = getattr(type(obj), "_cornu_children", None)
    if callable(own):
        yield from own(obj)
        return
    kind = kind_of(obj)
    further = getattr(type(obj), "_cornu_skipped", ())  # such as what torch's modules bring along
    if kind in ("Sequential", "Functional"):
        yield "layers", obj.layers
    for name in sorted(dir(obj), key=_public_first):
        if name in further or is_skipped(kind, name):
            continue
        try:
            value = getattr(obj, name)
        except Exception:  # a property that can't be read now holds nothing to store
            continue
        yield name, value


def container_children(container: Any) -> Iterator[tuple[str, Any]]:
    """Give the objects and containers in a list, tuple or dictionary with their names in files.

    Args:
        container: The container.

    Yields:
        Name and item: the class's name in snake case, or `container`, with a counter.
    """
    used: dict[str, int] = {}
    for item in container.values() if isinstance(container, dict) else container:
        if is_saveable(item):
            name = snake_case(type(item).__name__)
        elif isinstance(item, (list, dict, tuple)):
            name = "container"
        else:
            continue
        used[name] = used.get(name, -1) + 1
        yield (f"{name}_{used[name]}" if used[name] else name), item


def snake_case(name: str) -> str:
    """Write the name of a class as Keras does in paths.

    Args:
        name: Such as `MultiHeadAttention`.

    Returns:
        Such as `multi_head_attention`.

    Example:
        >>> snake_case("MultiHeadAttention"), snake_case("LSTMCell"), snake_case("Conv2D")
        ('multi_head_attention', 'lstm_cell', 'conv2d')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def join(path: str, name: str) -> str:
    """Append a name to a path.

    Args:
        path: May be empty.
        name: The next part.

    Returns:
        The longer path.
    """
    return f"{path}/{name}" if path else name


def _walk(obj: Any, path: str, seen: _Seen) -> Iterator[Step]:
    if id(obj) in seen.objects:
        return
    seen.objects.add(id(obj))
    seen.alive.append(obj)
    yield Step(path, obj)
    for name, value in children(obj):
        if is_saveable(value):
            yield from _walk(value, join(path, name), seen)
        elif isinstance(value, (list, dict, tuple)):
            yield from _walk_container(value, join(path, name), seen, set())


def _walk_container(container: Any, path: str, seen: _Seen, containers: set[int]) -> Iterator[Step]:
    if id(container) in containers:
        return
    containers.add(id(container))
    for name, item in container_children(container):
        if is_saveable(item):
            yield from _walk(item, join(path, name), seen)
        else:
            yield from _walk_container(item, join(path, name), seen, containers)


def _public_first(name: str) -> str:
    return f"~{name}" if name.startswith("_") else name
