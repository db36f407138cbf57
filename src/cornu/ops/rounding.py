"""Rounding to whole numbers and to decimals."""

from __future__ import annotations

from cornu.errors import DtypeError
from cornu.graph.dtypes import is_float
from cornu.graph.spec import spec_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote_inexact, to_dtype
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant

__all__ = [
    "ceil",
    "floor",
    "round",
    "trunc",
]


@op
def floor(x: ArrayLike) -> Tensor:
    """Round down to a whole number.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> floor([1.7, -1.2])
        Array([ 1., -2.], dtype=float32)
    """
    return p.floor(promote_inexact(x))


@op
def ceil(x: ArrayLike) -> Tensor:
    """Round up to a whole number.

    Args:
        x: Numbers; integers become `floatx`.

    Example:
        >>> ceil([1.2, -1.7])
        Array([ 2., -1.], dtype=float32)
    """
    return p.ceil(promote_inexact(x))


@op
def trunc(x: ArrayLike) -> Tensor:
    """Round towards zero.

    Args:
        x: Numbers; integers stay as they are.

    Example:
        >>> trunc([1.7, -1.7])
        Array([ 1., -1.], dtype=float32)
    """
    x = as_tensor(x)
    return p.trunc(x) if is_float(dtype_of(x)) else x


@op
def round(x: ArrayLike, decimals: int = 0) -> Tensor:
    """Round to the nearest number of so many decimals; halves go to the even one.

    Args:
        x: Numbers.
        decimals: How many digits after the point; negative ones round to tens, hundreds...

    Raises:
        DtypeError: If `x` is boolean.

    Example:
        >>> round([0.5, 1.5, 2.6])
        Array([0., 2., 3.], dtype=float32)
    """
    x = as_tensor(x)
    dtype = dtype_of(x)
    if dtype == "bool":
        raise DtypeError("round", "booleans can't be rounded", x=spec_of(x))
    if not is_float(dtype):
        if decimals >= 0:
            return x
        return to_dtype(_scaled(to_dtype(x, "float64"), decimals), dtype)
    return p.round(x) if decimals == 0 else _scaled(x, decimals)


def _scaled(x: Tensor, decimals: int) -> Tensor:
    scale = constant(10.0 ** abs(decimals), x)
    if decimals > 0:
        return p.divide(p.round(p.multiply(x, scale)), scale)
    return p.multiply(p.round(p.divide(x, scale)), scale)
