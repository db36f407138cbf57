"""Running sums and products, differences, and integrals along an axis."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError
from cornu.graph.dim import size
from cornu.graph.spec import shape_of
from cornu.ops.axes import line, normalize_axis, part
from cornu.ops.op import (
    ArrayLike,
    Tensor,
    as_tensor,
    check_dtype,
    dtype_of,
    op,
    promote_inexact,
    to_dtype,
)
from cornu.primitives import cumulative
from cornu.primitives import elementwise as p
from cornu.primitives.reduce import reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.shape import reshape

__all__ = ["cumprod", "cumsum", "diff", "running", "trapezoid"]


@op
def cumsum(x: ArrayLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Give the running sum along an axis.

    Args:
        x: Numbers; booleans become int32.
        axis: The axis; None means that `x` is flattened first.
        dtype: The dtype of computation and result; None means that of `x`.

    Example:
        >>> cumsum([1, 2, 3])
        Array([1, 3, 6], dtype=int32)
    """
    return running("cumsum", cumulative.cumsum, as_tensor(x), axis, dtype)


@op
def cumprod(x: ArrayLike, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Give the running product along an axis.

    Args:
        x: Numbers; booleans become int32.
        axis: The axis; None means that `x` is flattened first.
        dtype: The dtype of computation and result; None means that of `x`.

    Example:
        >>> cumprod([1, 2, 3])
        Array([1, 2, 6], dtype=int32)
    """
    return running("cumprod", cumulative.cumprod, as_tensor(x), axis, dtype)


def running(name: str, primitive: Any, x: Tensor, axis: int | None, dtype: Any) -> Tensor:
    """Run a cumulative primitive with the arguments of `cumsum`."""
    wanted = check_dtype(dtype) or dtype_of(x)
    x = to_dtype(x, "int32" if wanted == "bool" else wanted)
    if axis is None:
        x, axis = reshape(x, shape=(size(shape_of(x)),)), 0
    at = normalize_axis(name, axis, len(shape_of(x)), x)
    return primitive(x, axis=at, reverse=False)


@op
def diff(a: ArrayLike, n: int = 1, axis: int = -1) -> Tensor:
    """Give the differences of neighbours along an axis, taken `n` times.

    Args:
        a: Numbers; of booleans it is where neighbours differ.
        n: How many times.
        axis: The axis, which gets shorter by `n`.

    Example:
        >>> diff([1, 4, 9])
        Array([3, 5], dtype=int32)
    """
    x = as_tensor(a)
    at = normalize_axis("diff", axis, len(shape_of(x)), x)
    if n < 0:
        raise ArgumentError("diff", "`n` must be zero or more", n=n)
    for _ in range(n):
        length = shape_of(x)[at]
        if isinstance(length, int) and length == 0:
            break
        after, before = part(x, at, 1, length), part(x, at, 0, length - 1)
        minus = p.not_equal if dtype_of(x) == "bool" else p.subtract
        x = minus(after, before)
    return x


@op
def trapezoid(
    y: ArrayLike, x: ArrayLike | None = None, dx: ArrayLike = 1.0, axis: int = -1
) -> Tensor:
    """Integrate along an axis by the trapezoidal rule: sum((y[i] + y[i + 1]) / 2 * dx[i]).

    Args:
        y: Values of the function; integers become `floatx`.
        x: The points; None means that they lie `dx` apart.
        dx: The distance of the points.
        axis: The axis.

    Example:
        >>> trapezoid([1.0, 2.0, 3.0])
        Array(4., dtype=float32)
    """
    y, x, dx = promote_inexact(as_tensor(y), None if x is None else as_tensor(x), dx)
    rank = len(shape_of(y))
    at = normalize_axis("trapezoid", axis, rank, y)
    width = dx
    if x is not None:
        points = shape_of(x)
        if len(points) == 1:
            width = line(diff(x), at, rank)
        else:
            width = diff(x, axis=at)
    n = shape_of(y)[at]
    heights = p.add(part(y, at, 1, n), part(y, at, 0, n - 1))
    areas = p.multiply(p.multiply(heights, constant(0.5, y)), width)
    return reduce_sum(areas, axes=(at,))
