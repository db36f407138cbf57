"""Flatten, map, compare and rebuild nested structures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cornu.tree.containers import KINDS, MAP_TO_NONE, Kind, is_nested

__all__ = [
    "assert_same_structure",
    "flatten",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


def flatten(structure: Any) -> list[Any]:
    """List the leaves, depth first; values of dicts in the order of their sorted keys.

    Args:
        structure: Any nested structure; a leaf alone gives a list of one.

    Returns:
        A new list.

    Example:
        >>> flatten({"b": [1, 2], "a": (3, None)})
        [3, None, 1, 2]
    """
    kinds = KINDS
    kind = kinds[type(structure)]
    if kind is None:
        return [structure]
    leaves: list[Any] = []
    for child in kind.children(structure):
        if kinds[type(child)] is None:
            leaves.append(child)
        else:
            leaves += flatten(child)
    return leaves


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Call a function on each leaf, or on the leaves at the same place of several structures.

    Args:
        func: Takes as many leaves as there are structures.
        *structures: At least one; all of the same structure. Of mappings the keys must agree,
            not the type.
        none_is_leaf: If False, `None` stays `None` and isn't given to `func`.

    Returns:
        A structure like the first one, with the results as leaves.

    Raises:
        ValueError: No structure is given, or they differ.

    Example:
        >>> map_structure(lambda x, y: x + y, {"a": 1, "b": (2,)}, {"a": 10, "b": (20,)})
        {'a': 11, 'b': (22,)}
    """
    if not structures:
        raise ValueError("map_structure needs at least one structure. Received none.")
    if len(structures) == 1:
        return _map_one(func, structures[0], none_is_leaf)
    return _map_many(func, structures, none_is_leaf)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """Call a function on what stands in `structures` where `shallow_structure` has its leaves.

    Args:
        shallow_structure: Gives the structure of the result; its leaves aren't used.
        func: Takes as many values as there are structures; they may be nested themselves.
        *structures: At least one, each at least as deep as `shallow_structure`.

    Returns:
        A structure like `shallow_structure`.

    Raises:
        ValueError: No structure is given, or one is shallower.

    Example:
        >>> map_structure_up_to(["x", "y"], len, [[1, 2], {"a": 3}])
        [2, 1]
    """
    if not structures:
        raise ValueError("map_structure_up_to needs at least one structure. Received none.")
    kind = KINDS[type(shallow_structure)]
    if kind is None:
        return func(*structures)
    columns = [_children_like(shallow_structure, kind, other) for other in structures]
    children = zip(kind.children(shallow_structure), *columns, strict=True)
    return kind.rebuild(
        shallow_structure,
        [map_structure_up_to(shallow, func, *others) for shallow, *others in children],
    )


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Call a function on each shape: a list or tuple of nothing but ints and `None`.

    Args:
        func: Takes a shape.
        structure: Shapes, nested.

    Returns:
        The same structure with the results in place of the shapes.

    Example:
        >>> map_shape_structure(len, {"x": (None, 3), "y": [(2,), ()]})
        {'x': 2, 'y': [1, 0]}
    """
    if isinstance(structure, (list, tuple)) and all(
        size is None or isinstance(size, int) for size in structure
    ):
        return func(structure)
    kind = KINDS[type(structure)]
    if kind is None:
        return func(structure)
    return kind.rebuild(
        structure, [map_shape_structure(func, child) for child in kind.children(structure)]
    )


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Visit every container and leaf, and put in its place what the function gives.

    Args:
        func: Takes a container or a leaf. `None` means: keep it (and, top down, go into it);
            `MAP_TO_NONE` means `None`.
        structure: Any nested structure.
        top_down: Whether containers are visited before their children. What replaces a
            container then isn't visited any more.

    Returns:
        The new structure.

    Example:
        >>> traverse(lambda x: tuple(x) if isinstance(x, list) else None, [1, [2]], top_down=False)
        (1, (2,))
    """
    if top_down:
        result = func(structure)
        if result is None:
            return _traverse_children(func, structure, top_down)
    else:
        structure = _traverse_children(func, structure, top_down)
        result = func(structure)
        if result is None:
            return structure
    return None if result is MAP_TO_NONE else result


