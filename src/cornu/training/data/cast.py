"""The dtype in which a batch is handed to a model."""

from __future__ import annotations

from typing import Any

import numpy as np

from cornu.errors import ArgumentError, DtypeError
from cornu.graph.dtypes import dtype_name, is_float, numpy_dtype
from cornu.settings import floatx

__all__ = ["batch_dtype", "cast_batch"]

_NARROWED = {"int64": "int32", "uint64": "uint32", "complex128": "complex64"}


def batch_dtype(dtype: Any) -> str:
    """Say in which dtype data of a given dtype reaches the model.

    Args:
        dtype: A NumPy dtype, or its name.

    Returns:
        `floatx()` for every float, 32 bits for 64-bit integers, `"string"` for text and objects,
        else the dtype itself.

    Example:
        >>> batch_dtype("float64"), batch_dtype("int64"), batch_dtype("uint8")
        ('float32', 'int32', 'uint8')
    """
    name = dtype_name(dtype)
    if is_float(name):
        return floatx()
    return _NARROWED.get(name, name)


def cast_batch(x: np.ndarray[Any, Any], name: str = "x") -> np.ndarray[Any, Any]:
    """Cast an array to the dtype of batches; itself where that is its dtype already.

    Args:
        x: Part of the user's data.
        name: What the user calls it, for messages.

    Returns:
        An array that may share memory with `x`.

    Raises:
        ArgumentError: A 64-bit integer is beyond 32 bits: it would wrap around.
        DtypeError: The dtype isn't one of numbers or text (dates, records).
    """
    if x.dtype.kind == "O":
        return _from_objects(x, name)
    if x.dtype.kind in "mMV" and not is_float(dtype_name(x.dtype)):  # ml_dtypes are of kind V
        raise DtypeError(
            "fit",
            f"`{name}` must hold numbers or text",
            fix="Make numbers of it first.",
            received=x,
        )
    if x.dtype.kind in "SU":
        return x
    target = numpy_dtype(batch_dtype(x.dtype))
    if x.dtype == target:
        return x
    if target.kind not in "iu":
        return x.astype(target)
    narrow = x.astype(target)
    if not np.array_equal(narrow, x):
        raise ArgumentError(
            "fit",
            f"`{name}` holds {x.dtype} values beyond {target}, in which integers reach the model",
            fix=f'Cast it first, for instance to a float: `{name}.astype("float32")`.',
            received=x,
        )
    return narrow


def _from_objects(x: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
    """Frames of several dtypes arrive as objects: numbers become an array, text stays."""
    flat = x.ravel().tolist()
    if all(isinstance(item, (str, bytes)) for item in flat):
        return x
    if all(isinstance(item, (bool, int, float, np.generic)) for item in flat):
        return cast_batch(np.asarray(x.tolist()), name)
    other = next(i for i in flat if not isinstance(i, (bool, int, float, np.generic)))
    raise DtypeError(
        "fit",
        f"`{name}` is an array of objects that are neither all numbers nor all text; "
        f"one is of class {type(other).__name__}",
        fix="Samples of different lengths must be padded to one length first "
        "(`keras.utils.pad_sequences`); missing values need a number such as NaN.",
        received=x,
    )
