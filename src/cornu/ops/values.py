"""An array itself: made from data, copied, its size, its bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.backends import current
from cornu.errors import NotSupportedError, ShapeError
from cornu.graph.dim import Dim
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.spec import shape_of, spec_of
from cornu.graph.trace import Tracer
from cornu.ops.op import ArrayLike, Tensor, as_tensor, check_dtype, dtype_of, op
from cornu.primitives import elementwise as p
from cornu.primitives.rules import constant
from cornu.primitives.shape import dim_size

__all__ = ["array", "copy", "ndim", "size", "view"]


@op
def array(x: ArrayLike, dtype: Any = None) -> Tensor:
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
def copy(x: ArrayLike) -> Tensor:
    """Give an array of the same values. Values can't be written in place, so none is copied.

    Args:
        x: An array.

    Example:
        >>> copy([1, 2])
        Array([1, 2], dtype=int32)
    """
    return as_tensor(x)


@op
def ndim(x: ArrayLike) -> int:
    """Give the number of axes.

    Args:
        x: An array.

    Example:
        >>> ndim([[1, 2]])
        2
    """
    return len(shape_of(as_tensor(x)))


@op
def size(x: ArrayLike) -> Any:
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


@op
def view(x: ArrayLike, dtype: Any = None) -> Tensor:
    """Read the bytes of an array as another dtype.

    Args:
        x: An array.
        dtype: The dtype; None means that of `x`. With one of another width the last axis gets
            longer or shorter.

    Raises:
        ShapeError: If the bytes of the last axis can't be divided so.
        NotSupportedError: If the values aren't known, in a compiled step or a model.

    Example:
        >>> view([1.0], "int32")
        Array([1065353216], dtype=int32)
    """
    x = as_tensor(x)
    wanted = check_dtype(dtype)
    if wanted is None or wanted == dtype_of(x):
        return x
    if x.__class__ is Tracer and x.value is None:
        raise NotSupportedError(
            "view",
            "bytes can't be read as another dtype while a step or a model is traced",
            fix="Do it before, or use `ops.cast` for the same numbers in another dtype.",
            x=spec_of(x),
        )
    data = np.ascontiguousarray(x.value if x.__class__ is Tracer else current().to_numpy(x))
    target = numpy_dtype(wanted)
    if data.dtype.itemsize != target.itemsize:
        width = data.shape[-1] * data.dtype.itemsize if data.ndim else 0
        if width == 0 or width % target.itemsize:
            raise ShapeError(
                "view", f"the bytes of the last axis don't make whole {wanted}", x=spec_of(x)
            )
    return as_tensor(data.view(target).reshape(_viewed(data, target)), wanted)


def _viewed(data: Any, target: Any) -> tuple[int, ...]:
    if data.dtype.itemsize == target.itemsize:
        return tuple(data.shape)
    return (*data.shape[:-1], data.shape[-1] * data.dtype.itemsize // target.itemsize)
