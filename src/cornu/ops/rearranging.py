"""Axes split, moved and merged as a pattern of names says."""

from __future__ import annotations

import re

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike, size
from cornu.graph.spec import shape_of
from cornu.ops.axes import quotient
from cornu.ops.op import ArrayLike, Tensor, as_tensor, op
from cornu.primitives.shape import reshape, transpose

__all__ = ["rearrange"]

_SIDE = re.compile(r"\s*(?:(?:\w+|\((?:\s*\w+)*\s*\))(?:\s+|(?=\()|$))*")


def _groups(pattern: str, side: str) -> list[list[str]]:
    """Return the names of each axis of one side of the pattern."""
    if not _SIDE.fullmatch(side):
        raise ArgumentError(
            "rearrange",
            "a pattern has names and brackets of names on both sides of `->`",
            fix='Such as "b h w c -> b (h w) c".',
            pattern=pattern,
        )
    return [part.strip("()").split() for part in re.findall(r"\w+|\([^)]*\)", side)]


@op
def rearrange(tensor: ArrayLike, pattern: str, **axes_lengths: int) -> Tensor:
    """Split, move and merge axes as a pattern says.

    Args:
        tensor: Array of any dtype.
        pattern: Names of the axes before and after, such as "b h w c -> b (h w) c". An axis that is
            several ones, the last of which changes fastest, stands in brackets.
        **axes_lengths: Sizes of names in brackets; of each bracket one may be left out.

    Shapes:
        tensor: (b, h, w, c) -> (b, h * w, c), for the pattern above

    Raises:
        ArgumentError: If the pattern isn't one, or the names on both sides differ.
        ShapeError: If the sizes don't fit.

    References:
        Rogozhnikov 2022, "Einops: Clear and Reliable Tensor Manipulations with Einstein-like
        Notation".

    Example:
        >>> rearrange([[1, 2, 3, 4]], "a (b c) -> c (a b)", b=2)
        Array([[1, 3],
               [2, 4]], dtype=int32)
    """
    x = as_tensor(tensor)
    sides = pattern.split("->")
    if len(sides) != 2:
        raise ArgumentError("rearrange", "there must be one `->` in the pattern", pattern=pattern)
    before, after = (_groups(pattern, side) for side in sides)
    names = [name for group in before for name in group]
    wanted = [name for group in after for name in group]
    if len(set(names)) != len(names) or sorted(names) != sorted(wanted):
        raise ArgumentError(
            "rearrange", "each name must stand once on both sides of `->`", pattern=pattern
        )
    shape = shape_of(x)
    if len(before) != len(shape):
        raise ShapeError("rearrange", f"the pattern has {len(before)} axes", x=x, pattern=pattern)
    sizes: dict[str, DimLike] = {}
    for d, group in zip(shape, before, strict=True):
        sizes.update(_sizes(d, group, axes_lengths, x))
    x = reshape(x, shape=tuple(sizes[name] for name in names))
    x = transpose(x, axes=tuple(names.index(name) for name in wanted))
    return reshape(x, shape=tuple(size(sizes[name] for name in group) for group in after))


def _sizes(d: DimLike, group: list[str], lengths: dict[str, int], x: Tensor) -> dict[str, DimLike]:
    """Return the sizes of the names of one axis."""
    known: dict[str, DimLike] = {name: lengths[name] for name in group if name in lengths}
    missing = [name for name in group if name not in known]
    if len(missing) > 1:
        raise ArgumentError(
            "rearrange", f"only one of the sizes of {', '.join(missing)} can be left out", x=x
        )
    product = size(known.values())
    if missing:
        if not isinstance(d, Dim) and not isinstance(product, Dim) and (not product or d % product):
            raise ShapeError("rearrange", f"{product} doesn't divide the axis of {d}", x=x)
        known[missing[0]] = d if product == 1 else quotient(d, product)
    elif not isinstance(d, Dim) and product != d:
        raise ShapeError("rearrange", f"the sizes of {group} don't give {d}", x=x)
    return known
