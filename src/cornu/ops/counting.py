"""Counting values: bincount, histogram; and correlations of series."""

from __future__ import annotations

from typing import Any

from cornu.errors import ArgumentError, DtypeError, ShapeError
from cornu.graph.dim import Dim, size
from cornu.graph.dtypes import is_float
from cornu.graph.spec import shape_of, spec_of
from cornu.ops.axes import as_integers, count, inserted, part, size_argument
from cornu.ops.creation import linspace
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.ops.products import matmul
from cornu.primitives import elementwise as p
from cornu.primitives import shape
from cornu.primitives.conv import conv
from cornu.primitives.index import scatter_nd
from cornu.primitives.reduce import reduce_max, reduce_min, reduce_sum
from cornu.primitives.rules import constant
from cornu.primitives.sort import searchsorted

__all__ = ["bincount", "corrcoef", "correlate", "histogram"]


@op
def bincount(
    x: ArrayLike, weights: ArrayLike | None = None, minlength: int = 0, sparse: bool = False
) -> Tensor:
    """Count how often each of the numbers 0, 1, 2, ... comes, along the last axis.

    The length of the result is data, so it can't be compiled.

    Args:
        x: Integers that aren't negative, 1-D, or 2-D with one count for each row.
        weights: What each element adds, of the shape of `x`; None means 1.
        minlength: The least length of the result.
        sparse: Must be False.

    Returns:
        Numbers of elements, int32, or sums of weights.

    Raises:
        ArgumentError: If a number is negative.
        DtypeError: If `x` isn't of integers.

    Example:
        >>> bincount([1, 3, 1])
        Array([0, 2, 0, 1], dtype=int32)
    """
    if sparse:
        raise ArgumentError("bincount", "sparse results aren't supported", sparse=sparse)
    x = as_tensor(x)
    if is_float(dtype_of(x)):
        raise DtypeError("bincount", "`x` must be of integers", x=spec_of(x))
    dims = shape_of(x)
    if len(dims) not in (1, 2):
        raise ShapeError("bincount", "`x` must have one axis or two", x=spec_of(x))
    numbers = as_integers("bincount", x)
    if min(numbers, default=0) < 0:
        raise ArgumentError("bincount", "the numbers must not be negative", x=spec_of(x))
    length = max(minlength, max(numbers, default=-1) + 1)
    x = to_dtype(x, "int32")
    add = shape.full(shape=dims, value=1, dtype="int32") if weights is None else as_tensor(weights)
    if len(dims) == 1:
        zeros = shape.full(shape=(length,), value=0, dtype=dtype_of(add))
        return scatter_nd(zeros, shape.reshape(x, shape=(*dims, 1)), add, mode="add")
    rows, _ = dims
    first = shape.reshape(shape.iota(size=rows, dtype="int32"), shape=(rows, 1))
    # Row and number together are one place.
    place = p.add(p.multiply(first, constant(length, first)), x)
    flat = shape.reshape(place, shape=(size(dims), 1))
    zeros = shape.full(shape=(rows * length,), value=0, dtype=dtype_of(add))
    found = scatter_nd(zeros, flat, shape.reshape(add, shape=(size(dims),)), mode="add")
    return shape.reshape(found, shape=(rows, length))


@op
def histogram(x: ArrayLike, bins: int = 10, range: Any = None) -> tuple[Tensor, Tensor]:
    """Count how many elements lie in each of `bins` equal parts of a range.

    Args:
        x: Numbers; their shape doesn't matter.
        bins: How many parts.
        range: Its two ends; None means the smallest and the greatest element.

    Returns:
        The numbers of elements, floating, and the limits of the parts, one more than parts.

    Raises:
        ArgumentError: If `bins` isn't positive, or the range is none.

    Example:
        >>> histogram([0.0, 1.0, 1.5, 4.0], bins=2)
        (Array([3., 1.], dtype=float32), Array([0., 2., 4.], dtype=float32))
    """
    parts = size_argument("histogram", bins)
    if isinstance(parts, Dim) or parts < 1:
        raise ArgumentError("histogram", "`bins` must be a positive integer", bins=bins)
    x = promote_inexact(as_tensor(x))
    flat = shape.reshape(x, shape=(size(shape_of(x)),))
    if range is None:
        low, high = reduce_min(flat, axes=(0,)), reduce_max(flat, axes=(0,))
    else:
        if len(range) != 2 or range[0] > range[1]:
            raise ArgumentError(
                "histogram", "`range` must be two numbers in ascending order", range=range
            )
        low, high = as_tensor(range[0], dtype_of(x)), as_tensor(range[1], dtype_of(x))
    half = p.select(p.equal(low, high), constant(0.5, x), constant(0.0, x))
    limits = linspace(p.subtract(low, half), p.add(high, half), parts + 1)
    place = searchsorted(limits, flat, side="right")
    one, last = constant(1, place), constant(parts - 1, place)
    place = p.subtract(place, one)
    # The last part holds its upper end; what lies outside of the range adds nothing.
    top = part(limits, 0, parts, parts + 1)
    place = p.select(p.equal(flat, top), last, place)
    inside = p.logical_and(p.greater_equal(place, constant(0, place)), p.less_equal(place, last))
    inside = p.logical_and(inside, p.logical_not(p.is_nan(flat)))
    add = p.cast(inside, dtype=dtype_of(x))
    place = p.select(inside, place, constant(0, place))
    zeros = shape.full(shape=(parts,), value=0, dtype=dtype_of(x))
    indices = shape.reshape(place, shape=(*shape_of(place), 1))
    return scatter_nd(zeros, indices, add, mode="add"), limits


