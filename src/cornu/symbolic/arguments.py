"""The arguments of a constructor as they were given: what configs are derived from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from cornu.errors import ArgumentTypeError, did_you_mean
from cornu.renames import ARGUMENTS, PARTS
from cornu.symbolic.argument_names import parameter_names, unknown_argument, with_new_names

__all__ = ["init_arguments", "keep_init_arguments"]

_KEY = "_cornu_init"


def keep_init_arguments(cls: type) -> None:
    """Wrap the `__init__` that a class defines, so that its bound arguments are kept.

    Of a chain of `super().__init__()` calls the outermost counts. Called from
    `__init_subclass__`, so no metaclass is needed.
    """
    init: Callable[..., None] | None = cls.__dict__.get("__init__")
    if init is None or hasattr(init, "_cornu_wrapped"):
        return
    signature: inspect.Signature | None = None
    rest = ""  # the name of `**kwargs`

    @functools.wraps(init)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> None:
        nonlocal signature, rest
        if _KEY not in self.__dict__:
            if signature is None:
                signature = inspect.signature(init)
                *_, last = signature.parameters.values()
                rest = last.name if last.kind is last.VAR_KEYWORD else ""
            try:
                bound = signature.bind(self, *args, **kwargs)
                fits = not any(map(_OLD.__contains__, bound.arguments.get(rest, ())))
            except TypeError:
                fits = False
            if not fits:
                kwargs = _with_new_names(cls, kwargs, takes_any=bool(rest))
                try:
                    bound = signature.bind(self, *args, **kwargs)
                except TypeError as error:
                    known = parameter_names(cls)
                    fixes = (did_you_mean(k, known) for k in kwargs if k not in known)
                    fix = next(filter(None, fixes), None)
                    raise ArgumentTypeError(cls.__name__, str(error), fix=fix) from None
            self.__dict__[_KEY] = bound
        init(self, *args, **kwargs)

    wrapped._cornu_wrapped = True  # type: ignore[attr-defined]
    cls.__init__ = wrapped  # type: ignore[misc]


_OLD = {*ARGUMENTS, *(part for parts in PARTS for part in parts)}


def _with_new_names(cls: type, given: dict[str, Any], takes_any: bool) -> dict[str, Any]:
    known = parameter_names(cls)
    found = with_new_names(cls.__name__, given, known)
    unknown = [(k, v) for k, v in found.items() if k not in known]
    if unknown and not takes_any:
        raise unknown_argument(cls.__name__, unknown, known)
    return found


def init_arguments(obj: Any) -> dict[str, Any]:
    """Return the arguments that the object was made with, by name, `**kwargs` flattened."""
    bound: inspect.BoundArguments | None = obj.__dict__.get(_KEY)
    if bound is None:
        return {}
    found: dict[str, Any] = {}
    parameters = list(bound.signature.parameters.values())[1:]
    for p in parameters:
        if p.name not in bound.arguments:
            continue
        value = bound.arguments[p.name]
        if p.kind is inspect.Parameter.VAR_KEYWORD:
            found.update(value)
        elif p.kind is not inspect.Parameter.VAR_POSITIONAL:
            found[p.name] = value
    return found
