"""Where messages of training go, and what may be written there."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from cornu.settings import is_interactive_logging_enabled

__all__ = ["has_color", "is_live", "is_notebook", "line_width", "say", "signs", "write"]


def write(text: str) -> None:
    """Write text to standard output at once, or to the log where interactive logging is off.

    Signs that the output can't encode become question marks: a bar must never end a training.

    Args:
        text: Whole lines, or part of one that is redrawn.
    """
    if not is_interactive_logging_enabled():
        if text.strip():
            import logging  # slow to import, as shutil below: few programs come here

            logging.getLogger("cornu").info(text.strip())
        return
    stream: TextIO | None = sys.stdout
    if stream is None:  # a program without a console
        return
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def say(text: str) -> None:
    """Write a message on lines of its own.

    Args:
        text: Without the newline at its end.
    """
    write(f"{text}\n")


def is_live() -> bool:
    """Tell whether a line that was written can be drawn again in its place.

    Returns:
        True on a terminal, in a notebook and in the console of PyCharm.
    """
    if not is_interactive_logging_enabled() or sys.stdout is None:
        return False
    if is_notebook() or "PYCHARM_HOSTED" in os.environ:
        return True
    return _is_terminal() and os.environ.get("TERM") != "dumb"


def has_color() -> bool:
    """Tell whether escape codes may be written (https://no-color.org)."""
    return is_live() and not os.environ.get("NO_COLOR")


def line_width() -> int | None:
    """Give the columns that fit on a line; `None` where lines may have any length."""
    if not _is_terminal():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def signs() -> tuple[str, str]:
    """Give the signs for the part of a bar that is done and for the rest.

    Returns:
        A line that only colors tell apart, or plain ASCII where the output knows no such sign or
        has no colors.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "━".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return "=", "."
    return ("━", "━") if has_color() else ("━", "─")


def _is_terminal() -> bool:
    try:
        return sys.stdout is not None and sys.stdout.isatty()
    except (AttributeError, ValueError):  # not a real stream, or a closed one
        return False


def is_notebook() -> bool:
    """Tell whether output goes to a notebook, where codes of colors are drawn over like signs."""
    # IPython puts a stream of its own into the place of standard output; nothing is imported.
    return type(sys.stdout).__module__.partition(".")[0] == "ipykernel"
