"""What `cornu doctor` says about the compiled core: which copy runs here, or why there is none."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cornu import lazy, settings
from cornu.backends.native.loader import core_or_none, why_missing

__all__ = ["core_lines", "core_or_none", "missing_in_short"]

_AGAIN = "pip install --force-reinstall --no-deps --no-cache-dir"


def core_lines() -> Iterator[str]:
    """Yield the lines about the core, without indentation."""
    core = core_or_none()
    if core is None:
        yield f"missing: {missing_in_short()}"
        yield from _what_to_do()
        return
    yield f"instruction set  {core.isa}, {_why_this_one()}"
    yield f"of the machine   {', '.join(lazy.module('cornu._native.cpu').of_machine())}"
    yield f"threads          {core.get_threads()}{_why_threads()}"
    yield f"file             {core.__file__}"


def missing_in_short() -> str:
    """Return in a few words why there is no core."""
    if settings.has_compiled_core():
        return why_missing() or ""
    reason = _never_compiled()
    return reason or "it wasn't compiled when cornu was installed"


def _never_compiled() -> str | None:
    """Say why this Python or system has no core at all."""
    if sys.implementation.name != "cpython":
        return f"cornu compiles its core for CPython only, and this is {sys.implementation.name}"
    if sys.platform in ("win32", "emscripten", "wasi"):
        return f"cornu has no core for {platform.system()} yet"
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return "the core needs a Python with the GIL"
    return None


def _what_to_do() -> Iterator[str]:
    if settings.has_compiled_core():
        yield "The numpy backend works without it: CORNU_BACKEND=numpy"
        return
    yield "Without it the numpy backend is the default; it does the same, more slowly."
    if _never_compiled():
        return
    found = _compiler()
    if found is None:
        yield "There is no C++ compiler on the PATH. Install one (Debian, Ubuntu: apt install g++;"
        yield "macOS: xcode-select --install), and then cornu once more:"
        yield f"  {_again()}"
    else:
        yield f"There is a compiler now, {found}. To install cornu once more and see what it says:"
        yield f"  {_again()} -v"


def _compiler() -> str | None:
    """Return the C++ compiler that an installation would take."""
    asked = shlex.split(os.environ.get("CXX", ""))
    for name in [*asked[:1], "c++", "g++", "clang++"]:
        found = shutil.which(name)
        if found is not None:
            return found
    return None


def _again() -> str:
    """Return the command that installs this cornu again: from its sources, if it runs from them."""
    sources = Path(__file__).parents[3]
    if (sources / "csrc" / "CMakeLists.txt").is_file():
        return f"pip install -e {shlex.quote(str(sources))}"
    return f"{_AGAIN} cornu"


def _why_this_one() -> str:
    if os.environ.get("CORNU_SIMD"):
        return "chosen by CORNU_SIMD"
    return "the best that this machine and this installation have"


def _why_threads() -> str:
    if os.environ.get("CORNU_NUM_THREADS"):
        return ", from CORNU_NUM_THREADS"
    count: Any = os.cpu_count()
    return f" (the system has {count} processors; CORNU_NUM_THREADS sets another number)"
