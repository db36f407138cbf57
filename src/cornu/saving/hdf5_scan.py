"""What an HDF5 file contains, found without reading an array; refused unless all of it is plain.

A file of this format can point outside itself in four ways, declare petabytes in a kilobyte and
name compression libraries to be loaded. So the whole tree is looked at first, through h5py's
low-level interface, and only hard links, inline data of plain numbers and three filters pass.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

import numpy as np

from cornu.errors import FileFormatError, UnsafeFileError
from cornu.graph.dtypes import dtype_name, numpy_dtype
from cornu.saving.hdf5_heap import check_heaps

__all__ = ["CHECKSUM", "FileLimits", "StoredArray", "scan"]

CHECKSUM = "cornu_sha256"  # attribute of an array; real Keras passes over it
LIST = "cornu_arrays"  # attribute of the file: checksum of the list of arrays
DTYPE = "dtype"  # attribute by which Keras marks bfloat16, which HDF5 doesn't know

_WHERE = "opening an HDF5 file"
_SHUFFLE, _DEFLATE, _FLETCHER = 2, 1, 3
_LARGEST_ATTRIBUTE = 1 << 16  # bytes; libhdf5 writes no larger ones by default
MARKED = ("bfloat16", "float8_e4m3fn", "float8_e5m2")  # HDF5 sees opaque bytes


@dataclass(frozen=True)
class FileLimits:
    """How much an HDF5 file may ask for.

    Args:
        objects: Number of groups and arrays.
        depth: Groups inside groups.
        expansion: Bytes that all arrays may have together, per byte of the file.
        free_bytes: Bytes that they may have on top of that.
    """

    objects: int = 1_000_000
    depth: int = 64
    expansion: float = 2.0
    free_bytes: int = 32 << 20


@dataclass(frozen=True)
class StoredArray:
    """An array in a file, known before any of it is read.

    Args:
        path: Its full path.
        shape: Its shape.
        dtype: Canonical name of its dtype.
        checksum: What the file says about its content; None if it says nothing.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    checksum: str | None


@dataclass
class _Scan:
    h5: Any  # the module h5py
    size: int
    limits: FileLimits
    arrays: dict[str, StoredArray] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    addresses: set[Any] = field(default_factory=set)
    stored: list[tuple[int, int, str]] = field(default_factory=list)  # offset, length, path
    declared: int = 0
    marked: list[tuple[StoredArray, Any]] = field(default_factory=list)  # dtype to be found yet
    listed: str | None = None  # what the file says about its list of arrays


def scan(h5: Any, file: Any, raw: BinaryIO, size: int, limits: FileLimits) -> _Scan:
    """Look at every group, link and array of a file.

    Args:
        h5: The module h5py.
        file: An open `h5py.File`.
        raw: The binary file it reads from.
        size: Bytes of the file.
        limits: How much it may ask for.

    Returns:
        Its arrays and groups by path.

    Raises:
        UnsafeFileError: Something points outside the file.
        FileFormatError: Something is damaged, of an unusual kind, or out of proportion.
    """
    state = _Scan(h5, size, limits)
    if tuple(file.id.get_create_plist().get_sizes()) != (8, 8):
        raise FileFormatError(_WHERE, "its offsets haven't the usual 8 bytes")
    root = h5.h5g.open(file.id, b"/")
    _group(state, root, "", 0)
    _check_overlap(state)
    if state.marked:
        check_heaps(raw, size, [(offset, length) for offset, length, _ in sorted(state.stored)])
        for array, identifier in state.marked:
            _find_marked(state, array, identifier)
    state.listed = _text_attribute(state, root, LIST, "/")
    allowed = int(limits.expansion * size) + limits.free_bytes
    if state.declared > allowed:
        raise FileFormatError(
            _WHERE, f"its arrays declare {state.declared} bytes, and {size} bytes are stored"
        )
    return state


