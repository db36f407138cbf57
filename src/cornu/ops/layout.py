"""Arguments that ops on images share: the place of the channels, sizes per spatial axis."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from cornu import settings
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.spec import shape_of
from cornu.primitives.shape import reshape, transpose

__all__ = [
    "as_images",
    "each",
    "format_of",
    "image_batch",
    "one_of",
    "to_channels_first",
    "to_channels_last",
]

Tensor = Any


def one_of(name: str, argument: str, value: str, *allowed: str) -> str:
    """Return a word in lower case that must be one of those allowed.

    Raises:
        ArgumentError: If it isn't.
    """
    word = value.lower() if isinstance(value, str) else value
    if word not in allowed:
        words = ", ".join(map(repr, allowed))
        raise ArgumentError(name, f"`{argument}` must be one of {words}", **{argument: value})
    return word


def format_of(data_format: str | None) -> bool:
    """Say whether the channels come first; None means what the settings say."""
    return settings.standardize_data_format(data_format) == "channels_first"


def to_channels_last(x: Tensor, first: bool) -> Tensor:
    """Move the channels of a batch from axis 1 to the end, if they come first."""
    rank = len(shape_of(x))
    return transpose(x, axes=(0, *range(2, rank), 1)) if first else x


def to_channels_first(x: Tensor, first: bool) -> Tensor:
    """Move the channels of a batch from the end to axis 1, if they shall come first."""
    rank = len(shape_of(x))
    return transpose(x, axes=(0, rank - 1, *range(1, rank - 1))) if first else x


def each(
    name: str, argument: str, value: int | Sequence[int], n: int, *, least: int = 1
) -> tuple[int, ...]:
    """Return one int for each of `n` spatial axes; an int alone stands for all of them.

    Raises:
        ArgumentError: If there are more or fewer, or one is below `least`.
    """
    values: tuple[Any, ...] = tuple(value) if isinstance(value, (list, tuple)) else (value,) * n
    if len(values) == 1:
        values *= n
    try:
        sizes = tuple(map(operator.index, values))
    except TypeError:
        sizes = ()
    if len(sizes) != n or min(sizes, default=least) < least:
        raise ArgumentError(
            name,
            f"`{argument}` must be an integer or {n} of them, at least {least}",
            received=value,
        )
    return sizes


def image_batch(name: str, images: Tensor, first: bool) -> tuple[Tensor, bool]:
    """Return images as a batch with the channels last, and whether there was one image alone.

    Raises:
        ShapeError: If there are neither three nor four axes.
    """
    dims = shape_of(images)
    if len(dims) not in (3, 4):
        raise ShapeError(
            name, "`images` must have three axes (one image) or four (a batch)", images=images
        )
    alone = len(dims) == 3
    if alone:
        images = reshape(images, shape=(1, *dims))
    return to_channels_last(images, first), alone


def as_images(batch: Tensor, alone: bool, first: bool) -> Tensor:
    """Undo `image_batch`."""
    batch = to_channels_first(batch, first)
    return reshape(batch, shape=shape_of(batch)[1:]) if alone else batch
