"""Every error that cornu raises on purpose, each also the built-in which the Keras API documents.

A message says where it happened, which rule was broken, what was received (dtype and shape, not
values) and how to mend it; the innermost layer adds one line about itself:

    dot: the last axis of `a` must match the second-to-last of `b`.
      a  float32[32, 128]
      b  float32[64, 10]
    In layer "dense_1" (Dense), called with x=float32[32, 128].

Start at `CornuError`. Received values are kept as text, so an error never keeps an array alive.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "BackendError",
    "ConfigError",
    "CornuError",
    "DtypeError",
    "FileFormatError",
    "GradientError",
    "IndexOutOfRange",
    "MissingLibraryError",
    "NotSupportedError",
    "ShapeError",
    "StateError",
    "TracedValueError",
    "UnknownArgumentError",
    "UnknownDimension",
    "UnknownNameError",
    "UnsafeFileError",
    "add_context",
    "add_place",
    "describe",
    "did_you_mean",
    "named_in_errors",
    "source_of",
]

_OWN_FOLDER = os.path.dirname(__file__) + os.sep  # noqa: PTH120  # pathlib is slow to import
_LONGEST_REPR = 80  # characters of a string or number that are shown before it is cut
_MOST_ITEMS = 4  # items of a list, tuple or dict that are shown
_MOST_SIZES = 8  # likewise of a shape
_KINDS = ("loss", "metric")  # what else than a layer a path may name: "loss:mse"


def describe(value: object) -> str:
    """Tell what `value` is in a few words: dtype and shape of an array, a short value of the rest.

    Args:
        value: Anything. Whatever has `shape` and `dtype` is shown as an array; unknown
            dimensions as `None`.

    Returns:
        Text on one line.

    Example:
        >>> import numpy as np
        >>> describe(np.zeros((32, 128), "float32"))
        'float32[32, 128]'
        >>> describe([np.zeros(3, "int32"), None])
        '[int32[3], None]'
        >>> describe("same")
        "'same'"
    """
    shape = getattr(value, "shape", None)
    if shape is not None and hasattr(value, "dtype") and not isinstance(value, type):
        return f"{_dtype_name(value.dtype)}{_shape_text(shape)}"
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return _shortened(repr(value))
    if isinstance(value, os.PathLike):
        return repr(os.fspath(value))  # whole: half a path helps nobody
    if isinstance(value, (list, tuple)):
        opening, closing = ("[", "]") if isinstance(value, list) else ("(", ")")
        if isinstance(value, tuple) and len(value) == 1:
            closing = ",)"
        is_shape = closing != "]" and all(x is None or type(x) is int for x in value)
        most = _MOST_SIZES if is_shape else _MOST_ITEMS
        return opening + _listed([describe(item) for item in value[:most]], value) + closing
    if isinstance(value, Mapping):
        shown = [f"{key!r}: {describe(value[key])}" for key in list(value)[:_MOST_ITEMS]]
        return "{" + _listed(shown, value) + "}"
    if isinstance(value, type):
        return f"the class {value.__qualname__}"
    name = getattr(value, "__qualname__", None)  # functions and methods
    return f"the function {name}" if name else f"an object of class {type(value).__qualname__}"


def add_context(
    error: BaseException,
    layer: object,
    call: Mapping[str, object],
    source: str | None = None,
    path: str | None = None,
) -> None:
    """Add one line about the layer that was called, unless a layer further in did already.

    Args:
        error: The error on its way up. One that cornu didn't raise gets the line as a note.
        layer: The layer, or anything with a `name`.
        call: The arguments of the call by name.
        source: File and line of the user's code, such as `"gate.py:12"`, if known.
        path: Where the layer is, such as `"net/gate"`; by default only its name is shown.
    """
    _add_line(error, _context_line(layer, call, source, path))
    _explain(error, getattr(layer, "_cornu_kind", "layer"))


def add_place(error: BaseException, path: str) -> None:
    """Add one line about the layer, loss or metric in which a compiled step failed.

    Args:
        error: The error on its way up.
        path: Names of the layers around it and its own; `"loss:mse"` for a loss.
    """
    kind, _, name = path.partition(":")
    _add_line(error, f'In {kind} "{name}".' if kind in _KINDS else f'In layer "{path}".')
    _explain(error, kind)


def _explain(error: BaseException, kind: str) -> None:
    """Say what an error of an op means where it happened."""
    if kind == "loss" and isinstance(error, IndexOutOfRange) and error.where:
        error.fix = "Labels are counted from 0: with n classes they are 0, ..., n - 1."


def _add_line(error: BaseException, line: str) -> None:
    if isinstance(error, CornuError):
        if error.context is None:
            error.context = line
    elif not getattr(error, "_cornu_context", False):
        try:
            error._cornu_context = True  # type: ignore[attr-defined]
        except AttributeError:  # an exception class with __slots__: better no line than many
            return
        error.add_note(line)


@contextlib.contextmanager
def named_in_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Have errors about the content of a file say which file it was.

    Args:
        path: The file that is read inside the block.
    """
    try:
        yield
    except FileFormatError as error:
        error.received.setdefault("file", repr(os.fspath(path)))
        raise


