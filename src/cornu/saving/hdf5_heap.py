"""The global heap of an HDF5 file, where texts of variable length stand, checked before use.

libhdf5 follows the lengths in a heap without looking whether they lead anywhere: a damaged one
keeps it busy for ever. Keras marks bfloat16 arrays by such a text, so some heaps must be read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cornu.errors import FileFormatError

__all__ = ["check_heaps"]

_SIGNATURE = b"GCOL"
_HEADER = struct.Struct("<4sB3xQ")
_OBJECT = struct.Struct("<HHLQ")
_WHERE = "opening an HDF5 file"


def check_heaps(file: BinaryIO, size: int, data: Iterable[tuple[int, int]]) -> None:
    """Refuse a file with a global heap that isn't whole.

    Args:
        file: A binary file that can seek, whose offsets and lengths have 8 bytes.
        size: Its size in bytes.
        data: Offset and length of each block of array data, sorted: no heap is there.

    Raises:
        FileFormatError: A heap is damaged.
    """
    for start, end in _gaps(size, data):
        file.seek(start)
        block = file.read(end - start)
        position = block.find(_SIGNATURE)
        while position >= 0:
            if not _is_whole(block, position):
                raise FileFormatError(_WHERE, "the heap of its texts is damaged")
            position = block.find(_SIGNATURE, position + 1)


def _gaps(size: int, data: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    before = 0
    for offset, length in data:
        if offset > before:
            yield before, offset
        before = max(before, offset + length)
    if size > before:
        yield before, size


def _is_whole(block: bytes, start: int) -> bool:
    if start + _HEADER.size > len(block):
        return False
    _, version, size = _HEADER.unpack_from(block, start)
    if version != 1 or size < _HEADER.size or start + size > len(block):
        return False
    position, end = start + _HEADER.size, start + size
    while end - position >= _OBJECT.size:
        index, _, _, length = _OBJECT.unpack_from(block, position)
        # the last entry is the free space, which counts its own header
        step = length if index == 0 else _OBJECT.size + -(-length // 8) * 8
        if step < _OBJECT.size or position + step > end:
            return False
        position += step
    return True
