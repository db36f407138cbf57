"""Which dtype a result has: Keras' lattice, and the rules for Python scalars and plain data."""

from __future__ import annotations

import functools
from typing import Any

from cornu import settings
from cornu.errors import DtypeError
from cornu.graph.dtypes import ALL, is_float, standard_name

__all__ = ["inexact", "join", "result_type"]

# Each dtype and those it may widen to, one step up. "int" and "float" are Python's, which are weak.
# Kaufmann and others, "Type promotion in JAX" has the picture; Keras documents the same lattice.
_WIDER = {
    "bool": ("int",),
    "uint8": ("int16", "uint16"),
    "uint16": ("int32", "uint32"),
    "uint32": ("int64", "uint64"),
    "uint64": ("float",),
    "int": ("uint8", "int8"),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": ("float",),
    "float": ("float8_e4m3fn", "float8_e5m2", "bfloat16", "float16"),
    "float8_e4m3fn": (),
    "float8_e5m2": (),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    "complex64": ("complex128",),
    "complex128": (),
}
_NARROWER = {"int64": "int32", "uint64": "uint32", "float64": "float32", "complex128": "complex64"}


@functools.cache
def _above(name: str) -> frozenset[str]:
    """Return the dtype and all that it may widen to."""
    return frozenset((name,)).union(*(_above(n) for n in _WIDER[name]))


@functools.cache
def join(a: str, b: str) -> str:
    """Return the least dtype that both may widen to; "int" and "float" are weak.

    Raises:
        DtypeError: If there is none (float8 with another float).
    """
    if a == b:
        return a
    if a not in _WIDER or b not in _WIDER:
        raise DtypeError("promotion", f"{a} and {b} don't go together", fix="Cast one of them.")
    common = _above(a) & _above(b)
    least = [c for c in common if common <= _above(c)]
    if len(least) != 1:
        raise DtypeError("promotion", f"{a} and {b} have no common dtype", fix="Cast one of them.")
    found = least[0]
    if found in _NARROWER and found not in (a, b):
        # 64 bits only if an operand has them: int32 with uint32 is int32, as Keras squeezes it.
        found = _NARROWER[found]
    return found


@functools.cache
def _settled(name: str, floatx: str) -> str:
    return {"int": "int32", "float": floatx}.get(name, name)


def result_type(*dtypes: Any) -> str:
    """Return the dtype of a computation on values of these dtypes, by Keras' table.

    Python's `int` and `float`, or None for `floatx`, may be among them.

    Args:
        *dtypes: Names, NumPy dtypes or Python types.

    Returns:
        The name of the result's dtype; 64 bits are squeezed to 32, as Keras does.

    Example:
        >>> result_type("int32", "bfloat16"), result_type("int32", float)
        ('bfloat16', 'float32')
    """
    if not dtypes:
        return settings.floatx()
    names = []
    for d in dtypes:
        if d is int or d == "int":
            names.append("int")
        elif d is float or d == "float":
            names.append("float")
        elif d is None:
            names.append(settings.floatx())
        else:
            names.append(standard_name(d))
    found = _settled(functools.reduce(join, names), settings.floatx())
    return _NARROWER.get(found, found)


def inexact(name: str) -> str:
    """Return the floating dtype in which an operation on `name` computes: `floatx` for integers."""
    if is_float(name) or name in ("float", "complex64", "complex128"):
        return name
    if name not in ALL and name != "int":
        raise DtypeError("promotion", f"{name} is no dtype to compute with")
    return settings.floatx()
