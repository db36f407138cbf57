"""PyTorch tensors in and out: dtypes by canonical name, NumPy arrays, Python scalars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cornu.backends.torch.recording import unrecorded
from cornu.graph.dtypes import ALL, numpy_dtype

__all__ = ["DTYPES", "dtype_of", "operands", "shared", "to_native", "to_numpy"]

DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in ALL if name != "string"}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}

# NumPy knows these only through ml_dtypes, which PyTorch doesn't: the bits travel as integers.
_BITS = {"bfloat16": "int16", "float8_e4m3fn": "int8", "float8_e5m2": "int8"}


def dtype_of(x: Tensor) -> str:
    """Return the canonical name of a tensor's dtype."""
    return _NAMES[x.dtype]


def shared(x: Any) -> Tensor:
    """Return a tensor for reading; it shares the memory of a writable ndarray."""
    if isinstance(x, Tensor):
        return x
    array = np.asarray(x)
    # PyTorch has no read-only tensors, and no negative strides.
    if not array.flags.writeable or any(s < 0 for s in array.strides):
        array = array.copy()
    name = array.dtype.name
    if name in _BITS:
        tensor = torch.from_numpy(array.view(_BITS[name])).view(DTYPES[name])
    else:
        tensor = torch.from_numpy(array)
    return tensor.to(torch.get_default_device())


def to_native(x: Any, dtype: str | None = None) -> Tensor:
    """Return a tensor as it is, anything else as one with memory of its own.

    Args:
        x: Tensor, array, Python scalar or nested lists of those.
        dtype: Canonical name; `None` keeps the one that `x` has (float32 and int32 for Python's).
    """
    if isinstance(x, Tensor):
        return x if dtype is None else x.to(DTYPES[dtype])
    if not isinstance(x, (np.ndarray, np.generic)):
        kind = np.asarray(x).dtype.kind  # Python's numbers have 64 bits there
        x = np.asarray(x, {"f": "float32", "i": "int32"}.get(kind) if dtype is None else None)
    tensor = shared(np.array(x))
    return tensor if dtype is None else tensor.to(DTYPES[dtype])


def to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """Return the values as a NumPy array, without a copy where the tensor lies in main memory."""
    if not isinstance(x, Tensor):
        return np.asarray(x)
    x, name = x.detach().cpu().resolve_conj().resolve_neg(), _NAMES[x.dtype]
    if name in _BITS:
        raw: np.ndarray[Any, Any] = x.view(DTYPES[_BITS[name]]).numpy()
        return raw.view(numpy_dtype(name))
    array: np.ndarray[Any, Any] = x.numpy()
    return array


def operands(args: Sequence[Any]) -> list[Tensor]:
    """Return the operands of one primitive as tensors on one device, for reading only.

    A Python scalar takes the dtype of the first tensor that can hold it: scalars are weak.
    """
    device = next((a.device for a in args if isinstance(a, Tensor) and not a.is_cpu), None)
    found = []
    for a in args:
        if not isinstance(a, Tensor):
            number = isinstance(a, (int, float)) and not isinstance(a, (bool, np.generic))
            array = np.asarray(a, numpy_dtype(_weak_dtype(a, args)) if number else None)
            a = shared(array) if array.ndim else _constant(array.tobytes(), array.dtype)
            a = a if device is None else a.to(device)
        found.append(a)
    return found


@lru_cache(maxsize=1024)
def _constant(value: bytes, dtype: np.dtype[Any]) -> Tensor:
    """Return a scalar that nobody may write: ops meet the same few again and again.

    It lies in main memory, where scalars go together with tensors of every device.
    """
    with torch.device("cpu"), unrecorded():
        return to_native(np.frombuffer(value, dtype).reshape(()))


def _weak_dtype(x: float, peers: Sequence[Any]) -> str:
    for peer in peers:
        if hasattr(peer, "dtype"):
            name = _NAMES[peer.dtype] if isinstance(peer, Tensor) else peer.dtype.name
            if "float" in name or (isinstance(x, int) and name != "bool"):
                return str(name)
    return "int32" if isinstance(x, int) else "float32"
