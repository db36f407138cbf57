"""Computing narrow floats (float16, bfloat16, float8) in float32 and rounding once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from cornu.primitives.rules import NDArray

__all__ = ["in_float32", "is_narrow", "wide"]


def is_narrow(dtype: np.dtype[Any]) -> bool:
    """Say whether a dtype is a float of less than 32 bits (ml_dtypes' have the kind `V`)."""
    return dtype.itemsize < 4 and dtype.kind in "fV"


def wide(x: NDArray) -> NDArray:
    """Return narrow floats as float32, anything else as it is."""
    return x.astype(np.float32) if is_narrow(x.dtype) else x


def in_float32(reference: Callable[..., Any]) -> Callable[..., Any]:
    """Make a NumPy reference compute narrow floats in float32 and round its result once.

    The result of `reference` has the dtype of its first operand, and all operands have that one.
    """

    @wraps(reference)
    def computed(x: NDArray, *others: NDArray, out: NDArray | None = None, **attrs: Any) -> Any:
        if not is_narrow(x.dtype):
            if out is None:
                return reference(x, *others, **attrs)
            return reference(x, *others, out=out, **attrs)
        y = reference(wide(x), *(wide(o) for o in others), **attrs)
        if out is None:
            return y.astype(x.dtype)
        out[...] = y  # casts, rounding to even
        return out

    return computed
