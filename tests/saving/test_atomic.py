"""Durability: after any failure at any call the path holds the old bytes or the new ones."""

from __future__ import annotations

import errno
import os
import stat
import types
from pathlib import Path
from typing import Any

import pytest

from cornu.errors import ArgumentError
from cornu.saving import atomic
from cornu.saving.atomic import atomic_write, atomic_write_bytes
from cornu.saving.model_file import save_model
from cornu.saving.weights import save_weights
from tests.saving.fakes import fill, small_model

OLD = b"old " * 1000
WATCHED = (  # every call of `os` that reaches the disk
    "open", "read", "write", "lseek", "ftruncate", "fchmod", "fsync", "close", "replace", "unlink",
    "stat", "listdir",
)  # fmt: skip


class Killed(BaseException):
    """The process is gone: nothing after this runs."""


class FaultyOs:
    """`os`, whose k-th call to the disk fails in a given way."""

    def __init__(self, fault: str, at: int) -> None:
        self.fault, self.at, self.calls, self.dead = fault, at, 0, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name not in WATCHED:
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            if self.dead:
                raise Killed
            self.calls += 1
            if self.calls != self.at:
                return real(*args, **kwargs)
            if self.fault == "kill":
                self.dead = True
                raise Killed
            if self.fault == "kill after":
                real(*args, **kwargs)
                self.dead = True
                raise Killed
            if self.fault == "short":
                if name == "write":
                    return real(args[0], args[1][: max(len(args[1]) // 2, 1)])
                return real(*args, **kwargs)
            if self.fault == "EINTR":
                if name == "write":
                    raise InterruptedError(errno.EINTR, "interrupted")
                return real(*args, **kwargs)
            if name == "close":  # the descriptor is gone even if the call complains
                real(*args, **kwargs)
            raise OSError(getattr(errno, self.fault), "injected")

        return call


def save_bytes(path: Path) -> None:
    def write(file: Any) -> None:
        for _ in range(3):
            file.write(b"new " * 500_000)  # larger than the buffer: several writes
        file.seek(0)
        file.write(b"NEW ")

    atomic_write(path, write)


SAVES = {
    "bytes": (save_bytes, "a.bin"),
    "text": (lambda path: atomic_write_bytes(path, b"one line\n"), "log.csv"),
    "weights": (lambda path: save_weights(fill(small_model()), path), "a.weights.h5"),
    "model": (lambda path: save_model(fill(small_model()), path), "a.keras"),
    "unsaved": (lambda path: atomic_write_bytes(path, b""), "empty.json"),
}


@pytest.mark.parametrize("fault", ["EIO", "ENOSPC", "short", "EINTR", "kill", "kill after"])
@pytest.mark.parametrize("kind", SAVES)
def test_every_failing_call_leaves_the_old_or_the_new_bytes(
    kind: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, name = SAVES[kind]
    path = tmp_path / name
    save(path)
    new = path.read_bytes()
    seen = set()
    at = 0
    while True:
        at += 1
        path.write_bytes(OLD)
        faulty = FaultyOs(fault, at)
        monkeypatch.setattr(atomic, "os", faulty)
        try:
            save(path)
            raised = False
        except (OSError, Killed):
            raised = True
        monkeypatch.setattr(atomic, "os", os)
        content = path.read_bytes()
        assert content in (OLD, new)
        assert raised or content == new
        seen.add(content == new)
        save(path)
        assert [item.name for item in tmp_path.iterdir()] == [name], "the next save clears up"
        if faulty.calls < at:
            break
    assert at > 5
    assert True in seen


def test_an_error_of_the_writer_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)

    def write(file: Any) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic_write(path, write)
    assert path.read_bytes() == OLD
    assert [item.name for item in tmp_path.iterdir()] == ["a"]


def test_permissions_of_an_existing_file_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    path.chmod(0o640)
    atomic_write_bytes(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_gets_the_default_permissions(tmp_path: Path) -> None:
    atomic_write_bytes(tmp_path / "a", b"new")
    (tmp_path / "b").write_bytes(b"")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/real").write_bytes(OLD)
    (tmp_path / "link").symlink_to("folder/real")
    atomic_write_bytes(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder/real").read_bytes() == b"new"


def test_a_folder_or_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(ArgumentError, match="regular file"):
            atomic_write_bytes(path, b"new")


def test_the_temporary_of_a_running_process_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    other = tmp_path / f"{atomic._prefix(path)}{os.getppid()}.0{atomic._SUFFIX}"
    other.write_bytes(b"being written")
    atomic_write_bytes(path, b"new")
    assert other.exists()


def test_a_missing_folder_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic_write_bytes(tmp_path / "nowhere" / "a", b"new")


def test_the_writer_may_seek_read_and_truncate(tmp_path: Path) -> None:
    def write(file: Any) -> None:
        file.write(b"abcdef")
        file.seek(1)
        assert file.read(2) == b"bc"
        file.truncate(4)
        assert file.tell() == 3

    atomic_write(tmp_path / "a", write)
    assert (tmp_path / "a").read_bytes() == b"abcd"


def test_nothing_else_in_saving_opens_a_file_for_writing() -> None:
    assert isinstance(atomic, types.ModuleType)
    folder = Path(atomic.__file__).parent
    allowed = {"atomic.py", "assets.py"}  # assets: into a temporary folder only
    for file in folder.glob("*.py"):
        if file.name not in allowed:
            text = file.read_text()
            assert ".write_bytes(" not in text
            assert "write_text(" not in text
            assert 'open("w' not in text