def _group(state: _Scan, group: Any, path: str, depth: int) -> None:
    _visit(state, group, path or "/")
    if depth > state.limits.depth:
        raise FileFormatError(_WHERE, f"groups are nested deeper than {depth - 1}, at {path!r}")
    state.groups.add(path)
    links = group.links
    for raw in sorted(group):
        name = _name(raw, path)
        child = f"{path}/{name}" if path else name
        kind = links.get_info(raw).type
        if kind != state.h5.h5l.TYPE_HARD:
            names = {state.h5.h5l.TYPE_SOFT: "soft", state.h5.h5l.TYPE_EXTERNAL: "external"}
            raise UnsafeFileError(
                _WHERE,
                f"{child!r} is a {names.get(kind, 'user-defined')} link, which isn't allowed",
            )
        if child in state.groups or child in state.arrays:
            raise FileFormatError(_WHERE, f"two objects have the path {child!r}")
        of = state.h5.h5o.get_info(group, raw).type
        if of == state.h5.h5o.TYPE_GROUP:
            _group(state, state.h5.h5g.open(group, raw), child, depth + 1)
        elif of == state.h5.h5o.TYPE_DATASET:
            _array(state, state.h5.h5d.open(group, raw), child)
        else:
            raise FileFormatError(_WHERE, f"{child!r} is neither a group nor an array")


def _name(raw: bytes, path: str) -> str:
    try:
        name = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise FileFormatError(_WHERE, f"a name in {path or '/'!r} is no UTF-8") from None
    if "/" in name or name in ("", ".", "..") or "\0" in name:
        raise FileFormatError(_WHERE, f"the name {name!r} in {path or '/'!r} isn't allowed")
    return name


def _visit(state: _Scan, obj: Any, path: str) -> None:
    """Each object may be reached once: no cycles, no second names; its attributes must be small."""
    info = state.h5.h5o.get_info(obj)
    address = (info.fileno, info.addr)
    if address in state.addresses:
        raise FileFormatError(
            _WHERE, f"{path!r} is a second way to an object that has a path already"
        )
    state.addresses.add(address)
    if len(state.addresses) > state.limits.objects:
        raise FileFormatError(_WHERE, f"it has more than {state.limits.objects} objects")
    for index in range(state.h5.h5a.get_num_attrs(obj)):
        attribute = state.h5.h5a.open(obj, index=index)
        if attribute.get_storage_size() > _LARGEST_ATTRIBUTE:
            raise FileFormatError(_WHERE, f"an attribute of {path!r} is larger than 64 KiB")


def _array(state: _Scan, array: Any, path: str) -> None:
    h5d, plist = state.h5.h5d, array.get_create_plist()
    layout = plist.get_layout()
    # These come first: asking a virtual array for its shape already opens other files.
    if layout == h5d.VIRTUAL:
        raise UnsafeFileError(_WHERE, f"{path!r} is a virtual array, whose data is in other files")
    if plist.get_external_count():
        raise UnsafeFileError(_WHERE, f"the data of {path!r} is in other files")
    filters = [plist.get_filter(index)[0] for index in range(plist.get_nfilters())]
    if filters != [known for known in (_SHUFFLE, _DEFLATE, _FLETCHER) if known in filters]:
        raise UnsafeFileError(
            _WHERE, f"{path!r} needs a filter other than shuffle, deflate and fletcher32"
        )
    _visit(state, array, path)
    dtype = _dtype(state, array, path)  # empty where an attribute tells it
    space = array.get_space()
    if space.get_simple_extent_type() not in (state.h5.h5s.SCALAR, state.h5.h5s.SIMPLE):
        raise FileFormatError(_WHERE, f"{path!r} has no shape")
    shape = tuple(int(size) for size in space.get_simple_extent_dims())
    count = math.prod(shape)
    declared = count * array.get_type().get_size()
    state.declared += declared
    if layout == h5d.CHUNKED:
        _check_chunks(state, array, path, shape, plist.get_chunk(), filters)
    elif array.get_storage_size() != declared or filters:
        raise FileFormatError(
            _WHERE,
            f"{path!r} declares {declared} bytes and stores {array.get_storage_size()}",
        )
    elif layout == h5d.CONTIGUOUS and declared:
        state.stored.append((array.get_offset(), declared, path))
    checksum = _text_attribute(state, array, CHECKSUM, path)
    state.arrays[path] = StoredArray(path, shape, dtype, checksum)
    if not dtype:
        state.marked.append((state.arrays[path], array))


