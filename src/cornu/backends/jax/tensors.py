"""JAX arrays in and out: dtypes by canonical name, NumPy arrays, Python scalars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from cornu.graph.dtypes import numpy_dtype

__all__ = ["is_concrete", "native_dtype", "operands", "to_native", "to_numpy"]

_OF_PYTHON = {"f": "float32", "i": "int32"}

_HALVED = {
    "float64": "float32",
    "complex128": "complex64",
    "int64": "int32",
    "uint64": "uint32",
}


def native_dtype(name: str) -> np.dtype[Any]:
    """Return the dtype that JAX uses for a canonical name: 32 bits for 64 unless x64 is enabled."""
    return _dtype(name, bool(jax.config.jax_enable_x64))


@cache
def _dtype(name: str, x64: bool) -> np.dtype[Any]:
    dtype = numpy_dtype(name)
    return dtype if x64 else np.dtype(_HALVED.get(name, dtype))  # JAX would warn about each


def is_concrete(x: Any) -> bool:
    """Say whether the values of `x` are known: of a tracer only outside of `jit`."""
    return not isinstance(x, jax.core.Tracer) or x.to_concrete_value() is not None


def to_native(x: Any, dtype: str | None = None) -> jax.Array:
    """Return `x` as a JAX array.

    Args:
        x: Array, Python scalar or nested lists of those.
        dtype: Canonical name; `None` keeps the one that `x` has (float32 and int32 for Python's).
    """
    if isinstance(x, jax.Array):
        if dtype is None and not x.aval.weak_type:
            return x
        # Nothing of ours may stay weakly typed: JAX would promote it by rules of its own.
        return jnp.asarray(x, native_dtype(dtype or x.dtype.name))
    if dtype is None:
        own = np.asarray(x).dtype
        dtype = own.name if hasattr(x, "dtype") else _OF_PYTHON.get(own.kind, own.name)
    native = native_dtype(dtype)
    if isinstance(x, (np.ndarray, np.generic, int, float)):
        with np.errstate(all="ignore"):  # JAX would compile the cast, once for each shape
            x = np.asarray(x, native)
    return jnp.asarray(x, native)


def to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """Return a writable copy as an ndarray."""
    return np.array(x)


def operands(args: Sequence[Any]) -> list[jax.Array]:
    """Return the operands of one primitive as JAX arrays.

    A Python scalar takes the dtype of the first array that can hold it: scalars are weak.
    """
    return [a if isinstance(a, jax.Array) else to_native(a, _scalar_dtype(a, args)) for a in args]


def _scalar_dtype(a: Any, args: Sequence[Any]) -> str | None:
    """The dtype for a Python scalar among `args`; None for what has a dtype of its own."""
    if not isinstance(a, (int, float)) or isinstance(a, (bool, np.generic)):
        return None
    for peer in args:
        if hasattr(peer, "dtype"):
            name = str(peer.dtype.name)
            if "float" in name or (isinstance(a, int) and name != "bool"):
                return name
    return None
