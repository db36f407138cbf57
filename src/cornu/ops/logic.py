"""Logical and bitwise operations."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.ops.op import ArrayLike, Tensor, as_tensor, dtype_of, op, promote, to_dtype
from cornu.primitives import elementwise as p

__all__ = [
    "as_bool",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_or_logical_and",
    "bitwise_or_logical_not",
    "bitwise_or_logical_or",
    "bitwise_or_logical_xor",
    "bitwise_right_shift",
    "bitwise_xor",
    "left_shift",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "right_shift",
]


@op
def logical_and(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where both are true; what isn't zero is true.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> logical_and([True, False], True)
        Array([ True, False])
    """
    return p.logical_and(as_bool(x1), as_bool(x2))


@op
def logical_or(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where at least one is true; what isn't zero is true.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> logical_or([True, False], True)
        Array([ True,  True])
    """
    return p.logical_or(as_bool(x1), as_bool(x2))


@op
def logical_xor(x1: ArrayLike, x2: ArrayLike) -> Tensor:
    """Say where exactly one is true; what isn't zero is true.

    Args:
        x1: First operand.
        x2: Second operand; the shapes broadcast.

    Example:
        >>> logical_xor([True, False], True)
        Array([False,  True])
    """
    return p.logical_xor(as_bool(x1), as_bool(x2))


@op
def logical_not(x: ArrayLike) -> Tensor:
    """Say where x is false; what isn't zero is true.

    Args:
        x: Booleans or numbers.

    Example:
        >>> logical_not([0, 2])
        Array([ True, False])
    """
    return p.logical_not(as_bool(x))


@op
def bitwise_and(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Combine bits by `and`.

    Args:
        x: Integers or booleans.
        y: Integers or booleans; the shapes broadcast.

    Example:
        >>> bitwise_and([6], [3])
        Array([2], dtype=int32)
    """
    x, y = promote(x, y)
    return p.bitwise_and(x, y)


@op
def bitwise_or(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Combine bits by `or`.

    Args:
        x: Integers or booleans.
        y: Integers or booleans; the shapes broadcast.

    Example:
        >>> bitwise_or([6], [3])
        Array([7], dtype=int32)
    """
    x, y = promote(x, y)
    return p.bitwise_or(x, y)


@op
def bitwise_xor(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Combine bits by exclusive `or`.

    Args:
        x: Integers or booleans.
        y: Integers or booleans; the shapes broadcast.

    Example:
        >>> bitwise_xor([6], [3])
        Array([5], dtype=int32)
    """
    x, y = promote(x, y)
    return p.bitwise_xor(x, y)


@op
def left_shift(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Shift bits to the left: x * 2**y.

    Args:
        x: Integers.
        y: Numbers of bits; the shapes broadcast.

    Example:
        >>> left_shift([3], [2])
        Array([12], dtype=int32)
    """
    x, y = _counted(*promote(x, y))
    return p.shift_left(x, y)


@op
def right_shift(x: ArrayLike, y: ArrayLike) -> Tensor:
    """Shift bits to the right: floor(x / 2**y).

    Args:
        x: Integers.
        y: Numbers of bits; the shapes broadcast.

    Example:
        >>> right_shift([12], [2])
        Array([3], dtype=int32)
    """
    x, y = _counted(*promote(x, y))
    return p.shift_right(x, y)


@op
def bitwise_not(x: ArrayLike) -> Tensor:
    """Turn every bit over: of a signed integer -x - 1, of a boolean its opposite.

    Args:
        x: Integers or booleans.

    Example:
        >>> bitwise_not([0, 5])
        Array([-1, -6], dtype=int32)
    """
    return p.bitwise_not(as_tensor(x))


bitwise_invert = bitwise_not
bitwise_left_shift = left_shift
bitwise_right_shift = right_shift


def bitwise_or_logical_and(x: Any, y: Any) -> Tensor:
    """Run the operator `&`: the logical `and` of booleans, the bitwise one of integers."""
    return logical_and(x, y) if _is_bool(x) and _is_bool(y) else bitwise_and(x, y)


def bitwise_or_logical_or(x: Any, y: Any) -> Tensor:
    """Run the operator `|`: the logical `or` of booleans, the bitwise one of integers."""
    return logical_or(x, y) if _is_bool(x) and _is_bool(y) else bitwise_or(x, y)


def bitwise_or_logical_xor(x: Any, y: Any) -> Tensor:
    """Run the operator `^`: the logical `xor` of booleans, the bitwise one of integers."""
    return logical_xor(x, y) if _is_bool(x) and _is_bool(y) else bitwise_xor(x, y)


def bitwise_or_logical_not(x: Any) -> Tensor:
    """Run the operator `~`: the logical `not` of booleans, the bitwise one of integers."""
    return logical_not(x) if _is_bool(x) else bitwise_not(x)


def _is_bool(x: Any) -> bool:
    if hasattr(x, "dtype"):
        return dtype_of(x) == "bool"
    return dtype_of(np.asarray(x)) == "bool"


def as_bool(x: Any) -> Tensor:
    """Return a value as booleans: true is what isn't zero."""
    return to_dtype(as_tensor(x), "bool")


def _counted(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Booleans are counted as int32."""
    return (x, y) if dtype_of(x) != "bool" else (to_dtype(x, "int32"), to_dtype(y, "int32"))
