"""Record tables of facts: type promotion, skip lists of the saving walk."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common import dtypes
from keras.src.saving import saving_lib

from tests.oracle.recording.real import keras, reset

_SCALARS = {"int": int, "float": float}
_KINDS = (
    "Operation",
    "Layer",
    "Functional",
    "Sequential",
    "Metric",
    "Optimizer",
    "Loss",
    "Cross",
    "Feature",
)


def promotion() -> dict[str, Any]:
    """Return the result type of every pair; `null` where Keras refuses.

    `pairs` is what `result_type` answers on JAX (64 bits become 32), `lattice` the same before that
    last step. Python scalars are written `int` and `float`; a Python bool is the dtype `bool`.
    """
    names = [n for n in dtypes.ALLOWED_DTYPES if n != "string"] + list(_SCALARS)
    squeeze = dict(dtypes.BIT64_TO_BIT32_DTYPE)
    pairs = _pairs(names)
    dtypes.BIT64_TO_BIT32_DTYPE.clear()
    try:
        lattice = _pairs(names)
    finally:
        dtypes.BIT64_TO_BIT32_DTYPE.update(squeeze)
    return {
        "names": names,
        "squeeze": squeeze,
        "empty": keras.backend.result_type(),
        "python_bool": keras.backend.result_type(bool),
        "pairs": pairs,
        "lattice": lattice,
    }


def _pairs(names: list[str]) -> dict[str, dict[str, str | None]]:
    return {a: {b: _result(a, b) for b in names} for a in names}


def _result(*names: str) -> str | None:
    try:
        return keras.backend.result_type(*(_SCALARS.get(n, n) for n in names))
    except ValueError:
        return None


def skiplists() -> dict[str, Any]:
    """Return, for each kind of object, the attributes that the saving walk passes over."""
    reset()
    return {kind: sorted(saving_lib.get_attr_skipset(kind)) for kind in _KINDS}
