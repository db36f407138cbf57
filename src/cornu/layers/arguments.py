"""Constructor arguments that several layers share, checked once."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from cornu import ops, settings
from cornu.errors import ArgumentError, ShapeError
from cornu.ops.layout import each, one_of

__all__ = [
    "data_format_of",
    "fraction",
    "known_size",
    "one_of",
    "positive_int",
    "shape_of",
    "side_pairs",
    "sizes",
]


def positive_int(where: str, name: str, value: Any) -> int:
    """Return a count as an int.

    Raises:
        ArgumentError: If it isn't an integer of at least one.
    """
    try:
        count = operator.index(value)
    except TypeError:
        count = 0
    if isinstance(value, bool) or count < 1:
        raise ArgumentError(where, f"`{name}` must be a positive integer", **{name: value})
    return count


def fraction(where: str, name: str, value: Any) -> float:
    """Return a probability.

    Raises:
        ArgumentError: If it isn't a number from 0 to 1.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ArgumentError(where, f"`{name}` must be a number from 0 to 1", **{name: value})
    return value


def sizes(
    where: str, name: str, value: int | Sequence[int], rank: int, *, least: int = 1
) -> tuple[int, ...]:
    """Return one int for each of `rank` axes; an int alone stands for all of them.

    Raises:
        ArgumentError: If there are more or fewer, or one is below `least`.
    """
    return each(where, name, value, rank, least=least)


def data_format_of(value: str | None) -> str:
    """Return "channels_last" or "channels_first"; None means what the settings say.

    Raises:
        ValueError: If it is another word.
    """
    return settings.standardize_data_format(value)


def known_size(where: str, shape: Sequence[int | None], axis: int = -1) -> int:
    """Return the size of an axis that weights depend on.

    Raises:
        ShapeError: If there is no such axis, or its size isn't known.
    """
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(where, f"the input has no axis {axis}", input_shape=tuple(shape))
    size = shape[axis]
    if size is None:
        raise ShapeError(
            where,
            f"axis {axis} of the input must have a known size, as weights depend on it",
            input_shape=tuple(shape),
            fix="Give the size in `Input(shape=...)`.",
        )
    return size


def side_pairs(where: str, name: str, value: Any, rank: int) -> tuple[tuple[int, int], ...]:
    """Return a pair (before, after) for each of `rank` axes.

    An int stands for both sides of all axes, an int in place of a pair for both sides of that axis;
    for one axis a pair of ints is that pair.

    Raises:
        ArgumentError: If it is anything else, or negative.
    """
    if isinstance(value, int):
        value = (value,) * rank
    elif rank == 1:
        value = (value,)
    if not isinstance(value, (list, tuple)) or len(value) != rank:
        raise ArgumentError(
            where, f"`{name}` must be an int or have {rank} entries", **{name: value}
        )
    found = [sizes(where, name, v, 2, least=0) for v in value]
    return tuple((low, high) for low, high in found)


def shape_of(x: Any) -> tuple[Any, ...]:
    """Return the shape of a value inside `call`: ints, and a `Dim` for what isn't known yet."""
    return ops.shape(x)
