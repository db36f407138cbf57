"""The compiled core from outside: how it is installed, found and reported, and life without it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import cornu
from cornu.backends.native.loader import core
from cornu.cli.doctor_gpus import gpu_lines
from cornu.cli.doctor_kernels import FALLBACK, how, kernel_lines
from cornu.graph.primitive import PRIMITIVES

REPOSITORY = Path(__file__).parents[2]
PACKAGE = Path(cornu.__file__).parent


def _python(*words: str, path: Path = PACKAGE.parent, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(path), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return done.returncode, done.stdout, done.stderr


def _doctor(*words: str, path: Path = PACKAGE.parent, **variables: str) -> tuple[int, str]:
    status, output, errors = _python("-m", "cornu", "doctor", *words, path=path, **variables)
    assert errors == ""
    return status, output


def _copy(folder: Path, with_core: bool) -> Path:
    """A cornu of its own, made of links, with or without the core's modules."""
    (folder / "cornu" / "_native").mkdir(parents=True)
    for entry in PACKAGE.iterdir():
        if entry.name not in ("_native", "__pycache__", "settings.py", "cli"):
            (folder / "cornu" / entry.name).symlink_to(entry)
    # Files that ask where they lie are real ones.
    (folder / "cornu" / "settings.py").write_text((PACKAGE / "settings.py").read_text())
    (folder / "cornu" / "cli").mkdir()
    for entry in (PACKAGE / "cli").glob("*.py"):
        (folder / "cornu" / "cli" / entry.name).write_text(entry.read_text())
    for entry in (PACKAGE / "_native").iterdir():
        if with_core or entry.suffix == ".py":
            (folder / "cornu" / "_native" / entry.name).symlink_to(entry)
    return folder


# The default backend --------------------------------------------------------------------------

CHOICE = """
from cornu import settings
settings.DEFAULT_BACKEND = "native"
choice = settings.chosen_backend()
print(choice.name, choice.reason, sep=": ")
"""


def test_native_as_the_default_holds_where_the_core_is(tmp_path: Path) -> None:
    clean = {"CORNU_BACKEND": "", "KERAS_BACKEND": ""}
    there, missing = _copy(tmp_path / "there", True), _copy(tmp_path / "missing", False)
    assert _python("-c", CHOICE, path=there, **clean)[1] == "native: default\n"
    assert _python("-c", CHOICE, path=missing, **clean)[1] == (
        "numpy: default where there is no compiled core\n"
    )


def test_asking_whether_the_core_is_there_does_not_load_it() -> None:
    program = (
        "import sys; from cornu import settings; found = settings.has_compiled_core(); "
        "print(found, [m for m in sys.modules if m.startswith('cornu._native')])"
    )
    assert _python("-c", program)[1] == "True []\n"


# What `cornu doctor` says ----------------------------------------------------------------------


def test_doctor_tells_instruction_set_and_threads() -> None:
    status, output = _doctor(CORNU_SIMD="plain", CORNU_NUM_THREADS="3", CORNU_BACKEND="native")
    assert status == 0
    assert "chosen by CORNU_SIMD" in output
    assert "of the machine   " in output
    assert "threads          3, from CORNU_NUM_THREADS" in output
    assert "_native" in output.partition("file  ")[2].partition("\n")[0]
    assert f"native        ready, {core().isa}" in _doctor()[1]


def test_doctor_says_that_the_core_is_missing_and_why(tmp_path: Path) -> None:
    missing = _copy(tmp_path, False)
    status, output = _doctor(path=missing, CORNU_BACKEND="numpy", CXX=sys.executable)
    assert status == 0
    assert "missing: it wasn't compiled when cornu was installed" in output
    assert f"There is a compiler now, {sys.executable}" in output
    assert "pip install --force-reinstall --no-deps --no-cache-dir cornu -v" in output
    assert "native        not installed: see above" in output
    status, output = _doctor(path=missing, CORNU_BACKEND="numpy", CXX="", PATH=str(tmp_path))
    assert "There is no C++ compiler on the PATH" in output
    assert _doctor(path=missing, CORNU_BACKEND="native")[0] == 1
    status, output = _doctor("--kernels", path=missing)
    assert status == 1
    assert "The compiled core is missing: it wasn't compiled" in output


