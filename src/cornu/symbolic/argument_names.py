"""Names of arguments: those of Keras 1 and 2 are understood, a misspelled one gets a suggestion.

The table of old names is read only where a call would fail without it.
"""

from __future__ import annotations

import functools
import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterable
from typing import Any, ParamSpec, TypeVar

from cornu.errors import UnknownArgumentError, did_you_mean
from cornu.renames import ARGUMENTS, PARTS, VALUES

__all__ = ["parameter_names", "understands_old_names", "unknown_argument", "with_new_names"]

# The folder of cornu; pathlib is slow to import.
_OWN_FOLDER = os.path.dirname(os.path.dirname(__file__)) + os.sep  # noqa: PTH120

P = ParamSpec("P")
R = TypeVar("R")


def parameter_names(*functions: Any) -> list[str]:
    """Return the names of the arguments that functions take by name, each once.

    Args:
        *functions: Functions; the constructors of a class may be given by the class.
    """
    found: dict[str, None] = {}
    for function in functions:
        if isinstance(function, type):
            inits = [c.__dict__["__init__"] for c in function.__mro__ if "__init__" in c.__dict__]
            found.update(dict.fromkeys(parameter_names(*inits)))
            continue
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        code = getattr(function, "__code__", None)  # None: written in C
        if code is not None:
            count = code.co_argcount + code.co_kwonlyargcount
            found.update(dict.fromkeys(code.co_varnames[code.co_posonlyargcount : count]))
    return [name for name in found if name != "self"]


def with_new_names(where: str, given: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Return arguments under today's names, with one warning about those that had old ones.

    Args:
        where: The function or class that was called.
        given: The arguments by name.
        known: The names that it takes.

    Returns:
        A new dict; `given` itself if no name is an old one.
    """
    found = dict(given)
    said: list[str] = []
    for parts, new in PARTS.items():
        if new in known and new not in found and found.keys() >= set(parts):
            found[new] = tuple(found.pop(part) for part in parts)
            said.append(f"{', '.join(map(repr, parts))} are {new!r}")
    for old in given:
        if old not in found or old in known:
            continue
        names = (n for n in ARGUMENTS.get(old, ()) if n in known and n not in given)
        new_name = next(names, None)
        if new_name is not None:
            value = found.pop(old)
            renamed = VALUES.get(new_name, {}) if isinstance(value, str) else {}
            found[new_name] = renamed.get(value, value)
            said.append(f"{old!r} is {new_name!r}")
    if not said:
        return given
    warnings.warn(
        f"{where}: names of arguments have changed since this was written: {'; '.join(said)} now.",
        DeprecationWarning,
        stacklevel=_level_outside(),
    )
    return found


def _level_outside() -> int:
    """Return the `stacklevel` which, one call further up, means the user's line."""
    level = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN_FOLDER):
        frame = frame.f_back
        level += 1
    return level


def unknown_argument(
    where: str, unknown: Iterable[tuple[str, Any]], known: Iterable[str]
) -> UnknownArgumentError:
    """Return the error for arguments that a function or class doesn't have.

    Args:
        where: The function or class.
        unknown: Their names and values.
        known: The names that it takes.
    """
    pairs = list(unknown)
    return UnknownArgumentError(
        where,
        f"there is no argument {', '.join(repr(name) for name, _ in pairs)}",
        fix=did_you_mean(pairs[0][0], known),
        **dict(pairs[:4]),
    )


def understands_old_names(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function take the old names of its arguments, and suggest names for unknown ones.

    As long as the names are right this costs a call, no more.

    Args:
        function: It must not take arbitrary names itself.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            trace = error.__traceback__
            if trace is None or trace.tb_next is not None:
                raise  # it comes from inside
        known = parameter_names(function)
        renamed = with_new_names(function.__name__, dict(kwargs), known)
        unknown = [(k, v) for k, v in renamed.items() if k not in known]
        if unknown:
            raise unknown_argument(function.__name__, unknown, known)
        return function(*args, **renamed)  # what else is wrong Python says

    return call
