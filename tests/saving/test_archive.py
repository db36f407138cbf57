"""Zip archives: each hostile kind is one typed error, and nothing outside is touched."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest

from cornu.errors import FileFormatError
from cornu.saving.archive import ArchiveLimits, check_member_name, open_archive, write_archive

GOOD = {"metadata.json": b"{}", "config.json": b'{"a": 1}', "assets/a/b.txt": b"word\n" * 20}


def read_all(data: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    with open_archive(io.BytesIO(data), limits) as archive:
        return {name: archive.read(name) for name in archive.names}


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes], compression: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as writer:
        for name, data in members:
            writer.writestr(name, data)
    return buffer.getvalue()


def patched(data: bytes, old: bytes, new: bytes, times: int = -1) -> bytes:
    assert old in data
    assert len(old) == len(new)
    return data.replace(old, new, times)


def symlink() -> bytes:
    info = zipfile.ZipInfo("config.json")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((info, b"/etc/passwd"))


def overlapping() -> bytes:
    """The second directory entry points to the first member's data."""
    data = bytearray(zipped(("a.txt", b"1234"), ("b.txt", b"1234")))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    struct.pack_into("<L", data, second + 42, 0)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(zipped(("a.txt", b"1234")))
    for position, offset in ((data.index(b"PK\x03\x04"), 6), (data.index(b"PK\x01\x02"), 8)):
        data[position + offset] |= 1
    return bytes(data)


def hidden_between() -> bytes:
    """Bytes between two members which no directory entry names."""
    data = zipped(("a.txt", b"1234"), ("b.txt", b"5678"))
    gap = b"hidden!!"
    second = data.index(b"PK\x03\x04", 4)
    moved = bytearray(data[:second] + gap + data[second:])
    entry = moved.index(b"PK\x01\x02", moved.index(b"PK\x01\x02") + 1)
    struct.pack_into("<L", moved, entry + 42, second + len(gap))
    end = moved.index(b"PK\x05\x06")
    struct.pack_into("<L", moved, end + 16, struct.unpack_from("<L", moved, end + 16)[0] + len(gap))
    return bytes(moved)


def nul_in_name() -> bytes:
    return patched(zipped(("config.jsonXevil", b"x")), b"config.jsonXevil", b"config.json\0evil")


def bomb(name: str) -> bytes:
    return zipped((name, b"0" * (40 << 20)), compression=zipfile.ZIP_DEFLATED)


def split_sizes() -> bytes:
    """Stored, yet with two sizes."""
    data = bytearray(zipped(("a.txt", b"1234")))
    struct.pack_into("<L", data, data.index(b"PK\x01\x02") + 24, 400_000)
    return bytes(data)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb in the config": (lambda: bomb("config.json"), "declare 41943040 bytes"),
    "bomb in the weights": (lambda: bomb("model.weights.h5"), "declare"),
    "bomb in the assets": (lambda: bomb("assets/a"), "declare"),
    "many small bombs": (
        lambda: zipped(
            *((f"assets/{n}", b"0" * (1 << 20)) for n in range(40)),
            compression=zipfile.ZIP_DEFLATED,
        ),
        "declare",
    ),
    "duplicate by case": (lambda: zipped(("A.txt", b"1"), ("a.TXT", b"2")), "one name"),
    "duplicate by Unicode form": (
        lambda: zipped(("caf\u00e9", b"1"), ("cafe\u0301", b"2")),
        "one name",
    ),
    "duplicate": (
        lambda: patched(zipped(("a.txt", b"1"), ("b.txt", b"2")), b"b.txt", b"a.txt"),
        "one name",
    ),
    "file and folder": (lambda: zipped(("a", b"1"), ("a/b", b"2")), "a file and a folder"),
    "headers disagree in the name": (
        lambda: patched(zipped(("a.txt", b"1234")), b"a.txt", b"b.txt", 1),
        "headers of the member",
    ),
    "headers disagree in the size": (
        lambda: patched(zipped(("a.txt", b"1234")), struct.pack("<LL", 4, 4), b"\x05\0\0\0" * 2, 1),
        "headers of the member|overlaps",
    ),
    "stored with two sizes": (split_sizes, "sizes of the member"),
    "overlapping members": (overlapping, "overlaps"),
    "something hidden": (hidden_between, "hidden"),
    "symbolic link": (symlink, "link or a device"),
    "encrypted": (encrypted, "encrypted"),
    "bzip2": (lambda: zipped(("a", b"1" * 99), compression=zipfile.ZIP_BZIP2), "by method 12"),
    "lzma": (lambda: zipped(("a", b"1" * 99), compression=zipfile.ZIP_LZMA), "by method 14"),
    "name cut at a null": (nul_in_name, "hides part of its name|disagree|characters"),
    "trailing data": (lambda: write_archive(GOOD) + b"more", "follows the end"),
    "two archives": (lambda: write_archive(GOOD) * 2, "directory isn't where|before"),
    "leading data": (lambda: b"#!/bin/sh\n" + write_archive(GOOD), "directory isn't where|before"),
    "empty": (lambda: b"", "no zip"),
    "text": (lambda: b"PK is how archives begin", "no zip"),
    "cut": (lambda: write_archive(GOOD)[:-30], "no zip"),
    "only an end": (lambda: b"PK\x05\x06" + b"\0" * 17, "no zip"),
}
for _name in (
    "/etc/passwd", "../up", "a/../../up", "C:/windows", "C:windows", "a\\b", "a/./b", "a//b",
    "file.txt:stream", "con", "assets/NUL.txt", "com1", "a ", "a.", "a/ /b", "..", "a\x01b", "*",
    "a?",
):  # fmt: skip
    HOSTILE[f"name {_name!r}"] = (lambda name=_name: zipped((name, b"1")), "the member")


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused(kind: str) -> None:
    make, reason = HOSTILE[kind]
    with pytest.raises(FileFormatError, match=reason):
        read_all(make())


