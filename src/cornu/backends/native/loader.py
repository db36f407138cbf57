"""The compiled core: which copy of it fits this machine.

The core is compiled once for each instruction set, into modules of their own, so that no function
of one set can end up in another. `CORNU_SIMD` names one of them, for tests and for hunting bugs.
"""

from __future__ import annotations

import os
from typing import Any

from cornu import lazy
from cornu.errors import MissingLibraryError

__all__ = ["core", "core_or_none", "why_missing"]

_PACKAGE = "cornu._native"


class _Core:
    module: Any = None
    missing: str | None = None


def core_or_none() -> Any:
    """Return the core's module, or None where there is none."""
    if _Core.module is None and _Core.missing is None:
        try:
            _Core.module = lazy.module(f"{_PACKAGE}.core_{_chosen()}")
        except ImportError as error:
            _Core.missing = str(error)
    return _Core.module


def core() -> Any:
    """Return the core's module.

    Raises:
        MissingLibraryError: If it wasn't compiled on this machine.
    """
    found = core_or_none()
    if found is None:
        raise MissingLibraryError(
            f"The native backend needs its compiled core, which is missing ({_Core.missing}).",
            fix="Install cornu where a C++ compiler is, or use another backend: "
            "CORNU_BACKEND=numpy",
        )
    return found


def why_missing() -> str | None:
    """Return why there is no core, or None if there is one."""
    core_or_none()
    return _Core.missing


def _chosen() -> str:
    """Return the name of the best instruction set that machine and installation have."""
    supported: list[str] = lazy.module(f"{_PACKAGE}.cpu").supported()
    asked = os.environ.get("CORNU_SIMD") or supported[0]
    if asked not in supported:  # its instructions would end the process
        raise ImportError(f"CORNU_SIMD asks for {asked!r}; here are: {', '.join(supported)}")
    return asked
