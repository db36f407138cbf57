"""Asking before a file is replaced."""

from __future__ import annotations

import os
import sys

from cornu.errors import ArgumentError

__all__ = ["may_write"]


def may_write(path: str | os.PathLike[str], overwrite: bool) -> bool:
    """Tell whether a path may be written, asking the user where there is one.

    Args:
        path: The path.
        overwrite: Whether an existing file may be replaced without asking.

    Returns:
        False if the user says no.

    Raises:
        ArgumentError: The file exists, `overwrite` is False, and there is nobody to ask.
    """
    if overwrite or not os.path.lexists(path):
        return True
    if sys.stdin is None or not sys.stdin.isatty():
        raise ArgumentError(
            "saving",
            "the file exists already",
            filepath=path,
            fix="Pass overwrite=True to replace it, or choose another name.",
        )
    while True:
        answer = input(f"{path} exists already. Replace it? [y/n] ").strip().lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False