def _dtype(state: _Scan, array: Any, path: str) -> str:
    kind, h5t = array.get_type(), state.h5.h5t
    if kind.get_class() in (h5t.INTEGER, h5t.FLOAT, h5t.ENUM, h5t.COMPOUND, h5t.OPAQUE):
        dtype = np.dtype(kind.dtype)
        if dtype.kind in "biufc" and dtype.fields is None:
            name = dtype_name(dtype.newbyteorder("="))
            if name in _PLAIN:
                return name
        if dtype.kind == "V" and dtype.fields is None:
            return ""
    raise FileFormatError(_WHERE, f"{path!r} holds something else than plain numbers")


_PLAIN = frozenset(
    (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
)


def _find_marked(state: _Scan, array: StoredArray, identifier: Any) -> None:
    """Find the dtype of opaque bytes: Keras notes it in an attribute."""
    name = _text_attribute(state, identifier, DTYPE, array.path, variable=True)
    width = identifier.get_type().get_size()
    if name not in MARKED or numpy_dtype(name).itemsize != width:
        raise FileFormatError(_WHERE, f"{array.path!r} holds something else than plain numbers")
    state.arrays[array.path] = replace(array, dtype=name)


def _text_attribute(
    state: _Scan, obj: Any, name: str, path: str, variable: bool = False
) -> str | None:
    """A short text, whose size has been looked at by `_visit`; of variable length on request."""
    raw = name.encode()
    if not state.h5.h5a.exists(obj, raw):
        return None
    attribute = state.h5.h5a.open(obj, raw)
    kind = attribute.get_type()
    scalar = attribute.get_space().get_simple_extent_type() == state.h5.h5s.SCALAR
    is_text = kind.get_class() == state.h5.h5t.STRING
    if not scalar or not is_text or (kind.is_variable_str() and not variable):
        raise FileFormatError(_WHERE, f"the attribute {name!r} of {path!r} must be a short text")
    dtype = np.dtype(object) if kind.is_variable_str() else np.dtype(f"S{kind.get_size()}")
    value = np.empty((), dtype)
    attribute.read(value)
    text = value.item()
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _check_chunks(
    state: _Scan, array: Any, path: str, shape: tuple[int, ...], chunk: Any, filters: list[int]
) -> None:
    """Every chunk must be stored, and hold as much as it declares, no more."""
    expected = math.prod(-(-size // step) for size, step in zip(shape, chunk, strict=True))
    chunk_bytes = math.prod(chunk) * array.get_type().get_size()
    declared = math.prod(shape) * array.get_type().get_size()
    if expected * chunk_bytes > 4 * declared + (1 << 20):
        raise FileFormatError(_WHERE, f"the chunks of {path!r} are larger than the array")
    if array.get_num_chunks() != expected:
        raise FileFormatError(_WHERE, f"{path!r} declares more than it stores")
    for index in range(expected):
        info = array.get_chunk_info(index)
        state.stored.append((info.byte_offset, info.size, path))
        if info.filter_mask or info.size > 2 * chunk_bytes + 64:
            raise FileFormatError(_WHERE, f"a chunk of {path!r} is stored in an unusual way")
        if _DEFLATE in filters:
            _, data = array.read_direct_chunk(info.chunk_offset)
            _check_inflated(data[:-4] if _FLETCHER in filters else data, chunk_bytes, path)
        elif info.size != chunk_bytes + 4 * (_FLETCHER in filters):
            raise FileFormatError(_WHERE, f"a chunk of {path!r} has another size than it declares")


def _check_inflated(data: bytes, expected: int, path: str) -> None:
    # libhdf5 inflates whatever is there and looks at the size afterwards
    inflater = zlib.decompressobj()
    try:
        size = len(inflater.decompress(data, expected + 1))
    except zlib.error as error:
        raise FileFormatError(_WHERE, f"a chunk of {path!r} is damaged: {error}") from None
    if size != expected or not inflater.eof:
        raise FileFormatError(_WHERE, f"a chunk of {path!r} inflates to another size than declared")


def _check_overlap(state: _Scan) -> None:
    end, before = 0, ""
    for offset, length, path in sorted(state.stored):
        if offset is None or offset < end or offset + length > state.size:
            raise FileFormatError(
                _WHERE, f"the data of {path!r} overlaps {before!r} or lies outside of the file"
            )
        end, before = offset + length, path
