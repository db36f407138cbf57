"""`cornu run`: a program that says `import keras`, as `python` would run it."""

from __future__ import annotations

import builtins
import io
import os
import runpy
import sys
from types import ModuleType, TracebackType

from cornu.cli.alias import install_as_keras

__all__ = ["run_program"]

_kept: list[ModuleType] = []


def run_program(
    program: str, arguments: list[str], is_module: bool = False, backend: str | None = None
) -> int:
    """Run a program with `keras` meaning cornu.

    Its `sys.argv`, `sys.path[0]`, `__main__`, `__file__` and exit status are those that `python`
    gives it.

    Args:
        program: Path of a script, a folder or zip file with a `__main__.py`, or a module's name.
        arguments: What follows on the command line.
        is_module: Whether `program` is a module's name, as after `python -m`.
        backend: Backend for the program and what it starts; `None` leaves the choice as it is.

    Returns:
        Exit status: 0, or 1 after an exception. `sys.exit` in the program passes through.
    """
    # Variables and not calls: processes which the program starts must see them too.
    os.environ["CORNU_RUN"] = "1"
    if backend is not None:
        os.environ["CORNU_BACKEND"] = backend
    sys.argv[:] = [program, *arguments]
    if is_module:
        sys.path[0] = os.getcwd()  # a string, as python puts it there
    elif os.path.isfile(program) or os.path.isdir(program):
        sys.path[0] = os.path.dirname(os.path.realpath(program))
    else:
        print(f"cornu run: there is no file {program!r}", file=sys.stderr)
        return 2  # as python
    install_as_keras()
    try:
        if is_module:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        elif os.path.isfile(program) and _is_script(program):
            _run_script(program)
        else:
            del sys.path[0]  # the folder or zip file itself takes that place
            runpy.run_path(program, run_name="__main__")
    except KeyboardInterrupt:
        raise
    except Exception as error:
        _show(error)
        return 1
    return 0


def _is_script(program: str) -> bool:
    with open(program, "rb") as file:
        return file.read(4) != b"PK\x03\x04"


def _run_script(program: str) -> None:
    """Run a script as a new `__main__`, which stays that until the process has ended."""
    file_name = os.path.abspath(program)  # links stay, as in python
    with io.open_code(file_name) as file:
        code = compile(file.read(), file_name, "exec")
    main = ModuleType("__main__")
    main.__dict__.update(__file__=file_name, __builtins__=builtins, __cached__=None)
    _kept.append(sys.modules["__main__"])  # the frame that called us still needs its globals
    sys.modules["__main__"] = main
    exec(code, main.__dict__)


def _show(error: Exception) -> None:
    """Print the traceback as python would, without the frames that run the program."""
    frames: TracebackType | None = error.__traceback__
    ours = {__file__, runpy.__file__, "<frozen runpy>"}
    while frames is not None and frames.tb_frame.f_code.co_filename in ours:
        frames = frames.tb_next
    sys.excepthook(type(error), error.with_traceback(frames), frames)
