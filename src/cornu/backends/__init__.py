"""The backends: each folder is one, found by its name; `current()` gives the one in use.

A folder's `__init__.py` imports nothing and says what it needs (`REQUIRES`, `INSTALL`); its
`backend.py` holds the `BACKEND`, a `cornu.graph.backend.Backend`.
"""

from __future__ import annotations

from cornu import lazy, settings
from cornu.errors import BackendError, MissingLibraryError
from cornu.graph.backend import Backend
from cornu.graph.primitive import set_default_run

__all__ = ["active", "current", "load"]


class _Current:
    backend: Backend | None = None


def current(first_use: str = "an op") -> Backend:
    """Return the backend in use; the first call settles which one that is.

    Args:
        first_use: What asks, for the message of a later `set_backend`.

    Raises:
        MissingLibraryError: If the library of the chosen backend is not installed.
    """
    if _Current.backend is None:
        name = settings.freeze_backend(first_use)
        _Current.backend = load(name)
        set_default_run(_Current.backend.run)
    return _Current.backend


def active() -> Backend | None:
    """Return the backend in use, or None before the first use."""
    return _Current.backend


def load(name: str) -> Backend:
    """Import a backend, without making it the current one.

    Raises:
        MissingLibraryError: If its library is not installed.
        BackendError: If there is no such backend.
    """
    if name not in settings.available_backends():
        raise BackendError(
            f"There is no backend {name!r}. There are: {', '.join(settings.available_backends())}."
        )
    folder = lazy.module(f"cornu.backends.{name}")
    try:
        found: Backend = lazy.module(f"cornu.backends.{name}.backend").BACKEND
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != folder.REQUIRES:
            raise
        raise MissingLibraryError(
            f"The backend {name!r} needs the library {folder.REQUIRES!r}, which is not installed.",
            fix=f"{folder.INSTALL}\nor choose another backend: CORNU_BACKEND=numpy",
        ) from error
    return found