def test_members_come_back_in_order() -> None:
    assert read_all(write_archive(GOOD)) == GOOD
    assert list(read_all(write_archive(GOOD))) == list(GOOD)


def test_archives_of_other_writers_are_read() -> None:
    deflated = zipped(*GOOD.items(), compression=zipfile.ZIP_DEFLATED)
    assert read_all(deflated) == GOOD

    class Pipe(io.BytesIO):  # without seeking, sizes stand behind the data
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as writer:
        for name, data in GOOD.items():
            writer.writestr(name, data)
    assert read_all(pipe.getvalue()) == GOOD

    large = io.BytesIO()
    with zipfile.ZipFile(large, "w") as writer, writer.open("a", "w", force_zip64=True) as member:
        member.write(b"1234")
    assert read_all(large.getvalue()) == {"a": b"1234"}


def test_folders_are_passed_over() -> None:
    assert read_all(zipped(("assets/", b""), ("assets/a", b"1"))) == {"assets/a": b"1"}


def test_equal_members_give_equal_bytes_and_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    first = write_archive(GOOD)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert write_archive(GOOD) == first


def test_a_missing_member_is_named() -> None:
    with (
        open_archive(io.BytesIO(write_archive(GOOD))) as archive,
        pytest.raises(FileFormatError, match=r"'weights'.*\n.*metadata.json"),
    ):
        archive.read("weights")


def test_limits_are_arguments() -> None:
    data = zipped(("a", b"0" * (40 << 20)), compression=zipfile.ZIP_DEFLATED)
    assert len(read_all(data, ArchiveLimits(free_bytes=64 << 20))["a"]) == 40 << 20
    with pytest.raises(FileFormatError, match="3 members"):
        read_all(write_archive(GOOD), ArchiveLimits(members=2))


def test_a_member_that_would_leave_the_folder_is_not_written() -> None:
    with pytest.raises(FileFormatError):
        write_archive({"../a": b""})
    check_member_name("assets/layers/text_vectorization/vocabulary.txt")


def test_every_flipped_bit_is_an_error_or_changes_nothing() -> None:
    data = write_archive(GOOD)
    errors = 0
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            assert read_all(bytes(flipped)) == GOOD
        except FileFormatError:
            errors += 1
    assert errors > len(data) * 4


def test_every_cut_is_an_error() -> None:
    data = write_archive(GOOD)
    for length in range(len(data)):
        with pytest.raises(FileFormatError):
            read_all(data[:length])
