"""An array itself: made from data, copied, its size."""

from __future__ import annotations

from typing import Any

from cornu.graph.dim import Dim
from cornu.graph.spec import shape_of
from cornu.ops.op import Tensor, as_tensor, check_dtype, op
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant
from cornu.primitives.shape import dim_size

__all__ = ["array", "copy", "ndim", "size"]


@op
def array(x: Any, dtype: Any = None) -> Tensor:
    """Make an array of data.

    Args:
        x: Numbers, nested lists of them, an array.
        dtype: The dtype; None means that of the data, `floatx` and int32 for plain data.

    Example:
        >>> array([1, 2.5])
        Array([1. , 2.5], dtype=float32)
    """
    return as_tensor(x, check_dtype(dtype))


@op
def copy(x: Any) -> Tensor:
    """Give an array of the same values. Values can't be written in place, so none is copied.

    Args:
        x: An array.

    Example:
        >>> copy([1, 2])
        Array([1, 2], dtype=int32)
    """
    return as_tensor(x)


@op
def ndim(x: Any) -> int:
    """Give the number of axes.

    Args:
        x: An array.

    Example:
        >>> ndim([[1, 2]])
        2
    """
    return len(shape_of(as_tensor(x)))


@op
def size(x: Any) -> Any:
    """Give the number of elements.

    Args:
        x: An array.

    Returns:
        An int; where a size isn't known yet, an int32 value.

    Example:
        >>> size([[1, 2]])
        2
    """
    x = as_tensor(x)
    known = 1
    total: Tensor = None
    for axis, d in enumerate(shape_of(x)):
        if isinstance(d, Dim):
            n = dim_size(x, axis=axis)
            total = n if total is None else p.multiply(total, n)
        else:
            known *= d
    return known if total is None else p.multiply(total, constant(known, total))
