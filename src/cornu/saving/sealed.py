"""A checksum of a whole file at its end, behind what HDF5 calls the end of the file.

libhdf5 and so real Keras never look there. cornu does, before libhdf5 sees the first byte: a
damaged file can otherwise keep libhdf5 busy for ever. Files without the seal are read as well.
"""

from __future__ import annotations

import hashlib
import io
from typing import BinaryIO

from cornu.errors import FileFormatError

__all__ = ["check_seal", "sealed"]

_MAGIC = b"\ncornu-sha256 "
_LENGTH = len(_MAGIC) + 64
_BLOCK = 1 << 20


def sealed(data: bytes) -> bytes:
    """Append the checksum.

    Args:
        data: The file.

    Returns:
        The file with its seal.
    """
    return data + _MAGIC + hashlib.sha256(data).hexdigest().encode()


def check_seal(file: BinaryIO, where: str) -> bool:
    """Compare a file with its seal, if it has one.

    Args:
        file: A binary file that can seek; afterwards at its start.
        where: Its name, for the message.

    Returns:
        Whether it has one.

    Raises:
        FileFormatError: They don't agree.

    Example:
        >>> check_seal(io.BytesIO(sealed(b"weights")), "a.weights.h5")
        True
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(size - _LENGTH, 0))
    seal = file.read(_LENGTH)
    file.seek(0)
    if not seal.startswith(_MAGIC):
        return False
    digest, left = hashlib.sha256(), size - _LENGTH
    while left:
        block = file.read(min(_BLOCK, left))
        if not block:
            break
        digest.update(block)
        left -= len(block)
    file.seek(0)
    if digest.hexdigest().encode() != seal[len(_MAGIC) :]:
        raise FileFormatError(
            where,
            "the file is damaged: it doesn't match its checksum",
            fix="Restore it from a copy.",
        )
    return True
