"""From data to tensors and back: conversion, dtype, shape, and `stop_gradient`."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.backends import current
from cornu.errors import NotSupportedError
from cornu.graph.array import Array
from cornu.graph.dim import Dim, DimLike
from cornu.graph.dtypes import is_float, is_integer, numpy_dtype, standard_name
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.primitive import HANDLERS
from cornu.graph.spec import shape_of
from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, to_dtype
from cornu.primitives import control
from cornu.primitives import elementwise as e
from cornu.primitives.rules import constant

__all__ = [
    "cast",
    "convert_to_numpy",
    "convert_to_tensor",
    "dtype",
    "is_tensor",
    "saturate_cast",
    "shape",
    "stop_gradient",
]


@op
def convert_to_tensor(
    x: ArrayLike, dtype: str | None = None, sparse: bool | None = None, ragged: bool | None = None
) -> Tensor:
    """Return `x` as a tensor of the running backend.

    Args:
        x: Array, tensor, Variable, number, or nested lists of them.
        dtype: The dtype of the result. `None` keeps that of a tensor; 64-bit plain data becomes
            `floatx` or int32.
        sparse: Only `None` and False are possible on most backends.
        ragged: Only `None` and False are possible on most backends.

    Returns:
        The tensor.

    Raises:
        DtypeError: If a plain int64 doesn't fit into int32 and no dtype is given.
        NotSupportedError: If a sparse or ragged tensor is asked for.

    Example:
        >>> convert_to_tensor([1.0, 2.0])
        Array([1., 2.], dtype=float32)
    """
    if sparse or ragged:
        kind = "sparse" if sparse else "ragged"
        raise NotSupportedError("convert_to_tensor", f"this backend has no {kind} tensors")
    return as_tensor(x, None if dtype is None else standard_name(dtype))


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """Return `x` as a plain, writable ndarray.

    Args:
        x: Tensor, Variable, ndarray, number or nested lists.

    Returns:
        A copy; changing it changes nothing else.

    Raises:
        ValueError: For a KerasTensor, which has no values.

    Example:
        >>> convert_to_numpy(convert_to_tensor([1.0, 2.0]))
        array([1., 2.], dtype=float32)
    """
    read = getattr(x, "_cornu_read", None)
    if read is not None:
        x = read()
    if x.__class__ is np.ndarray or isinstance(x, np.generic):
        return np.array(x)
    handler = HANDLERS[x.__class__]
    if handler is not None and handler.rank == 2:
        return np.array(x)  # a tracer gives its value if it has one, or says why it can't
    if x.__class__ is KerasTensor:
        return np.asarray(x)
    return current("ops.convert_to_numpy").to_numpy(x if handler is not None else as_tensor(x))


def is_tensor(x: Any) -> bool:
    """Say whether `x` is a tensor of the running backend: a plain ndarray is none.

    Args:
        x: Anything.

    Example:
        >>> is_tensor(convert_to_tensor(1.0)), is_tensor(1.0)
        (True, False)
    """
    if x.__class__ is Array:
        return True
    handler = HANDLERS[x.__class__]
    return handler is not None and handler.rank in (1, 2)


@op
def cast(x: ArrayLike, dtype: str) -> Tensor:
    """Return the values in another dtype.

    Args:
        x: Array of any dtype.
        dtype: Name of the dtype.

    Shapes:
        x: any -> the same

    Example:
        >>> cast([1.9, -1.9], "int32")
        Array([ 1, -1], dtype=int32)
    """
    return to_dtype(as_tensor(x), standard_name(dtype))


@op
def saturate_cast(x: ArrayLike, dtype: str) -> Tensor:
    """Return the values in another dtype, clipped to the range that it has.

    Args:
        x: Array of any real dtype.
        dtype: Name of the dtype.

    Shapes:
        x: any -> the same

    Example:
        >>> saturate_cast([-1000.0, 256.0, 12.0], "uint8")
        Array([  0, 255,  12], dtype=uint8)
    """
    x, to = as_tensor(x), standard_name(dtype)
    old = dtype_of(x)
    if old == "bool" or to == "bool" or old == to:
        return to_dtype(x, to)
    low, high = _range(to)
    old_low, old_high = _range(old)
    # A bound that the old dtype can't hold can't be exceeded. In floats it's rounded inwards.
    if low > old_low:
        x = e.maximum(x, constant(_inwards(low, old, 1), x))
    if high < old_high:
        x = e.minimum(x, constant(_inwards(high, old, -1), x))
    return to_dtype(x, to)


def _range(name: str) -> tuple[float, float]:
    if name == "bool":
        return 0, 1
    if is_integer(name):
        limits = np.iinfo(numpy_dtype(name))
        return int(limits.min), int(limits.max)
    largest = _largest(name)
    return -largest, largest


def _largest(name: str) -> float:
    """Return the largest finite number of a floating dtype, of those NumPy doesn't know too."""
    if name in ("float16", "float32", "float64"):
        return float(np.finfo(name).max)
    return {
        "bfloat16": float.fromhex("0x1.fep127"),
        "float8_e4m3fn": 448.0,
        "float8_e5m2": 57344.0,
    }[name]


def _inwards(bound: float, name: str, sign: int) -> float:
    if not is_float(name):
        return bound
    kind = numpy_dtype(name)
    rounded = np.asarray(bound, np.float64).astype(kind)
    if sign * (float(rounded) - bound) >= 0:
        return float(rounded)
    digits = {"bfloat16": 8, "float16": 11, "float32": 24, "float64": 53}.get(name, 4)
    return float(np.asarray(bound * (1.0 - 2.0 ** (1 - digits))).astype(kind))


def shape(x: Any) -> tuple[DimLike | None, ...]:
    """Return the shape as a tuple.

    Args:
        x: Array, tensor, KerasTensor, number or nested lists.

    Returns:
        Ints. An unknown size is `None` for a KerasTensor; while a layer is being recorded it is a
        symbol that can be computed with and used wherever a size or a number can.

    Example:
        >>> shape(convert_to_tensor([[1.0, 2.0]]))
        (1, 2)
    """
    if x.__class__ is KerasTensor:
        found: tuple[int | None, ...] = x.shape
        return found
    known = shape_of(x) if hasattr(x, "shape") else shape_of(as_tensor(x))
    return tuple(d if isinstance(d, Dim) else int(d) for d in known)


def dtype(x: Any) -> str:
    """Return the name of the dtype.

    Args:
        x: Array, tensor, KerasTensor, Variable, number or nested lists.

    Example:
        >>> dtype(convert_to_tensor([1, 2]))
        'int32'
    """
    return dtype_of(x if hasattr(x, "dtype") else as_tensor(x))


@op
def stop_gradient(variable: ArrayLike) -> Tensor:
    """Return the values; no gradient flows back through them.

    Args:
        variable: Array of any dtype.

    Shapes:
        variable: any -> the same

    Example:
        >>> stop_gradient([1.0])
        Array([1.], dtype=float32)
    """
    return control.stop_gradient(as_tensor(variable))
