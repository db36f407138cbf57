"""Windows that slide over spatial axes: padding, sizes of results, and what a tap of one reads.

Arrays are channels last, (n, *spatial, c). A tap is one element of the window: over all windows it
reads a strided part of the input, so that nothing needs to be padded or copied.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import Dim, DimLike, Shape
from cornu.graph.padding import Padding, Pairs
from cornu.graph.spec import Spec

__all__ = ["output_sizes", "taps"]


def output_sizes(
    name: str,
    x: Spec,
    window: Shape,
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
) -> Shape:
    """Return the spatial sizes of the result for an input `x` of (n, *spatial, c).

    Raises:
        ShapeError: If the rank is wrong or the window is larger than the padded input.
        ArgumentError: If an attribute is wrong.
    """
    rank = x.ndim - 2
    if rank < 1 or not len(window) == len(strides) == len(dilation) == rank:
        raise ShapeError(
            name,
            f"`x` must have the axes (n, *spatial, c), with {len(window)} spatial ones; window, "
            "strides and dilation have one entry for each of these",
            x=x,
        )
    if min(*strides, *dilation) < 1:
        raise ArgumentError(name, f"strides {strides} and dilation {dilation} must be positive")
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            raise ArgumentError(
                name, f"the padding must be 'valid', 'same' or pairs of ints, not {padding!r}"
            )
        both: Sequence[int] = (0,) * rank
    elif len(padding) != rank or min(p for pair in padding for p in pair) < 0:
        raise ArgumentError(name, f"the padding needs a non-negative pair per axis, not {padding}")
    else:
        both = [low + high for low, high in padding]
    sizes: list[DimLike] = []
    for axis, (n, w, s, p, d) in enumerate(
        zip(x.shape[1:-1], window, strides, both, dilation, strict=True)
    ):
        if padding == "same":
            sizes.append((n + (s - 1)) // s)
            continue
        reach = (w - 1) * d + 1
        room = n + p - reach
        if not isinstance(room, Dim) and room < 0:
            raise ShapeError(
                name,
                f"the window reaches over {reach} elements of spatial axis {axis}, which has "
                f"{n + p} with padding",
                x=x,
            )
        sizes.append(room // s + 1)
    return tuple(sizes)


def taps(
    sizes: Sequence[int],
    results: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    pads: Pairs,
    dilation: Sequence[int],
) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...], tuple[slice, ...]]]:
    """Yield, per tap in row-major order, its place, what it reads and for which results.

    Yields:
        (place in the window, slices of the input's spatial axes, slices of the result's): both
        slices have the same sizes. Taps that read padding alone are left out.
    """
    axes = []
    for n, m, w, s, (low, _), d in zip(
        sizes, results, window, strides, pads, dilation, strict=True
    ):
        axis = []
        for tap in range(w):
            offset = tap * d - low  # result i reads element i * s + offset
            first = max(-(offset // s), 0)
            last = min((n - 1 - offset) // s, m - 1)
            if last >= first:
                start = first * s + offset
                read = slice(start, start + (last - first) * s + 1, s)
                axis.append((tap, read, slice(first, last + 1)))
        axes.append(axis)
    for combination in itertools.product(*axes):
        place, reads, writes = zip(*combination, strict=True)
        yield place, reads, writes
