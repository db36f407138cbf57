"""Write JSON and npz files whose bytes depend on nothing but their content."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip archive can say
_FLOATS = ("bfloat16", "float8_e4m3fn", "float8_e5m2")


def plain(array: Any) -> NDArray[Any]:
    """Return a plain ndarray; dtypes unknown to npz files become float32, which holds them all."""
    values = np.asarray(array)
    return values.astype("float32") if values.dtype.name in _FLOATS else values


def npz_bytes(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the bytes of a compressed npz file, members sorted and without times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, arrays[name], allow_pickle=False)
            archive.writestr(_member(f"{name}.npy"), member.getvalue())
    return buffer.getvalue()


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """Return the bytes of an uncompressed zip archive, members in their order, without times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = _member(name)
            info.compress_type = zipfile.ZIP_STORED
            archive.writestr(info, content)
    return buffer.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same on every system
    info.external_attr = 0o644 << 16
    return info


def json_text(tables: Mapping[str, Any]) -> str:
    """Return JSON with one line per row of each table, so that a change reads as one line."""
    parts = []
    for key, value in tables.items():
        if isinstance(value, Mapping):
            rows = ",\n".join(f"  {json.dumps(k)}: {_line(v)}" for k, v in value.items())
            parts.append(f" {json.dumps(key)}: {{\n{rows}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {_line(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, separators=(", ", ": "), default=_jsonable)


def _jsonable(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"No JSON for {type(value).__name__}: {value!r}")


def write(path: Path, content: bytes | str) -> None:
    """Write a file; its folder is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