@op
def corrcoef(x: ArrayLike) -> Tensor:
    """Give Pearson's correlation of each pair of rows.

    r[i, j] = cov(x[i], x[j]) / sqrt(var(x[i]) var(x[j]))

    Args:
        x: One variable per row; of a 1-D array it is 1.

    Shapes:
        x: (v, n) -> (v, v)

    Raises:
        ShapeError: If there are more than two axes.

    Example:
        >>> corrcoef([[0.0, 0.0, 1.0, 1.0], [3.0, 3.0, 2.0, 2.0]])
        Array([[ 1., -1.],
               [-1.,  1.]], dtype=float32)
    """
    x = promote_inexact(as_tensor(x))
    dtype = dtype_of(x)
    if dtype not in ("float32", "float64"):
        return to_dtype(corrcoef(to_dtype(x, "float32")), dtype)
    rank = len(shape_of(x))
    if rank not in (1, 2):
        raise ShapeError("corrcoef", "`x` must have one axis or two", x=spec_of(x))
    rows = x if rank == 2 else inserted(x, (0,))
    mean = p.divide(reduce_sum(rows, axes=(1,)), count(rows, (1,), dtype))
    centered = p.subtract(rows, inserted(mean, (1,)))
    spread = p.sqrt(reduce_sum(p.multiply(centered, centered), axes=(1,)))
    # Divided before the product: squares of small or large numbers leave the range.
    scaled = p.divide(centered, inserted(spread, (1,)))
    found = matmul(scaled, shape.transpose(scaled, axes=(1, 0)))
    one = constant(1.0, found)
    found = p.minimum(p.maximum(found, p.negate(one)), one)
    return found if rank == 2 else shape.reshape(found, shape=())


@op
def correlate(x1: ArrayLike, x2: ArrayLike, mode: str = "valid") -> Tensor:
    """Correlate two series: y[k] = sum over n of x1[n + k] * x2[n].

    Args:
        x1: First series, 1-D.
        x2: Second series, 1-D.
        mode: "valid" gives the places where both overlap in full, "full" all where they overlap,
            "same" the middle of these, as many as the longer one has.

    Raises:
        ShapeError: If an operand isn't 1-D.
        ArgumentError: If the mode is another one.

    Example:
        >>> correlate([1.0, 2.0, 3.0], [1.0, 1.0])
        Array([3., 5.], dtype=float32)
    """
    if mode not in ("valid", "same", "full"):
        raise ArgumentError("correlate", "the mode must be 'valid', 'same' or 'full'", mode=mode)
    x1, x2 = promote_inexact(as_tensor(x1), as_tensor(x2))
    if len(shape_of(x1)) != 1 or len(shape_of(x2)) != 1:
        raise ShapeError(
            "correlate", "the operands must have one axis", x1=spec_of(x1), x2=spec_of(x2)
        )
    (n,), (m,) = shape_of(x1), shape_of(x2)
    if isinstance(n, int) and isinstance(m, int) and n < m:
        # The shorter one is moved along the longer one, so the result runs backwards.
        return shape.reverse(_correlated(x2, x1, mode), axes=(0,))
    return _correlated(x1, x2, mode)


def _correlated(x: Tensor, kernel: Tensor, mode: str) -> Tensor:
    (n,), (m,) = shape_of(x), shape_of(kernel)
    if isinstance(m, Dim):
        raise ShapeError("correlate", "the size of `x2` must be known", x2=spec_of(kernel))
    if m == 0 or (isinstance(n, int) and n == 0):
        raise ShapeError("correlate", "an operand has no elements", x1=spec_of(x))
    low, high = {"valid": (0, 0), "same": (m // 2, m - 1 - m // 2), "full": (m - 1, m - 1)}[mode]
    y = conv(
        shape.reshape(x, shape=(1, n, 1)),
        shape.reshape(kernel, shape=(m, 1, 1)),
        strides=(1,),
        padding=((low, high),),
        dilation=(1,),
        groups=1,
    )
    return shape.reshape(y, shape=(shape_of(y)[1],))