def lists_to_tuples(structure: Any) -> Any:
    """Turn every list into a tuple.

    Args:
        structure: Any nested structure.

    Returns:
        A new structure.

    Example:
        >>> lists_to_tuples([1, {"a": [2, 3]}])
        (1, {'a': (2, 3)})
    """
    return traverse(lambda x: tuple(x) if isinstance(x, list) else None, structure, top_down=False)


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Raise unless two structures differ in their leaves only.

    Args:
        a: Any nested structure.
        b: Any nested structure. Where `a` has a mapping any kind of mapping will do.
        check_types: Has no effect any more.

    Raises:
        ValueError: The structures differ.

    Example:
        >>> assert_same_structure([1, (2, 3)], [4, (5, 6)])
    """
    if check_types is not None:
        warnings.warn(
            "`check_types` has no effect any more: leave it out.", DeprecationWarning, stacklevel=2
        )
    kind = KINDS[type(a)]
    if kind is None:
        _require_leaf(b, "`a` has a leaf")
        return
    others = _children_like(a, kind, b)
    for child, other in zip(kind.children(a), others, strict=True):
        assert_same_structure(child, other)


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """Build a structure like a given one from a flat list of leaves: the reverse of `flatten`.

    Args:
        structure: Any nested structure.
        flat_sequence: As many leaves as it has, in the order of `flatten`.

    Returns:
        A new structure.

    Raises:
        ValueError: There are too few or too many leaves.

    Example:
        >>> pack_sequence_as({"b": 0, "a": [0, 0]}, [1, 2, 3])
        {'b': 3, 'a': [1, 2]}
    """
    if not isinstance(flat_sequence, (list, tuple)):
        flat_sequence = list(flat_sequence)
    leaves = iter(flat_sequence)
    try:
        packed = _pack(structure, leaves)
        left = sum(1 for _ in leaves)
    except StopIteration:
        left = -1
    if left:
        raise ValueError(
            f"pack_sequence_as needs {len(flatten(structure))} leaves for this structure. "
            f"Received {len(flat_sequence)}."
        )
    return packed


def _map_one(func: Callable[..., Any], structure: Any, none_is_leaf: bool) -> Any:
    kind = KINDS[type(structure)]
    if kind is None:
        return None if structure is None and not none_is_leaf else func(structure)
    children = [_map_one(func, child, none_is_leaf) for child in kind.children(structure)]
    return kind.rebuild(structure, children)


def _map_many(func: Callable[..., Any], structures: tuple[Any, ...], none_is_leaf: bool) -> Any:
    first, *others = structures
    kind = KINDS[type(first)]
    if kind is None:
        if first is None and not none_is_leaf:
            if any(other is not None for other in others):
                raise ValueError(_differ("the first structure has None", others))
            return None
        for other in others:
            _require_leaf(other, "the first structure has a leaf")
            if other is None and not none_is_leaf:
                raise ValueError(_differ("the first structure has a leaf", other))
        return func(first, *others)
    columns = [kind.children(first), *(_children_like(first, kind, other) for other in others)]
    rows = zip(*columns, strict=True)
    return kind.rebuild(first, [_map_many(func, row, none_is_leaf) for row in rows])


def _traverse_children(func: Callable[[Any], Any], structure: Any, top_down: bool) -> Any:
    kind = KINDS[type(structure)]
    if kind is None:
        return structure
    children = [traverse(func, child, top_down) for child in kind.children(structure)]
    return kind.rebuild(structure, children)


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    kind = KINDS[type(structure)]
    if kind is None:
        return next(leaves)
    return kind.rebuild(structure, [_pack(child, leaves) for child in kind.children(structure)])


def _children_like(example: Any, kind: Kind, other: Any) -> list[Any]:
    """The children of `other` in the order of those of `example`, which must be its likeness."""
    other_kind = KINDS[type(other)]
    if other_kind is None or other_kind.name != kind.name:
        raise ValueError(_differ(f"one has a {kind.name}", other))
    if kind.is_mapping:
        keys = kind.keys(example)
        if set(keys) != set(other):
            raise ValueError(_differ(f"one has the keys {sorted(map(repr, keys))}", other))
        return [other[key] for key in keys]
    if kind.name == "namedtuple" and type(example) is not type(other):
        raise ValueError(_differ(f"one has a {type(example).__name__}", other))
    children = list(other_kind.children(other))
    if len(children) != len(example):
        raise ValueError(_differ(f"one has {len(example)} items", other))
    return children


def _require_leaf(value: Any, there: str) -> None:
    if is_nested(value):
        raise ValueError(_differ(there, value))


def _differ(there: str, received: Any) -> str:
    kind = KINDS[type(received)]
    if kind is None:
        what = f"a leaf of class {type(received).__name__}"
    elif kind.is_mapping:
        what = f"a {type(received).__name__} with the keys {sorted(map(repr, received))}"
    else:
        what = f"a {type(received).__name__} of {len(received)}"
    return f"The structures aren't the same: where {there}, another has {what}."
