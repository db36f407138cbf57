"""The package from outside: the command, programs that say `import keras`, what is in a wheel."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest

import cornu
from cornu.cli.main import main
from cornu.datasets import digits

REPOSITORY = Path(__file__).parent.parent


def _run(*words: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": _path_of_cornu(), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _path_of_cornu() -> str:
    return str(Path(cornu.__file__).parent.parent)


def _program(folder: Path, text: str, name: str = "program.py") -> str:
    (folder / name).write_text(textwrap.dedent(text))
    return name


def _cornu_run(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    return _run("-m", "cornu", "run", _program(folder, text), *words, cwd=folder)


# The command ---------------------------------------------------------------------------------


def test_version_names_both(tmp_path: Path) -> None:
    done = _run("-m", "cornu", "--version", cwd=tmp_path)
    assert done.stdout.strip() == f"cornu {cornu.__version__} (Keras API 3.15.1)"


@pytest.mark.parametrize(
    "words", [["--help"], ["run", "--help"], ["doctor", "--help"], ["quickstart", "--help"]]
)
def test_help_is_there(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 0
    assert "usage: cornu" in capsys.readouterr().out


@pytest.mark.parametrize("words", [[], ["fly"], ["quickstart", "--epochs", "0"], ["run"]])
def test_a_wrong_command_line_exits_with_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert "usage: cornu" in capsys.readouterr().err


def test_doctor_tells_the_backend_and_why(tmp_path: Path) -> None:
    done = _run("-m", "cornu", "doctor", cwd=tmp_path, CORNU_BACKEND="numpy")
    assert done.returncode == 0
    assert "chosen: numpy (by: environment variable CORNU_BACKEND)" in done.stdout
    assert f"numpy         {np.__version__}" in done.stdout


def test_doctor_fails_on_a_backend_that_is_not_there(tmp_path: Path) -> None:
    done = _run("-m", "cornu", "doctor", cwd=tmp_path, CORNU_BACKEND="mlx")
    assert done.returncode == 1
    assert "there is no backend 'mlx'" in done.stdout


@pytest.mark.parametrize("words", [["--help"], ["doctor"], ["run", "--help"]])
def test_output_is_safe_on_a_console_with_few_letters(tmp_path: Path, words: list[str]) -> None:
    done = _run("-m", "cornu", *words, cwd=tmp_path, PYTHONIOENCODING="cp1252", NO_COLOR="1")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


# Running programs ----------------------------------------------------------------------------

SHOW = """
    import sys
    print(sys.argv, sys.path[0], __name__, __file__, __package__, __spec__, __doc__)
    print(sys.modules["__main__"].__dict__ is globals())
