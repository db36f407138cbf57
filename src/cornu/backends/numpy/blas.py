"""One BLAS thread while a plan runs.

Two OpenBLAS threads on a busy machine made steps up to 60 times slower, and environment variables
come too late once NumPy is imported. The library that NumPy brings has a function for it. Where
that can't be found (another BLAS, no ctypes) nothing happens.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator

import numpy as np

__all__ = ["one_thread"]

_PREFIXES = (
    ("scipy_openblas_", "64_"),
    ("scipy_openblas_", ""),
    ("openblas_", "64_"),
    ("openblas_", ""),
)

_Setter = Callable[[int], object]
_Getter = Callable[[], int]


def _find() -> tuple[_Setter, _Getter] | None:
    package = os.path.dirname(np.__file__)
    folder = os.path.join(os.path.dirname(package), "numpy.libs")
    if not os.path.isdir(folder):
        folder = os.path.join(package, ".dylibs")
    if not os.path.isdir(folder):
        return None
    files = sorted(f for f in os.listdir(folder) if "openblas" in f)
    if not files:
        return None
    try:
        import ctypes  # optional: Python can be built without it
    except ImportError:
        return None
    for file in files:
        try:
            library = ctypes.CDLL(os.path.join(folder, file))
        except OSError:
            continue
        for prefix, suffix in _PREFIXES:
            setter = getattr(library, f"{prefix}set_num_threads{suffix}", None)
            getter = getattr(library, f"{prefix}get_num_threads{suffix}", None)
            if setter is not None and getter is not None:
                return setter, getter
    return None


class _Lookup:
    found: tuple[_Setter, _Getter] | None = None
    done = False


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let BLAS use one thread in the block, and as many as before after it."""
    if not _Lookup.done:
        _Lookup.found = _find()
        _Lookup.done = True
    if _Lookup.found is None:
        yield
        return
    setter, getter = _Lookup.found
    before = getter()
    if before == 1:
        yield
        return
    setter(1)
    try:
        yield
    finally:
        setter(before)
