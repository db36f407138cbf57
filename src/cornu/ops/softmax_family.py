"""Functions that weigh values against each other along an axis: softmax, its logarithm, gates."""

from __future__ import annotations

from collections.abc import Sequence

from cornu.errors import ShapeError
from cornu.graph.dim import Dim
from cornu.graph.spec import shape_of
from cornu.ops.axes import keep_axes, line, normalize_axes, normalize_axis
from cornu.ops.op import ArrayLike, Tensor, dtype_of, op, promote_inexact
from cornu.primitives import control, cumulative, reduce, slicing, sort
from cornu.primitives import elementwise as p
from cornu.primitives import shape as move
from cornu.primitives.rules import constant

__all__ = ["glu", "log_softmax", "logsumexp", "softmax", "sparsemax"]


def _shifted(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Subtract the maximum, so that `exp` can't overflow. The shift has no gradient: it cancels."""
    top = control.stop_gradient(reduce.reduce_max(x, axes=axes))
    return p.subtract(x, keep_axes(top, axes, shape_of(x), True))


def _total(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    return keep_axes(reduce.reduce_sum(x, axes=axes), axes, shape_of(x), True)


@op
def softmax(x: ArrayLike, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Return positive values that sum to one along `axis`.

    y = exp(x) / sum(exp(x), axis)

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        axis: Axis or axes of the sum; `None` means all of them.

    Shapes:
        x: any -> the same

    Example:
        >>> softmax([0.0, 0.0, -1000.0])
        Array([0.5, 0.5, 0. ], dtype=float32)
    """
    x = promote_inexact(x)
    axes = normalize_axes("softmax", axis, len(shape_of(x)), x)
    y = p.exp(_shifted(x, axes))
    return p.divide(y, _total(y, axes))


@op
def log_softmax(x: ArrayLike, axis: int | Sequence[int] | None = -1) -> Tensor:
    """Return the logarithm of `softmax`, exact where that is near zero.

    y = x - log(sum(exp(x), axis))

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        axis: Axis or axes of the sum; `None` means all of them.

    Shapes:
        x: any -> the same

    Example:
        >>> log_softmax([1000.0, 0.0])
        Array([    0., -1000.], dtype=float32)
    """
    x = promote_inexact(x)
    axes = normalize_axes("log_softmax", axis, len(shape_of(x)), x)
    low = _shifted(x, axes)
    return p.subtract(low, p.log(_total(p.exp(low), axes)))


@op
def logsumexp(
    x: ArrayLike, axis: int | Sequence[int] | None = None, keepdims: bool = False
) -> Tensor:
    """Return the logarithm of a sum of exponentials, without overflow.

    y = log(sum(exp(x), axis))

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        axis: Axis or axes of the sum; `None` means all of them.
        keepdims: Whether the axes stay, with size one.

    Shapes:
        x: (..., n) -> (...), for `axis=-1`

    Example:
        >>> logsumexp([1000.0, 1000.0])
        Array(1000.6932, dtype=float32)
    """
    x = promote_inexact(x)
    shape = shape_of(x)
    axes = normalize_axes("logsumexp", axis, len(shape), x)
    top = control.stop_gradient(reduce.reduce_max(x, axes=axes))
    # Where everything is -inf, or something is inf, the difference would be inf - inf.
    top = p.select(p.is_finite(top), top, constant(0, x))
    low = p.exp(p.subtract(x, keep_axes(top, axes, shape, True)))
    y = p.add(p.log(reduce.reduce_sum(low, axes=axes)), top)
    return keep_axes(y, axes, shape, keepdims)


@op
def sparsemax(x: ArrayLike, axis: int = -1) -> Tensor:
    """Return the point of the probability simplex nearest to `x`: like softmax, with exact zeros.

    y = max(x - t, 0), where t makes the sum one

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        axis: Axis of the sum.

    Shapes:
        x: any -> the same

    References:
        Martins and Astudillo 2016, "From Softmax to Sparsemax", arXiv:1602.02068.

    Example:
        >>> sparsemax([0.5, 1.0, -3.0])
        Array([0.25, 0.75, 0.  ], dtype=float32)
    """
    x = promote_inexact(x)
    shape = shape_of(x)
    i = normalize_axis("sparsemax", axis, len(shape), x)
    ordered, _ = sort.sort(x, axis=i)
    ordered = move.reverse(ordered, axes=(i,))
    sums = cumulative.cumsum(ordered, axis=i, reverse=False)
    rank = line(move.iota(size=shape[i], dtype=dtype_of(x)), i, len(shape)) + 1.0
    # How many of the largest stay positive, and the threshold that they imply (algorithm 1).
    inside = p.cast(p.greater(rank * ordered + 1.0, sums), dtype=dtype_of(x))
    many = _total(inside, (i,))
    top = _total(p.multiply(inside, ordered), (i,))
    low = p.subtract(x, p.divide(top - 1.0, many))
    zero = constant(0, x)
    return p.select(p.less_equal(low, zero), zero, low)


@op
def glu(x: ArrayLike, axis: int = -1) -> Tensor:
    """Let the second half of an axis open and close the first.

    y = a * sigmoid(b), where a, b are the halves of `x`

    Args:
        x: Array of any floating dtype; integers become `floatx`.
        axis: Axis to halve; its size must be even.

    Shapes:
        x: (..., 2 n) -> (..., n), for `axis=-1`

    Raises:
        ShapeError: If the size is odd or unknown.

    References:
        Dauphin and others 2017, "Language Modeling with Gated Convolutional Networks",
        arXiv:1612.08083.

    Example:
        >>> glu([1.0, 2.0, 0.0, 100.0])
        Array([0.5, 2. ], dtype=float32)
    """
    x = promote_inexact(x)
    shape = shape_of(x)
    i = normalize_axis("glu", axis, len(shape), x)
    n = shape[i]
    if not isinstance(n, Dim) and n % 2:
        raise ShapeError("glu", f"the size of axis {i} must be even", x=x)
    a, b = slicing.split(x, sizes=(n // 2, n - n // 2), axis=i)
    return p.multiply(a, p.sigmoid(b))
