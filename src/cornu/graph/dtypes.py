"""Names of dtypes: one canonical string each, on every backend."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import ArgumentError, did_you_mean

__all__ = ["bits", "dtype_name", "is_float", "is_integer", "numpy_dtype", "standard_name"]

FLOATS = ("bfloat16", "float16", "float32", "float64")
FLOAT8 = ("float8_e4m3fn", "float8_e5m2")
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
COMPLEX = ("complex64", "complex128")
ALL = ("bool", *UNSIGNED, *SIGNED, *FLOAT8, *FLOATS, *COMPLEX, "string")

_FLOAT_NAMES = frozenset((*FLOATS, *FLOAT8))
_INTEGER_NAMES = frozenset((*SIGNED, *UNSIGNED))
_EXTENDED = frozenset(("bfloat16", *FLOAT8))  # NumPy has them only through ml_dtypes

# Both directions are on the path of every eager op, so they are plain dictionaries.
_NAMES: dict[Any, str] = {}
_NUMPY: dict[str, np.dtype[Any]] = {}


def numpy_dtype(name: str) -> np.dtype[Any]:
    """Return NumPy's dtype for a canonical name.

    Raises:
        ImportError: For bfloat16 and float8 where `ml_dtypes` is not installed.
    """
    found = _NUMPY.get(name)
    if found is None:
        if name in _EXTENDED:
            import ml_dtypes  # optional: 32-bit machines have no wheel of it

            found = np.dtype(getattr(ml_dtypes, name))
        elif name == "string":
            found = np.dtype(object)
        else:
            found = np.dtype(name)
        _NUMPY[name] = found
        _NAMES[found] = name
    return found


def dtype_name(dtype: Any) -> str:
    """Return the canonical name of a NumPy dtype, or of a foreign dtype by its last word."""
    name = _NAMES.get(dtype)
    if name is None:
        if isinstance(dtype, np.dtype):
            name = "string" if dtype.kind in "USOT" else dtype.name
        elif isinstance(dtype, str):
            return dtype
        else:  # torch.float32, jax's scalar types, np.float32
            name = str(dtype).rpartition(".")[2].rstrip("'>")
        _NAMES[dtype] = name
    return name


_PYTHON_TYPES = {"int": "int32", "float": "float32", "bool": "bool", "str": "string"}


def standard_name(dtype: Any) -> str:
    """Return the canonical name for anything a user may pass as a dtype.

    Raises:
        ValueError: If there is no such dtype.
    """
    if any(dtype is t for t in (int, float, bool, str)):  # np.dtype("float64") == float
        name = _PYTHON_TYPES[dtype.__name__]
    else:
        name = dtype_name(dtype)
        name = {"int": "int32", "float": "float32", "str": "string"}.get(name, name)
    if name not in ALL:
        raise ArgumentError(
            f"There is no dtype {dtype!r}.",
            fix=did_you_mean(dtype, ALL) or f"Known are {', '.join(ALL)}.",
        )
    return name


def is_float(name: str) -> bool:
    """Say whether a canonical name is one of a real floating dtype."""
    return name in _FLOAT_NAMES


def is_integer(name: str) -> bool:
    """Say whether a canonical name is one of an integer dtype (bool is none)."""
    return name in _INTEGER_NAMES


def bits(name: str) -> int:
    """Return the width of one element in bits."""
    return numpy_dtype(name).itemsize * 8
