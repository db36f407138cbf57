"""The error of a config that can't be turned into an object."""

from __future__ import annotations

from cornu.errors import FileFormatError

__all__ = ["ConfigError"]


class ConfigError(FileFormatError, TypeError):
    """A config names nothing known, or its parts have the wrong types.

    Keras raises a TypeError for some of these and a ValueError for others; this is both.
    """
