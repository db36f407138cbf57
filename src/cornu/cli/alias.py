"""`import keras` means cornu, in this process and in those it starts."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import Any

import cornu
from cornu.errors import StateError
from cornu.keras_names import KERAS_VERSION
from cornu.lazy import alias

__all__ = ["install_as_keras"]

_FOLDER = os.path.join(os.path.dirname(__file__), "alias_path")


class _Keras(ModuleType):
    """What `import keras` gives: all that cornu has, under Keras' name and version."""

    __version__ = KERAS_VERSION
    __all__ = cornu.__all__

    def __getattr__(self, name: str) -> Any:
        return getattr(cornu, name)

    def __dir__(self) -> list[str]:
        return dir(cornu)


def install_as_keras() -> None:
    """Let `import keras`, `from keras import layers`, `import keras.utils` find cornu.

    Submodules are the same objects under both names; `keras.__version__` is the version of the
    API that cornu offers. Processes that this one starts inherit it, by `PYTHONPATH`. Nothing is
    installed or written. Calling it again does nothing.

    Raises:
        StateError: Keras itself is already imported in this process.

    Example:
        >>> install_as_keras()
        >>> import keras.config
        >>> keras.config is cornu.config
        True
    """
    present = sys.modules.get("keras")
    if isinstance(present, _Keras):
        return
    # In a process that this one started, our own keras.py is being imported right now.
    if present is not None and not _is_ours(present):
        raise StateError(
            "install_as_keras",
            f"Keras itself is already imported, from {getattr(present, '__file__', '?')}",
            fix="Call cornu.install_as_keras() before the first `import keras`, or start the "
            "program with `cornu run`.",
        )
    keras = _Keras("keras", cornu.__doc__)
    keras.__file__ = cornu.__file__
    keras.__path__ = cornu.__path__
    keras.__spec__ = cornu.__spec__
    alias("keras", "cornu", keras)
    _share_with_children()


def _is_ours(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.dirname(file) == _FOLDER


def _share_with_children() -> None:
    """Put the folder of our keras.py where `PYTHONPATH` stands: first, after the program's own.

    In the environment for programs that are started, in `sys.path` for multiprocessing, which
    gives its children this process's path.
    """
    if _FOLDER not in sys.path:
        sys.path.insert(1, _FOLDER)
    inherited = os.environ.get("PYTHONPATH", "")
    if _FOLDER not in inherited.split(os.pathsep):
        os.environ["PYTHONPATH"] = f"{_FOLDER}{os.pathsep}{inherited}" if inherited else _FOLDER
