"""PyTorch tensors in and out: dtypes by canonical name, NumPy arrays, Python scalars."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from cornu.graph.dtypes import ALL, numpy_dtype

__all__ = ["DTYPES", "dtype_of", "is_native", "operands", "to_native", "to_numpy"]

DTYPES: dict[str, torch.dtype] = {name: getattr(torch, name) for name in ALL if name != "string"}
_NAMES = {dtype: name for name, dtype in DTYPES.items()}

# NumPy knows these only through ml_dtypes, which PyTorch doesn't: the bits travel as integers.
_BITS: dict[str, tuple[np.dtype[Any], torch.dtype]] = {
    "bfloat16": (np.dtype("int16"), torch.int16),
    "float8_e4m3fn": (np.dtype("int8"), torch.int8),
    "float8_e5m2": (np.dtype("int8"), torch.int8),
}


def dtype_of(x: torch.Tensor) -> str:
    """Return the canonical name of a tensor's dtype."""
    return _NAMES[x.dtype]


def is_native(x: object) -> bool:
    """Say whether `x` is a PyTorch tensor."""
    return isinstance(x, torch.Tensor)


def to_native(
    x: Any, dtype: str | None = None, device: torch.device | str | None = None
) -> torch.Tensor:
    """Return `x` as a tensor; a writable NumPy array shares its memory where nothing is converted.

    Args:
        x: Tensor, array, Python scalar or nested lists of those.
        dtype: Canonical name; `None` keeps the one that `x` has (float32 and int32 for Python's).
        device: Where to put it; `None` means PyTorch's default device (a tensor stays where it is).
    """
    if x.__class__ is torch.Tensor and dtype is None and device is None:
        tensor: torch.Tensor = x
        return tensor
    if isinstance(x, torch.Tensor):
        return x.to(device=device, dtype=DTYPES[dtype] if dtype else None)
    if not isinstance(x, (np.ndarray, np.generic)):
        x = np.asarray(x, _python_dtype(x) if dtype is None else None)
    array = np.asarray(x)
    if array.ndim == 0 and dtype is None and device is None and not array.flags.writeable:
        return _constant(array.tobytes(), array.dtype)
    # PyTorch has no read-only tensors, and no negative strides.
    if not array.flags.writeable or any(s < 0 for s in array.strides):
        array = array.copy()
    bits = _BITS.get(array.dtype.name)
    if bits is None:
        tensor = torch.from_numpy(array)
    else:
        tensor = torch.from_numpy(array.view(bits[0])).view(DTYPES[array.dtype.name])
    return tensor.to(
        device=device if device is not None else torch.get_default_device(),
        dtype=DTYPES[dtype] if dtype else None,
    )


@lru_cache(maxsize=1024)
def _constant(value: bytes, dtype: np.dtype[Any]) -> torch.Tensor:
    """A scalar that nobody may write: ops meet the same few again and again.

    It lies in main memory, where scalars go together with tensors of every device.
    """
    return to_native(np.frombuffer(value, dtype).copy().reshape(()), device="cpu")


def to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """Return the values as a NumPy array, without a copy where the tensor lies in main memory."""
    if not isinstance(x, torch.Tensor):
        return np.asarray(x)
    x = x.detach().cpu().resolve_conj().resolve_neg()
    bits = _BITS.get(_NAMES[x.dtype])
    if bits is None:
        array: np.ndarray[Any, Any] = x.numpy()
        return array
    raw: np.ndarray[Any, Any] = x.view(bits[1]).numpy()
    return raw.view(numpy_dtype(_NAMES[x.dtype]))


def operands(args: Sequence[Any]) -> list[torch.Tensor]:
    """Return the operands of one primitive as tensors on one device.

    A Python scalar takes the dtype of the first tensor that can hold it: scalars are weak.
    """
    peers = [a for a in args if isinstance(a, torch.Tensor)]
    device = next((p.device for p in peers if p.device.type != "cpu"), None)
    return [
        a if isinstance(a, torch.Tensor) else to_native(a, _scalar_dtype(a, args), device)
        for a in args
    ]


def _scalar_dtype(a: Any, args: Sequence[Any]) -> str | None:
    """The dtype for a Python scalar among `args`; None for what has a dtype of its own."""
    if not isinstance(a, (int, float)) or isinstance(a, (bool, np.generic)):
        return None
    for peer in args:
        if hasattr(peer, "dtype"):
            name = _NAMES[peer.dtype] if isinstance(peer, torch.Tensor) else peer.dtype.name
            if "float" in name or (isinstance(a, int) and name != "bool"):
                return name
    return None


def _python_dtype(x: Any) -> str | None:
    """Python's 64-bit numbers become 32-bit ones, as everywhere in the house."""
    kind = np.asarray(x).dtype.kind
    return {"f": "float32", "i": "int32"}.get(kind)