def did_you_mean(name: object, known: Iterable[str]) -> str | None:
    """Return a question with the known name that is most like a wrong one.

    Args:
        name: What was asked for.
        known: The names that there are.

    Returns:
        The question; None if no name is alike.

    Example:
        >>> did_you_mean("rleu", ["relu", "selu", "tanh"])
        "Did you mean 'relu'?"
        >>> did_you_mean("x", ["relu"])
    """
    if not isinstance(name, str) or len(name) > _LONGEST_REPR:
        return None
    bound = max(1, len(name) // 3)
    folded = name.lower()
    best = min(
        ((_distance(folded, k.lower()), _distance(name, k), i, k) for i, k in enumerate(known)),
        default=None,
    )
    # Of two letters every name is one or two changes away.
    if best is None or best[0] > bound or len(name) < 3:
        return None
    return f"Did you mean {best[3]!r}?"


def _distance(a: str, b: str) -> int:
    """Letters to insert, leave out, replace or swap with their neighbor, to get from a to b."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        above, row = row, [i + 1]
        for j, y in enumerate(b):
            cost = min(above[j + 1] + 1, row[j] + 1, above[j] + (x != y))
            if i and j and x == b[j - 1] and a[i - 1] == y:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before = above
    return row[-1]


def source_of(error: BaseException) -> str | None:
    """Return the user's line that asked for a value which isn't known, such as `"gate.py:12"`.

    Args:
        error: The error; of other kinds than `TracedValueError` shape and dtype say more.

    Returns:
        The innermost line of the traceback outside of cornu, if there is one.
    """
    if not isinstance(error, TracedValueError):
        return None
    found = None
    trace = error.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if not path.startswith(_OWN_FOLDER):
            found = f"{os.path.basename(path)}:{trace.tb_lineno}"  # noqa: PTH119  # pathlib is slow to import
        trace = trace.tb_next
    return found


class CornuError(Exception):
    """Base of all errors that cornu raises on purpose.

    Args:
        where: The function, class or file that complains, such as `"dot"`. May be empty.
        rule: The rule that was broken, a full sentence; its full stop is added.
        fix: How to mend it, when that is known: full sentences, or wrong and right code.
        **received: What was received, by name; arrays show dtype and shape.

    Example:
        >>> print(ShapeError("flatten", "the input needs a batch axis", x=3))
        flatten: the input needs a batch axis.
          x  3
    """

    def __init__(
        self, where: str = "", rule: str = "", /, *, fix: str | None = None, **received: object
    ) -> None:
        if not rule:  # one text alone is the rule
            where, rule = "", where
        super().__init__(where, rule)
        self.where = where
        self.rule = rule
        self.fix = fix
        self.received = {name: describe(value) for name, value in received.items()}
        self.context: str | None = None

    def add_context(
        self, layer: object, call: Mapping[str, object], source: str | None = None
    ) -> None:
        """Remember which layer was called with what; the innermost one, which asks first, wins.

        Args:
            layer: The layer, or anything with a `name`.
            call: The arguments of the call by name.
            source: File and line of the user's code, such as `"gate.py:12"`, if known.
        """
        if self.context is None:
            self.context = _context_line(layer, call, source)

    def __str__(self) -> str:
        sentence = self.rule if self.rule.endswith((".", "?", "!", ":")) else f"{self.rule}."
        lines = [f"{self.where}: {sentence}" if self.where else sentence]
        width = max(map(len, self.received), default=0)
        lines += [f"  {name:<{width}}  {text}" for name, text in self.received.items()]
        if self.context:
            lines.append(self.context)
        if self.fix:
            lines.append(self.fix)
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        # The default would call the class with `args` alone and lose what was received.
        return (type(self), self.args, self.__dict__)


class ShapeError(CornuError, ValueError):
    """A shape, a rank or a number of elements doesn't fit."""


class DtypeError(CornuError, TypeError):
    """A dtype isn't allowed here, or two don't go together."""


class ArgumentError(CornuError, ValueError):
    """An argument has a value that isn't allowed."""


class ArgumentTypeError(CornuError, TypeError):
    """An argument has a type that isn't allowed, is missing, or isn't known by that name."""


class UnknownArgumentError(ArgumentError, ArgumentTypeError):
    """There is no argument of that name: ValueError as in Keras, TypeError as in Python."""


class UnknownNameError(CornuError, ValueError):
    """A name stands for nothing known: a layer in a file, a loss as a string, an op."""


class TracedValueError(CornuError, TypeError):
    """The value of an array was asked for while a function is being compiled or recorded."""


class UnknownDimension(CornuError, TypeError):
    """A number was asked of a dimension that isn't known yet."""


class GradientError(CornuError, ValueError):
    """A gradient was asked for that doesn't exist."""


class IndexOutOfRange(CornuError, IndexError):
    """An index of a gather, a scatter, an embedding or a label points outside."""


class StateError(CornuError, RuntimeError):
    """Something was called too early, too late or twice: not built, not compiled, frozen."""


class BackendError(CornuError, RuntimeError):
    """A backend can't do what was asked of it."""


class MissingLibraryError(BackendError, ImportError):
    """An optional library isn't installed; the message names the command that brings it."""


class NotSupportedError(CornuError, NotImplementedError):
    """Something the API describes which this backend, platform or version doesn't offer."""


class FileFormatError(CornuError, ValueError):
    """A file isn't what it says it is, is damaged, or doesn't belong to this model."""


class ConfigError(FileFormatError, TypeError):
    """A config names nothing known, or its parts have the wrong types.

    Keras raises a TypeError for some of these and a ValueError for others; this is both.
    """


class UnsafeFileError(FileFormatError):
    """A file asks for something that only its reader may allow, such as running code."""


def _context_line(
    layer: object, call: Mapping[str, object], source: str | None, path: str | None = None
) -> str:
    name = path or getattr(layer, "name", None)
    kind = getattr(layer, "_cornu_kind", "layer")
    cls = type(layer)
    shown = "" if "_cornu_is_wrapper" in cls.__dict__ else f" ({cls.__name__})"
    where = f'In {kind} "{name}"{shown}' if name else f"In {describe(layer)}"
    if source:
        return f"{where}, {source}"
    arguments = ", ".join(f"{key}={describe(value)}" for key, value in call.items())
    return f"{where}, called with {arguments}." if arguments else f"{where}."


def _dtype_name(dtype: object) -> str:
    """`float32` for NumPy's, TensorFlow's and torch's dtypes, scalar types and strings."""
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None)
    return str(name) if name else str(dtype).rpartition(".")[2]


def _shape_text(shape: object) -> str:
    try:
        return "[" + ", ".join(str(size) for size in shape) + "]"  # type: ignore[attr-defined]
    except (TypeError, ValueError):  # TensorFlow's unknown rank
        return "[?]"


def _listed(
    shown: list[str], items: list[object] | tuple[object, ...] | Mapping[str, object]
) -> str:
    more = len(items) - len(shown)
    return ", ".join([*shown, f"and {more} more"] if more > 0 else shown)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_REPR else f"{text[: _LONGEST_REPR - 3]}..."
