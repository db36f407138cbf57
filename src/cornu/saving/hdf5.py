"""Arrays in HDF5 files, in the layout of Keras' `.weights.h5`.

`WeightsFile` is the one reader; what it hands out was checked by `hdf5_scan` first. An object's
arrays stand in the group `vars` below its path, under "0", "1", ... The files of cornu say a
checksum of each array and one of the list of arrays, in attributes which real Keras ignores.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from cornu.errors import FileFormatError, MissingLibraryError
from cornu.graph.dtypes import dtype_name, numpy_dtype
from cornu.saving.hdf5_scan import CHECKSUM, DTYPE, LIST, MARKED, FileLimits, StoredArray, scan
from cornu.saving.values import to_numpy

__all__ = ["Group", "StoredArrays", "WeightsFile", "open_weights", "write_weights"]

_WHERE = "opening an HDF5 file"
_OLD_LAYERS = "_layer_checkpoint_dependencies"  # Keras 2.13 wrote this instead of `layers`


@dataclass
class Group:
    """The arrays of one object, to be written.

    Args:
        path: The object's path; empty for the outermost.
        name: The object's name, which Keras notes beside the arrays; None if it has none.
        arrays: Key -> array or Variable.
    """

    path: str
    name: str | None
    arrays: dict[str, Any] = field(default_factory=dict)


class StoredArrays(Mapping[str, np.ndarray[Any, Any]]):
    """The arrays of one object in a file; each is read when it is asked for."""

    def __init__(self, file: WeightsFile, arrays: Mapping[str, StoredArray]) -> None:
        self._file = file
        self.stored = arrays

    def __getitem__(self, key: str) -> np.ndarray[Any, Any]:
        return self._file.read(self.stored[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.stored)

    def __len__(self) -> int:
        return len(self.stored)

    def __contains__(self, key: object) -> bool:
        return key in self.stored


class WeightsFile:
    """An HDF5 file that was found to be plain and whole."""

    def __init__(
        self, file: Any, arrays: Mapping[str, StoredArray], groups: frozenset[str]
    ) -> None:
        self._file = file
        self.arrays = arrays
        self._groups = groups
        self._by_group: dict[str, dict[str, StoredArray]] = {}
        for path, array in arrays.items():
            group, _, key = path.rpartition("/")
            self._by_group.setdefault(group, {})[key] = array

    def has(self, path: str) -> bool:
        """Tell whether there is a group.

        Args:
            path: Its path.

        Returns:
            True if there is one, even if it is empty.
        """
        return path in self._groups

    def of(self, path: str) -> StoredArrays:
        """Give the arrays of an object.

        Args:
            path: Its path; empty for the outermost.

        Returns:
            Key -> array; empty if the file has none for it.
        """
        group = f"{path}/vars" if path else "vars"
        if group not in self._groups and _OLD_LAYERS in self._groups:
            group = group.replace("layers", _OLD_LAYERS)
        return StoredArrays(self, self._by_group.get(group, {}))

    def read(self, array: StoredArray) -> np.ndarray[Any, Any]:
        """Read an array.

        Args:
            array: One of this file.

        Returns:
            Its values, in the machine's byte order.

        Raises:
            FileFormatError: Its data is damaged or doesn't match its checksum.
        """
        with _damage():
            values = np.asarray(self._file[array.path][()])
        dtype = numpy_dtype(array.dtype)
        if values.dtype.kind == "V":
            values = values.view(dtype)
        values = values.astype(dtype, copy=False).reshape(array.shape)
        if array.checksum is not None and _checksum(values) != array.checksum:
            raise FileFormatError(
                _WHERE,
                f"the array {array.path!r} is damaged: it doesn't match its checksum",
                fix="Restore the file from a copy.",
            )
        return values


@contextmanager
def open_weights(file: BinaryIO, limits: FileLimits | None = None) -> Iterator[WeightsFile]:
    """Open an HDF5 file of weights, unless anything in it is unsafe, unusual or damaged.

    Args:
        file: A binary file that can seek.
        limits: How much it may ask for; by default little more than it stores.

    Yields:
        Its arrays. None has been read yet.

    Raises:
        UnsafeFileError: Something points outside the file, or needs a library to be loaded.
        FileFormatError: It is no HDF5 file, is damaged, or declares more than it stores.
        MissingLibraryError: h5py isn't installed.
    """
    h5 = _h5py()
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    with _damage():
        opened = h5.File(file, "r")
    try:
        with _damage():
            found = scan(h5, opened, file, size, limits or FileLimits())
        if found.listed is not None and found.listed != _list_checksum(found.arrays.values()):
            raise FileFormatError(
                _WHERE, "the file is damaged: its list of arrays doesn't match its checksum"
            )
        yield WeightsFile(opened, found.arrays, frozenset(found.groups))
    finally:
        opened.close()


def write_weights(groups: list[Group]) -> bytes:
    """Write arrays as a file that real Keras reads too.

    Args:
        groups: The arrays of each object.

    Returns:
        The file; equal arrays give equal bytes, whatever the time.
    """
    h5 = _h5py()
    buffer = io.BytesIO()
    written: list[StoredArray] = []
    with h5.File(buffer, "w") as file:
        for group in groups:
            if not group.arrays and group.name is None:
                continue  # as in Keras, an object without a name and arrays leaves no trace
            path = f"{group.path}/vars" if group.path else "vars"
            place = file.create_group(path)
            if group.name is not None:
                place.attrs["name"] = group.name
            written += [_write(place, path, key, value) for key, value in group.arrays.items()]
        file.attrs[LIST] = np.bytes_(_list_checksum(written))
    return buffer.getvalue()


def _write(place: Any, path: str, key: str, value: Any) -> StoredArray:
    values = np.ascontiguousarray(to_numpy(value)).reshape(np.shape(value))
    dtype, checksum = dtype_name(values.dtype), _checksum(values)
    marked = dtype in MARKED
    data = values.view(f"V{values.dtype.itemsize}") if marked else values
    array = place.create_dataset(key, data=data, track_times=False)
    if marked:
        array.attrs[DTYPE] = dtype
    array.attrs[CHECKSUM] = np.bytes_(checksum)
    return StoredArray(f"{path}/{key}", values.shape, dtype, checksum)


def _checksum(values: np.ndarray[Any, Any]) -> str:
    """Of dtype, shape and values, so that no other reading of the same bytes passes."""
    name = dtype_name(values.dtype)
    digest = hashlib.sha256(f"{name}{list(values.shape)}".encode())
    # A dtype of ml_dtypes knows no buffer protocol, bytes do; little-endian on every machine.
    plain = values.view(f"u{values.dtype.itemsize}") if name in MARKED else values
    digest.update(np.ascontiguousarray(plain, plain.dtype.newbyteorder("<")).reshape(-1).data)
    return digest.hexdigest()[:32]


def _list_checksum(arrays: Any) -> str:
    lines = sorted(f"{a.path} {a.dtype} {list(a.shape)} {a.checksum}" for a in arrays)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


@contextmanager
def _damage() -> Iterator[None]:
    """Whatever libhdf5 finds wrong with a file is one kind of error."""
    try:
        yield
    except FileFormatError:
        raise
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise FileFormatError(
            _WHERE,
            f"the file can't be read: {error}",
            fix="Take it from where it came from once more: it was cut or changed on the way.",
        ) from None


def _h5py() -> Any:
    try:
        import h5py  # optional: there are machines without a wheel of it
    except ImportError as error:
        raise MissingLibraryError(
            "saving", "files of weights need h5py", fix="pip install h5py"
        ) from error
    return h5py
