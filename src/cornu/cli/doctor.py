"""`cornu doctor`: what is installed, which backend is chosen and why."""

from __future__ import annotations

import ast
import platform
import sys
from importlib import metadata
from pathlib import Path

import cornu
from cornu import settings
from cornu.keras_names import KERAS_VERSION

__all__ = ["doctor"]

_LIBRARIES = ("numpy", "h5py", "ml_dtypes", "rich", "matplotlib")


def doctor() -> int:
    """Print versions, backends, and which one is chosen and why.

    Returns:
        Exit status: 0, or 1 if the chosen backend can't work.
    """
    print(f"cornu {cornu.__version__}, Keras API {KERAS_VERSION}")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    print(f"  {sys.executable}")
    print(f"  {Path(cornu.__file__).parent}")
    print("\nlibraries")
    for name in _LIBRARIES:
        print(f"  {name:<12}  {_version(name) or 'not installed'}")
    print("\nbackends")
    try:
        choice = settings.chosen_backend()
    except ValueError as error:
        print(f"  {error}")
        return 1
    works = True
    for name in settings.available_backends():
        requires, install = _requirement(name)
        version = _version(requires) if requires else None
        missing = bool(requires) and version is None
        state = f"not installed: {install}" if missing else f"ready{_with(requires, version)}"
        print(f"  {name:<12}  {state}")
        works = works and not (missing and name == choice.name)
    print(f"\nchosen: {choice.name} (by: {choice.reason})")
    return 0 if works else 1


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _requirement(backend: str) -> tuple[str, str]:
    """Library and pip command, read as text: asking must not import a framework."""
    file = Path(cornu.__file__).parent / "backends" / backend / "__init__.py"
    found = {"REQUIRES": "", "INSTALL": ""}
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign):
            continue
        target, value = statement.targets[0], statement.value
        pairs = (
            zip(target.elts, value.elts, strict=True)
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            else [(target, value)]
        )
        for left, right in pairs:
            if isinstance(left, ast.Name) and isinstance(right, ast.Constant) and right.value:
                found[left.id] = str(right.value)
    return found["REQUIRES"], found["INSTALL"]


def _with(requires: str, version: str | None) -> str:
    return f", {requires} {version}" if version else ""