"""


@pytest.mark.parametrize("words", [[], ["--epochs", "3", "-m", "--", "--backend", "x"]])
def test_run_gives_a_script_what_python_gives_it(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "inner").mkdir()
    name = _program(tmp_path, SHOW, "inner/program.py")
    ours = _run("-m", "cornu", "run", name, *words, cwd=tmp_path)
    assert ours.stdout == _run(name, *words, cwd=tmp_path).stdout
    assert ours.stdout.endswith("True\n")


def test_run_gives_a_module_what_python_gives_it(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    _program(tmp_path, SHOW.replace("__spec__", "__spec__.name"), "inner/program.py")
    ours = _run("-m", "cornu", "run", "-m", "inner.program", "-v", cwd=tmp_path)
    assert ours.stdout == _run("-m", "inner.program", "-v", cwd=tmp_path).stdout
    assert ours.stdout.endswith("True\n")


def test_run_runs_folders_and_zip_files(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    _program(tmp_path, "import beside", "app/__main__.py")
    _program(tmp_path, "import keras; print(keras.__version__)", "app/beside.py")
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        for name in ("__main__.py", "beside.py"):
            archive.write(tmp_path / "app" / name, name)
    for name in ("app", "app.zip"):
        assert _run("-m", "cornu", "run", name, cwd=tmp_path).stdout == "3.15.1\n"


@pytest.mark.parametrize(
    ("text", "status"),
    [("", 0), ("raise SystemExit(3)", 3), ("1 / 0", 1), ("raise SystemExit('bad')", 1), ("(", 1)],
)
def test_run_ends_with_the_status_of_the_program(tmp_path: Path, text: str, status: int) -> None:
    assert _cornu_run(tmp_path, text).returncode == status


def test_run_of_a_missing_file_says_so(tmp_path: Path) -> None:
    done = _run("-m", "cornu", "run", "nowhere.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == "cornu run: there is no file 'nowhere.py'"


def test_a_traceback_shows_the_program_only(tmp_path: Path) -> None:
    name = _program(tmp_path, "def f():\n    return 1 / 0\nf()")
    ours = _run("-m", "cornu", "run", name, cwd=tmp_path)
    python = _run(name, cwd=tmp_path)
    assert ours.stderr == python.stderr


def test_functions_called_at_exit_still_have_their_globals(tmp_path: Path) -> None:
    text = """
        import atexit
        text = "goodbye"
        atexit.register(lambda: print(text))
    """
    assert _cornu_run(tmp_path, text).stdout == "goodbye\n"


def test_the_backend_of_a_run_reaches_the_program(tmp_path: Path) -> None:
    name = _program(tmp_path, "import keras; print(keras.backend.backend())")
    for backend in ("numpy", "torch"):
        done = _run("-m", "cornu", "run", "--backend", backend, name, cwd=tmp_path)
        assert done.stdout == f"{backend}\n"


# The alias -----------------------------------------------------------------------------------


def test_keras_is_cornu_under_every_form_of_import(tmp_path: Path) -> None:
    done = _cornu_run(
        tmp_path,
        """
        import keras
        import keras.config
        import keras.optimizers.schedules as schedules
        from keras import utils
        from keras.utils import to_categorical
        import cornu
        assert keras.config is cornu.config and utils is cornu.utils
        assert schedules is cornu.optimizers.schedules
        assert to_categorical is cornu.utils.to_categorical
        assert cornu.config.__name__ == cornu.config.__spec__.name == "cornu.config"
        assert "config" in dir(keras)
        print(keras.__version__, cornu.__version__)
        """,
    )
    assert done.stdout == f"3.15.1 {cornu.__version__}\n", done.stderr


def test_modules_of_keras_1_are_found_under_their_old_names(tmp_path: Path) -> None:
    text = """
        from keras.utils.np_utils import to_categorical
        import keras.layers.core, keras.layers
        print(to_categorical([1]).tolist(), keras.layers.core is keras.layers)
    """
    assert _cornu_run(tmp_path, text).stdout == "[[0.0, 1.0]] True\n"


def test_a_module_that_keras_lacks_is_missing_under_the_name_asked_for(tmp_path: Path) -> None:
    done = _cornu_run(tmp_path, "import keras.nothing")
    assert done.stderr.splitlines()[-1] == "ModuleNotFoundError: No module named 'keras.nothing'"


def test_installing_twice_changes_nothing(tmp_path: Path) -> None:
    text = """
        import os, sys, cornu
        cornu.install_as_keras()
        before = list(sys.meta_path), list(sys.path), os.environ["PYTHONPATH"]
        cornu.install_as_keras()
        print(before == (sys.meta_path, sys.path, os.environ["PYTHONPATH"]))
    """
    assert _cornu_run(tmp_path, text).stdout == "True\n"


def test_real_keras_that_is_already_imported_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("")
    done = _run("-c", "import keras, cornu; cornu.install_as_keras()", cwd=tmp_path)
    assert "StateError: install_as_keras: Keras itself is already imported" in done.stderr
    assert str(tmp_path / "keras.py") in done.stderr


@pytest.mark.parametrize("method", ["spawn", "forkserver", "fork"])
def test_processes_of_multiprocessing_inherit_the_alias(tmp_path: Path, method: str) -> None:
    done = _cornu_run(
        tmp_path,
        f"""
        import multiprocessing
        import keras
        def work(q):
            q.put((keras.__version__, keras.utils.to_categorical([1]).tolist()))
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            q = context.Queue()
            child = context.Process(target=work, args=(q,))
            child.start()
            print(q.get(timeout=60))
            child.join()
        """,
    )
    assert done.stdout == "('3.15.1', [[0.0, 1.0]])\n", done.stderr


def test_programs_that_are_started_inherit_the_alias(tmp_path: Path) -> None:
    _program(tmp_path, "import keras.utils; print(keras.__version__)", "child.py")
    text = """
        import subprocess, sys
        import keras
        subprocess.run([sys.executable, "child.py"], check=True)
    """
    assert _cornu_run(tmp_path, text).stdout == "3.15.1\n"


# Data and functions --------------------------------------------------------------------------


def test_the_digits_are_those_of_the_source() -> None:
    file = Path(digits.__file__).parent / "digits.npz"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == (
        "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"
    )
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, x_test.shape) == ((1442, 8, 8), (355, 8, 8))
    assert {a.dtype.name for a in (x_train, y_train, x_test, y_test)} == {"uint8"}
    counts = np.bincount(y_train) + np.bincount(y_test)
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(y_test).tolist() == [n // 5 for n in counts]
    assert (x_train.min(), x_train.max()) == (0, 16)


def test_no_digit_is_in_both_parts() -> None:
    (x_train, _), (x_test, _) = digits.load_data()
    train = {image.tobytes() for image in x_train}
    assert not [image for image in x_test if image.tobytes() in train]


# What is built -------------------------------------------------------------------------------


@pytest.mark.slow
def test_wheel_and_source_archive_hold_what_they_should(tmp_path: Path) -> None:
    # Of the core, one instruction set: each takes a minute to compile. The wheel is made of the
    # source archive.
    subprocess.run(
        [
            *(sys.executable, "-m", "build", "--outdir", str(tmp_path), str(REPOSITORY)),
            *("-C", "cmake.define.CORNU_ISAS=plain"),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob(f"cornu-{cornu.__version__}-cp311-abi3-*.whl")
    (archive,) = tmp_path.glob(f"cornu-{cornu.__version__}.tar.gz")
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        metadata = opened.read(f"cornu-{cornu.__version__}.dist-info/METADATA").decode()
        commands = opened.read(f"cornu-{cornu.__version__}.dist-info/entry_points.txt").decode()
        opened.extractall(tmp_path / "installed")
    ours = {
        str(path.relative_to(REPOSITORY / "src"))
        for path in (REPOSITORY / "src" / "cornu").rglob("*")
        if path.is_file() and path.suffix not in (".pyc", ".so", ".pyd")
    }
    modules = {f"cornu/_native/{name}.abi3.so" for name in ("core_plain", "cpu")}
    assert {name for name in names if ".dist-info/" not in name} == ours | modules
    assert {"cornu/py.typed", "cornu/datasets/digits.npz", "cornu/cli/alias_path/keras.py"} <= names
    assert {Path(name).name for name in names} >= {"LICENSE", "NOTICE", "LICENSES.md"}
    assert "Requires-Dist: numpy>=1.26\n" in metadata
    assert 'keras==3.15.1; extra == "oracle"' in metadata
    assert "cornu = cornu.cli.main:main" in commands
    with tarfile.open(archive) as opened_archive:
        files = {name.partition("/")[2] for name in opened_archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "src/cornu/__init__.py", "tests/conftest.py"} <= files
    assert {"csrc/CMakeLists.txt", "csrc/core/plan.cpp", "csrc/tests/smoke.cpp"} <= files
    assert not [name for name in files if name.startswith((".ci", "build/"))]
    assert not [name for name in files if name.endswith((".so", ".pyd", ".pyc"))]
    program = "from cornu.backends.native.loader import core; print(core().__file__)"
    done = _run("-c", program, cwd=tmp_path, PYTHONPATH=str(tmp_path / "installed"))
    assert done.stdout.startswith(str(tmp_path / "installed" / "cornu" / "_native" / "core_plain"))


@pytest.mark.slow
def test_the_first_program_runs_unchanged(tmp_path: Path) -> None:
    program = REPOSITORY / "examples" / "first_program.py"
    done = _run("-m", "cornu", "run", str(program), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "'loss'" in done.stdout.splitlines()[-1]
    assert "'accuracy'" in done.stdout.splitlines()[-1]
