"""Zip archives: opened only if every reader must see the same members, written with equal bytes.

`open_archive` reads the structure itself and compares it with what `zipfile` sees; members are then
read by `zipfile`, each once and with its length and checksum verified.
"""

from __future__ import annotations

import errno
import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from cornu.errors import FileFormatError

__all__ = ["Archive", "ArchiveLimits", "check_member_name", "open_archive", "write_archive"]

_WHERE = "opening an archive"
_AGAIN = "Take the file from where it came from once more: it was cut or changed on the way."
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DESCRIPTOR = 0x8  # sizes and checksum follow the data
_DESCRIPTOR_SIZES: tuple[int, ...] = (0, 12, 16, 20, 24)
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold, so that equal content is equal bytes
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10)))
)


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may ask for.

    Args:
        members: Number of members.
        expansion: Bytes that all members may have together, per byte of the archive.
        free_bytes: Bytes that they may have on top of that.
    """

    members: int = 100_000
    expansion: float = 2.0
    free_bytes: int = 32 << 20


class Archive:
    """The members of an archive that was found to be unambiguous."""

    def __init__(self, reader: zipfile.ZipFile) -> None:
        self._reader = reader
        self._members = {info.filename: info for info in reader.infolist() if not info.is_dir()}

    @property
    def names(self) -> list[str]:
        """Names of all files in it, in the order of the archive."""
        return list(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Read a member whole.

        Args:
            name: Its name.

        Returns:
            Its bytes; their length and checksum are those which the archive declares.

        Raises:
            FileFormatError: There is no such member, or it is damaged.
        """
        info = self._members.get(name)
        if info is None:
            raise FileFormatError(_WHERE, f"it has no member {name!r}", members=self.names)
        try:
            with self._reader.open(info) as member:
                data = member.read(info.file_size + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise FileFormatError(
                _WHERE, f"the member {name!r} is damaged: {error}", fix=_AGAIN
            ) from None
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise FileFormatError(_WHERE, f"the member {name!r} is damaged", fix=_AGAIN)
        return data


@contextmanager
def open_archive(file: BinaryIO, limits: ArchiveLimits | None = None) -> Iterator[Archive]:
    """Open a zip archive, unless anything in it is ambiguous, hidden or out of proportion.

    Args:
        file: A binary file that can seek; it is read from its start to its end.
        limits: How much it may ask for; by default little more than it stores.

    Yields:
        Its members.

    Raises:
        FileFormatError: It is no archive; two members have one name (also up to case or Unicode
            form); headers disagree or members overlap; something stands before, between or after
            them; a name leaves the folder; a member is a link, encrypted, compressed by another
            method than deflate, or declares too many bytes.
    """
    with _checked(file, limits or ArchiveLimits()) as reader:
        yield Archive(reader)


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """Write an archive of uncompressed members.

    Args:
        members: Name -> content, in the order of the archive.

    Returns:
        The archive; equal members give equal bytes, whatever the time.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as writer:
        for name, content in members.items():
            check_member_name(name)
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 3  # the same on every system
            info.external_attr = 0o600 << 16
            writer.writestr(info, content)
    return buffer.getvalue()


def check_member_name(name: str) -> None:
    """Refuse a member's name that could mean a place outside the archive's folder.

    Args:
        name: The name, `/` between folders.

    Raises:
        FileFormatError: It is absolute, goes up, names a drive, a stream or a device, or has
            characters that some system reads in another way.

    Example:
        >>> check_member_name("assets/layers/text_vectorization/vocabulary.txt")
    """
    reason = ""
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or "\\" in name:
        reason = "is absolute or uses backslashes"
    elif ".." in parts or "." in parts or "" in parts:
        reason = "leaves its folder or has empty parts"
    elif any(character in name for character in ':*?"<>|') or not name.isprintable():
        reason = "has characters that mean something else to some systems"
    elif any(part[-1] in ". " or part.split(".")[0].casefold() in _DEVICES for part in parts):
        reason = "names a device or ends in a way that some systems drop"
    if reason:
        raise FileFormatError(_WHERE, f"the member {name!r} {reason}")


def _checked(file: BinaryIO, limits: ArchiveLimits) -> zipfile.ZipFile:
    try:
        reader = zipfile.ZipFile(file)
        size = file.seek(0, io.SEEK_END)
        _check_end(file, size, reader)
        _check_names(reader)
        for info in reader.infolist():
            _check_member(info)
        _check_layout(file, reader)
        _check_sizes(reader, size, limits)
    except FileFormatError:
        raise
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno in (errno.EIO, errno.EACCES):
            raise  # the disk, not the archive
        raise FileFormatError(
            _WHERE, f"this is no zip archive, or only a part of one: {error}", fix=_AGAIN
        ) from None
    return reader


def _check_end(file: BinaryIO, size: int, reader: zipfile.ZipFile) -> None:
    """The directory must end exactly where the file does, and be the one `zipfile` reads."""
    file.seek(max(size - _END.size, 0))
    raw = file.read(_END.size)
    if len(raw) < _END.size or not raw.startswith(b"PK\x05\x06"):
        raise FileFormatError(_WHERE, "something follows the end of the archive")
    _, disk, first_disk, on_disk, entries, length, offset, comment = _END.unpack(raw)
    end = size - _END.size
    if entries == 0xFFFF or length == 0xFFFFFFFF or offset == 0xFFFFFFFF:
        file.seek(end - _LOCATOR64.size - _END64.size)
        record = _END64.unpack(file.read(_END64.size))
        locator = _LOCATOR64.unpack(file.read(_LOCATOR64.size))
        end -= _LOCATOR64.size + _END64.size
        if record[0] != b"PK\x06\x06" or locator[0] != b"PK\x06\x07" or locator[2] != end:
            raise FileFormatError(_WHERE, "its two end records disagree")
        disk, first_disk, on_disk, entries, length, offset = record[4:10]
    if disk or first_disk or on_disk != entries or comment:
        raise FileFormatError(_WHERE, "it is split over several files or has a comment")
    if offset + length != end or entries != len(reader.infolist()):
        raise FileFormatError(_WHERE, "its directory isn't where the end of the archive says")
    if offset != reader.start_dir:
        raise FileFormatError(_WHERE, "something stands before the archive")


def _check_names(reader: zipfile.ZipFile) -> None:
    seen: dict[str, str] = {}
    for info in reader.infolist():
        if info.orig_filename != info.filename:  # zipfile cuts at a null character
            raise FileFormatError(
                _WHERE, f"the member {info.orig_filename!r} hides part of its name"
            )
        check_member_name(info.filename)
        key = unicodedata.normalize("NFKC", info.filename.removesuffix("/")).casefold()
        if key in seen:
            raise FileFormatError(
                _WHERE, f"the members {seen[key]!r} and {info.filename!r} have one name"
            )
        seen[key] = info.filename
    for name in seen.values():  # a file can't be a folder too
        parts = name.removesuffix("/").split("/")
        for count in range(1, len(parts)):
            folder = unicodedata.normalize("NFKC", "/".join(parts[:count])).casefold()
            if folder in seen and not seen[folder].endswith("/"):
                raise FileFormatError(_WHERE, f"the member {seen[folder]!r} is a file and a folder")


def _check_member(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FileFormatError(_WHERE, f"the member {info.filename!r} is a link or a device")
    if info.flag_bits & _ENCRYPTED:
        raise FileFormatError(_WHERE, f"the member {info.filename!r} is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormatError(
            _WHERE,
            f"the member {info.filename!r} isn't compressed by deflate, but by method "
            f"{info.compress_type}",
        )
    if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
        raise FileFormatError(_WHERE, f"the sizes of the member {info.filename!r} disagree")
    if info.is_dir() and info.file_size:
        raise FileFormatError(_WHERE, f"the folder {info.filename!r} has content")


def _check_layout(file: BinaryIO, reader: zipfile.ZipFile) -> None:
    """Members must follow each other without gap or overlap, each with a header that agrees."""
    expected, slack = 0, _DESCRIPTOR_SIZES[:1]
    for info in sorted(reader.infolist(), key=lambda info: info.header_offset):
        if info.header_offset - expected not in slack:
            raise FileFormatError(
                _WHERE, f"the member {info.filename!r} overlaps another, or something is hidden"
            )
        expected = _end_of_data(file, info)
        slack = _DESCRIPTOR_SIZES if info.flag_bits & _DESCRIPTOR else (0,)
    if reader.start_dir - expected not in slack:
        raise FileFormatError(_WHERE, "something is hidden before its directory")


def _end_of_data(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    file.seek(info.header_offset)
    header = _LOCAL.unpack(file.read(_LOCAL.size))
    signature, _, flags, method, _, _, crc, stored, full, name_length, extra_length = header
    name = file.read(name_length)
    extra = file.read(extra_length)
    streamed = bool(flags & _DESCRIPTOR)
    if stored == 0xFFFFFFFF or full == 0xFFFFFFFF:
        full, stored = _zip64_sizes(extra, info)
    encoded = info.filename.encode("utf-8" if flags & 0x800 else "cp437", "replace")
    sizes = (crc, stored, full)
    agrees = sizes == (info.CRC, info.compress_size, info.file_size)
    if (
        signature != b"PK\x03\x04"
        or name != encoded
        or method != info.compress_type
        or flags != info.flag_bits
        or not (agrees or (streamed and not any(sizes)))
    ):
        raise FileFormatError(_WHERE, f"the two headers of the member {info.filename!r} disagree")
    return int(info.header_offset + _LOCAL.size + name_length + extra_length + info.compress_size)


def _zip64_sizes(extra: bytes, info: zipfile.ZipInfo) -> tuple[int, int]:
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, position)
        if tag == 1 and length >= 16:
            full, stored = struct.unpack_from("<2Q", extra, position + 4)
            return full, stored
        position += 4 + length
    raise FileFormatError(_WHERE, f"the two headers of the member {info.filename!r} disagree")


def _check_sizes(reader: zipfile.ZipFile, size: int, limits: ArchiveLimits) -> None:
    members = reader.infolist()
    if len(members) > limits.members:
        raise FileFormatError(_WHERE, f"it has {len(members)} members")
    declared = sum(info.file_size for info in members)
    allowed = int(limits.expansion * size) + limits.free_bytes
    if declared > allowed:
        largest = max(members, key=lambda info: info.file_size)
        raise FileFormatError(
            _WHERE,
            f"its members declare {declared} bytes, of which {largest.file_size} in "
            f"{largest.filename!r}, and {size} bytes are stored",
            fix="If you trust it, unpack it into a folder and load that.",
        )
