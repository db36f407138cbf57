"""Pooling: the maximum or the mean of windows that slide over the spatial axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cornu.errors import ShapeError
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.spec import shape_of
from cornu.ops.layout import each, format_of, one_of, to_channels_first, to_channels_last
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact
from cornu.primitives import elementwise as p
from cornu.primitives import pool
from cornu.primitives.index import take
from cornu.primitives.linear import dot
from cornu.primitives.reduce import reduce_max
from cornu.primitives.shape import full, transpose

__all__ = ["adaptive_average_pool", "adaptive_max_pool", "average_pool", "max_pool"]

Sizes = int | Sequence[int]


def _spatial(name: str, x: Tensor) -> int:
    n = len(shape_of(x)) - 2
    if n < 1:
        raise ShapeError(name, "`inputs` need a batch axis, spatial axes and channels", inputs=x)
    return n


@op
def max_pool(
    inputs: ArrayLike,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Return the maximum of each window.

    y[i, c] = max over w of x[i * strides + w, c]

    Args:
        inputs: Array with batch, spatial and channel axes.
        pool_size: Size of the window in each spatial axis.
        strides: Step in each spatial axis; `None` means `pool_size`.
        padding: "valid", or "same" for ceil(n / strides) results; what is beyond the edge never
            wins.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        inputs: (n, *s, c) -> (n, *t, c), channels last

    Example:
        >>> max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2, data_format="channels_last")
        Array([[[3.],
                [2.]]], dtype=float32)
    """
    x = as_tensor(inputs)
    n = _spatial("max_pool", x)
    first = format_of(data_format)
    window = each("max_pool", "pool_size", pool_size, n)
    y, _ = pool.max_pool(
        to_channels_last(x, first),
        window=window,
        strides=window if strides is None else each("max_pool", "strides", strides, n),
        padding=one_of("max_pool", "padding", padding, "valid", "same"),
    )
    return to_channels_first(y, first)


@op
def average_pool(
    inputs: ArrayLike,
    pool_size: Sizes,
    strides: Sizes | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Return the mean of each window.

    y[i, c] = mean over w of x[i * strides + w, c]

    Args:
        inputs: Array with batch, spatial and channel axes.
        pool_size: Size of the window in each spatial axis.
        strides: Step in each spatial axis; `None` means `pool_size`.
        padding: "valid", or "same" for ceil(n / strides) results; what is beyond the edge doesn't
            count.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        inputs: (n, *s, c) -> (n, *t, c), channels last

    Example:
        >>> average_pool([[[1.0], [3.0], [2.0]]], 2, padding="same", data_format="channels_last")
        Array([[[2.],
                [2.]]], dtype=float32)
    """
    x = promote_inexact(inputs)
    n = _spatial("average_pool", x)
    first = format_of(data_format)
    window = each("average_pool", "pool_size", pool_size, n)
    steps = window if strides is None else each("average_pool", "strides", strides, n)
    one_of("average_pool", "padding", padding, "valid", "same")
    x = to_channels_last(x, first)
    attrs = {"window": window, "strides": steps, "padding": padding.lower()}
    total = pool.pool_sum(x, **attrs)
    if padding.lower() == "valid":
        y = total * (1.0 / float(np.prod(window)))
    else:
        ones = full(shape=(1, *shape_of(x)[1:-1], 1), value=1.0, dtype=dtype_of(x))
        y = p.divide(total, pool.pool_sum(ones, **attrs))
    return to_channels_first(y, first)


def _windows(name: str, size: object, parts: int, x: Tensor) -> list[tuple[int, int]]:
    """Return where the windows begin and end that divide an axis as evenly as possible."""
    if not isinstance(size, int):
        raise ShapeError(name, "the spatial sizes must be known", inputs=x)
    return [(i * size // parts, -((i + 1) * size // -parts)) for i in range(parts)]


@op
def adaptive_average_pool(
    inputs: ArrayLike, output_size: Sizes, data_format: str | None = None
) -> Tensor:
    """Return the means of as many windows as asked for, whatever the size of the inputs.

    Window i of m on an axis of n reaches from floor(i * n / m) to ceil((i + 1) * n / m).

    Args:
        inputs: Array with batch, spatial and channel axes; the sizes must be known.
        output_size: Number of windows in each spatial axis.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        inputs: (n, *s, c) -> (n, *output_size, c), channels last

    Example:
        >>> adaptive_average_pool([[[1.0], [2.0], [3.0]]], 2, data_format="channels_last")
        Array([[[1.5],
                [2.5]]], dtype=float32)
    """
    name = "adaptive_average_pool"
    x = promote_inexact(inputs)
    n = _spatial(name, x)
    first = format_of(data_format)
    x = to_channels_last(x, first)
    for axis, parts in enumerate(each(name, "output_size", output_size, n), 1):
        # Means over a box are means along one axis after the other: a small matrix for each.
        windows = _windows(name, shape_of(x)[axis], parts, x)
        weights = np.zeros((windows[-1][1], parts))
        for i, (start, stop) in enumerate(windows):
            weights[start:stop, i] = 1.0 / (stop - start)
        matrix = weights.astype(numpy_dtype(dtype_of(x)))
        y = dot(x, matrix, contract=((axis, 0),), batch=())  # the new axis comes last
        x = transpose(y, axes=(*range(axis), n + 1, *range(axis, n + 1)))
    return to_channels_first(x, first)


@op
def adaptive_max_pool(
    inputs: ArrayLike, output_size: Sizes, data_format: str | None = None
) -> Tensor:
    """Return the maxima of as many windows as asked for, whatever the size of the inputs.

    Window i of m on an axis of n reaches from floor(i * n / m) to ceil((i + 1) * n / m).

    Args:
        inputs: Array with batch, spatial and channel axes; the sizes must be known.
        output_size: Number of windows in each spatial axis.
        data_format: "channels_last" or "channels_first"; `None` means `config.image_data_format()`.

    Shapes:
        inputs: (n, *s, c) -> (n, *output_size, c), channels last

    Example:
        >>> adaptive_max_pool([[[1.0], [3.0], [2.0]]], 2, data_format="channels_last")
        Array([[[3.],
                [3.]]], dtype=float32)
    """
    name = "adaptive_max_pool"
    x = as_tensor(inputs)
    n = _spatial(name, x)
    first = format_of(data_format)
    x = to_channels_last(x, first)
    for axis, parts in enumerate(each(name, "output_size", output_size, n), 1):
        windows = _windows(name, shape_of(x)[axis], parts, x)
        longest = max(stop - start for start, stop in windows)
        # A shorter window reads its last element again, which changes no maximum.
        places = [[min(start + j, stop - 1) for j in range(longest)] for start, stop in windows]
        taken = take(x, np.array(places, np.int32), axis=axis)
        x = reduce_max(taken, axes=(axis + 1,))
    return to_channels_first(x, first)
