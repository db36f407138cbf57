"""Python lambdas in files: the one place where code from a file becomes a function.

Keras stores a lambda as bytecode. Reading one runs whatever its author wrote, so it happens only
if the caller of that very load said `safe_mode=False`.
"""

from __future__ import annotations

import base64
import binascii
import marshal  # the named exception to the rule that no loader knows it
import types
from typing import Any

from cornu.errors import ConfigError, UnsafeFileError
from cornu.saving.safe_mode import effective_safe_mode

__all__ = ["dump_function", "load_function"]


def dump_function(function: types.FunctionType) -> tuple[str, Any, tuple[Any, ...] | None]:
    """Store a Python function as Keras does.

    Args:
        function: A lambda or another Python function.

    Returns:
        Bytecode in base64, default values of the arguments, values of the enclosing names.
    """
    code = base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii")
    cells = function.__closure__
    return code, function.__defaults__, tuple(c.cell_contents for c in cells) if cells else None


def load_function(
    code: str, defaults: Any = None, closure: Any = None, safe_mode: bool | None = None
) -> types.FunctionType:
    """Make a function of stored bytecode.

    Args:
        code: Bytecode in base64, written by the same version of Python.
        defaults: Default values of the arguments.
        closure: Values of the enclosing names.
        safe_mode: False allows it, unless an enclosing load says otherwise.

    Returns:
        The function; its globals are empty but for the builtins.

    Raises:
        UnsafeFileError: Safe mode is on, which it is unless the call that loads says otherwise.
        ConfigError: The text is no bytecode of this Python.
    """
    if effective_safe_mode(safe_mode):
        raise UnsafeFileError(
            "loading a lambda",
            "the file has bytecode of a Python lambda, which could do anything to this machine",
            fix="If you trust where the file comes from, pass safe_mode=False to the call that "
            "loads it. Named functions with @keras.saving.register_keras_serializable() load "
            "safely.",
        )
    try:
        loaded = marshal.loads(base64.b64decode(code.encode("ascii")))
    except (binascii.Error, ValueError, EOFError, TypeError, AttributeError) as error:
        raise ConfigError("loading a lambda", f"its bytecode can't be read: {error}") from None
    if not isinstance(loaded, types.CodeType):
        raise ConfigError("loading a lambda", "what is stored is no bytecode")
    return types.FunctionType(
        loaded,
        {"__builtins__": __builtins__},
        loaded.co_name,
        tuple(defaults) if defaults is not None else None,
        tuple(types.CellType(value) for value in closure) if closure is not None else None,
    )
