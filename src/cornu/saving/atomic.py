"""The one function through which cornu writes files: the old bytes or the new ones, no mixture.

The new bytes go to a temporary file in the same folder, are forced to the disk, and take the place
of the old file by one rename, which is then forced to the disk too. Whatever goes wrong before the
rename leaves the old file as it was, and the next write to the same path clears what a killed
process left behind.
"""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import os
import platform
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from cornu.errors import ArgumentError

__all__ = ["atomic_write", "atomic_write_bytes"]

_SUFFIX = ".cornu-saving"
_HOST = f"{zlib.crc32(platform.node().encode()):08x}"  # temporaries of other machines aren't ours
_counter = itertools.count()
_in_use: set[str] = set()  # names of this process's temporaries, so that threads spare each other

# A file system without folders that can be forced to the disk says so by one of these.
_FOLDER_SYNC_UNSUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)


def atomic_write(path: str | os.PathLike[str], write: Callable[[BinaryIO], None]) -> None:
    """Write a file so that `path` holds the old bytes or all of the new ones at every moment.

    A symbolic link is followed: its target is replaced, the link stays. The permissions of an
    existing file are kept; a new one gets the process's defaults.

    Args:
        path: The file to write. Its folder must exist.
        write: Called once with a binary file open for writing, reading and seeking. An exception
            from it is passed on and nothing is changed.

    Raises:
        ArgumentError: `path` is something else than a regular file, such as a folder or a pipe.
        OSError: The folder is missing or can't be written, the disk is full or broken. The old
            file is untouched, unless only forcing the folder to the disk failed: then the new
            one is complete.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> atomic_write(folder / "a.txt", lambda file: print(file.write(b"new")))
        3
        >>> (folder / "a.txt").read_bytes()
        b'new'
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileNotFoundError(
            errno.ENOENT, "The folder to save into doesn't exist", str(target.parent)
        )
    mode = _mode_of_existing(target)
    _clear_leftovers(target)
    temporary = target.with_name(_temporary_name(target))
    _in_use.add(temporary.name)
    try:
        _write_and_sync(temporary, mode, write)
        os.replace(temporary, target)  # noqa: PTH105  # one module's calls, so that tests can fail each
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    finally:
        _in_use.discard(temporary.name)
    _sync_folder(target.parent)


def atomic_write_bytes(path: str | os.PathLike[str], data: bytes | memoryview) -> None:
    """Write bytes as `atomic_write` does.

    Args:
        path: The file to write.
        data: Its new content.
    """

    def write(file: BinaryIO) -> None:
        file.write(data)

    atomic_write(path, write)


class _File(io.RawIOBase):
    """A file over a descriptor whose every call goes through `os`, so that a test can fail it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        data = os.read(self.descriptor, len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        """Write all of it, however little the system takes at a time."""
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            with contextlib.suppress(InterruptedError):
                written = os.write(self.descriptor, view[done:])
                if written == 0:
                    raise OSError(errno.EIO, "the system accepted none of the bytes")
                done += written
        return done

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return os.lseek(self.descriptor, offset, whence)

    def truncate(self, size: int | None = None) -> int:
        size = self.tell() if size is None else size
        os.ftruncate(self.descriptor, size)
        return size


def _write_and_sync(temporary: Path, mode: int | None, write: Callable[[BinaryIO], None]) -> None:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        file = io.BufferedRandom(_File(descriptor), buffer_size=1 << 20)
        write(cast("BinaryIO", file))
        file.flush()
        file.detach()
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mode_of_existing(target: Path) -> int | None:
    try:
        status = os.stat(target)  # noqa: PTH116
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise ArgumentError(
            "saving",
            "only a regular file can be written",
            path=target,
            fix="Give a file name.",
        )
    return stat.S_IMODE(status.st_mode)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows can't open a folder; its rename is journaled
        return
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _FOLDER_SYNC_UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


def _prefix(target: Path) -> str:
    # Long names are cut, since a name has at most 255 bytes; the checksum keeps them apart.
    return f".{target.name[:40]}.{zlib.crc32(target.name.encode()):08x}.{_HOST}."


def _temporary_name(target: Path) -> str:
    return f"{_prefix(target)}{os.getpid()}.{next(_counter)}{_SUFFIX}"


def _clear_leftovers(target: Path) -> None:
    """Delete temporaries of this target whose process is gone."""
    for name in _leftovers(target):
        with contextlib.suppress(OSError):
            os.unlink(target.with_name(name))  # noqa: PTH108


def _leftovers(target: Path) -> Iterator[str]:
    prefix = _prefix(target)
    try:
        names = os.listdir(target.parent)  # noqa: PTH208
    except OSError:  # a folder that can be written but not listed
        return
    for name in names:
        if name.startswith(prefix) and name.endswith(_SUFFIX) and name not in _in_use:
            process = name[len(prefix) :].partition(".")[0]
            if process.isdigit() and not _is_alive(int(process)):
                yield name


def _is_alive(process: int) -> bool:
    if process == os.getpid():  # ours, and not in use: an earlier write that couldn't clean up
        return False
    if os.name == "nt":  # os.kill would end the process there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it exists and belongs to somebody else
        return True
    return True
