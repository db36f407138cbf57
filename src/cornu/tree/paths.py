"""Leaves with the way that leads to each."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from cornu.tree.containers import KINDS

__all__ = ["assert_same_paths", "flatten_with_path"]


def flatten_with_path(structure: Any) -> list[tuple[tuple[Hashable, ...], Any]]:
    """List the leaves as `flatten` does, each with the keys and positions that lead to it.

    Args:
        structure: Any nested structure.

    Returns:
        Pairs of a path and a leaf. A field of a namedtuple is given by its position.

    Example:
        >>> flatten_with_path({"b": [1, 2], "a": 3})
        [(('a',), 3), (('b', 0), 1), (('b', 1), 2)]
    """
    return _walk(structure, ())


def assert_same_paths(a: Any, b: Any) -> None:
    """Raise unless the same paths lead to leaves; types of containers don't matter.

    Args:
        a: Any nested structure.
        b: Any nested structure.

    Raises:
        ValueError: A path of one is missing in the other.

    Example:
        >>> assert_same_paths([1, (2,)], (3, [4]))
    """
    paths_a = {path for path, _ in flatten_with_path(a)}
    paths_b = {path for path, _ in flatten_with_path(b)}
    if paths_a == paths_b:
        return
    lines = ["`a` and `b` don't have the same paths."]
    for title, paths in (("`b`", paths_a - paths_b), ("`a`", paths_b - paths_a)):
        if paths:
            lines.append(f"  missing in {title}: {', '.join(sorted(map(repr, paths)))}")
    raise ValueError("\n".join(lines))


def _walk(structure: Any, path: tuple[Hashable, ...]) -> list[tuple[tuple[Hashable, ...], Any]]:
    kind = KINDS[type(structure)]
    if kind is None:
        return [(path, structure)]
    pairs = []
    for key, child in zip(kind.keys(structure), kind.children(structure), strict=True):
        pairs += _walk(child, (*path, key))
    return pairs