def test_using_the_native_backend_without_the_core_names_another(tmp_path: Path) -> None:
    program = "import cornu; cornu.ops.add(1.0, 2.0)"
    status, _, errors = _python("-c", program, path=_copy(tmp_path, False), CORNU_BACKEND="native")
    assert status == 1
    assert "MissingLibraryError: The native backend needs its compiled core" in errors
    assert "CORNU_BACKEND=numpy" in errors


def test_an_instruction_set_that_is_not_there_is_refused_with_those_that_are() -> None:
    status, output = _doctor(CORNU_SIMD="avx9", CORNU_BACKEND="native")
    assert status == 1
    assert "missing: CORNU_SIMD asks for 'avx9'; here are: " in output
    assert "The numpy backend works without it: CORNU_BACKEND=numpy" in output


def test_doctor_shows_a_kernel_or_the_fallback_for_every_primitive() -> None:
    status, output = _doctor("--kernels")
    assert status == 0
    rows = {line.split()[0]: line for line in output.splitlines()[1:] if line[:1].isalpha()}
    assert set(PRIMITIVES) <= set(rows)
    assert "block" in rows["add"]
    assert "float32" in rows["add"]
    assert "gemm" in rows["dot"]
    assert FALLBACK in rows["svd"]
    assert output.isascii()
    assert "\x1b" not in output


class _EmptyCore:
    """A core that has no kernel at all."""

    @staticmethod
    def opcodes() -> dict[str, int]:
        return {}

    @staticmethod
    def block_ops() -> dict[str, tuple[int, set[int]]]:
        return {}


def test_the_table_shows_what_the_core_has_and_not_what_it_should_have() -> None:
    for name in ("add", "dot", "scan", "random_bits"):
        assert how(PRIMITIVES[name], core())[0] != FALLBACK
        assert how(PRIMITIVES[name], _EmptyCore) == (FALLBACK, "")
    few = list(kernel_lines(_EmptyCore))[-2]
    many = list(kernel_lines(core()))[-2]
    assert int(few.split()[2]) > 50 > int(many.split()[2])


def test_devices_are_asked_for_in_a_process_that_may_fail_or_hang() -> None:
    programs = {
        "one": "print('cuda 0 A card'); print('cuda 1 Another')",
        "none": "",
        "broken": "raise OSError('no driver')",
    }
    assert [line.split(None, 1)[1] for line in gpu_lines(programs)] == [
        "cuda 0 A card; cuda 1 Another",
        "no GPU",
        "failed: OSError: no driver",
    ]
    (line,) = gpu_lines({"hangs": "import time; time.sleep(60)"}, 1)
    assert line.endswith("gave no answer in 1 seconds")


# Installing -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_without_a_compiler_the_install_succeeds_and_says_so(tmp_path: Path) -> None:
    status, output, errors = _python(
        *("-m", "pip", "wheel", "-v", "--no-deps", "-w", str(tmp_path), str(REPOSITORY)),
        CXX="/nonexistent/c++",
    )
    assert status == 0, errors
    assert "cornu was built without its compiled core" in output + errors
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"cornu-{cornu.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as opened:
        # Not even the modules that lie in the source tree of somebody who develops the core.
        assert not [name for name in opened.namelist() if name.endswith((".so", ".pyd"))]
        opened.extractall(tmp_path / "installed")
    status, output = _doctor(path=tmp_path / "installed", CORNU_BACKEND="")
    assert status == 0
    assert "missing: it wasn't compiled when cornu was installed" in output
    assert "chosen: numpy" in output
