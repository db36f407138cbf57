"""The arguments of one call of a layer: which are tensors, and under which names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError
from cornu.graph.array import Array
from cornu.graph.dim import public_shape
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.primitive import HANDLERS
from cornu.graph.spec import shape_of

__all__ = ["CallSpec", "Signature", "is_array", "signature_of"]


def is_array(x: Any) -> bool:
    """Say whether `x` is a tensor of any kind, as an argument of a layer."""
    cls = x.__class__
    if cls is Array or cls is KerasTensor or HANDLERS[cls] is not None:
        return True
    return hasattr(x, "shape") and hasattr(x, "dtype")


class Signature:
    """What a layer needs to know of a method's parameters. One for each function, cached.

    Attributes:
        names: Names of the parameters, without `self`, `*args` and `**kwargs`.
        takes_any: Whether there is a `**kwargs`.
    """

    __slots__ = ("defaults", "names", "required", "signature", "takes_any")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.signature = inspect.signature(function)
        kinds = inspect.Parameter
        named = [
            p
            for p in self.signature.parameters.values()
            if p.kind not in (kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD)
        ]
        self.names = [p.name for p in named]
        self.required = [p.name for p in named if p.default is kinds.empty]
        self.defaults = {p.name: p.default for p in named if p.default is not kinds.empty}
        self.takes_any = any(
            p.kind is kinds.VAR_KEYWORD for p in self.signature.parameters.values()
        )

    @property
    def text(self) -> str:
        """The parameters without their types, for messages: `call(inputs, training=None)`."""
        empty = inspect.Parameter.empty
        plain = [p.replace(annotation=empty) for p in self.signature.parameters.values()]
        shown = self.signature.replace(parameters=plain, return_annotation=empty)
        return f"call{shown}"


_signatures: dict[Any, Signature] = {}


def signature_of(method: Any) -> Signature:
    """Return the Signature of a bound method."""
    key = getattr(method, "__func__", method)
    found = _signatures.get(key)
    if found is None:
        found = _signatures[key] = Signature(method)
    return found


class CallSpec:
    """The bound arguments of a call.

    Attributes:
        arguments: All given arguments by name, those of `**kwargs` included.
        tensors: Those that are tensors or nested structures of tensors, in order.
        first: The first argument of `call`.
    """

    __slots__ = ("arguments", "first", "first_name", "given", "tensors")

    def __init__(
        self, layer: Any, signature: Signature, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        context = {
            k: v for k, v in kwargs.items() if k not in signature.names and not signature.takes_any
        }
        try:
            bound = signature.signature.bind(
                *args, **{k: v for k, v in kwargs.items() if k not in context}
            )
        except TypeError as error:
            raise ArgumentError(
                f"{type(layer).__name__}.call",
                f"the arguments don't fit: {error}",
                fix=f"It is {signature.text}.",
            ) from None
        if context and not set(context) <= {"training", "mask"}:
            unknown = ", ".join(map(repr, context))
            raise ArgumentError(
                f"{type(layer).__name__}.call",
                f"there is no argument {unknown}",
                fix=f"It is {signature.text}.",
            )
        arguments: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            kind = signature.signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                arguments.update(value)
            else:
                arguments[name] = value
        self.given = frozenset(arguments)
        self.arguments = arguments
        self.tensors = {name: value for name, value in arguments.items() if _holds_tensors(value)}
        self.first_name = next(iter(arguments), None)
        self.first = arguments.get(self.first_name) if self.first_name else None

    def shapes(self) -> dict[str, Any]:
        """Return the shapes of the tensor arguments, as `build` takes them: `<name>_shape`."""
        return {
            f"{name}_shape": tree.map_structure(
                lambda x: public_shape(shape_of(x)) if is_array(x) else None, value
            )
            for name, value in self.tensors.items()
            if name != "mask" and not name.endswith("_mask")
        }


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple, dict)):
        leaves = tree.flatten(value)
        return bool(leaves) and any(is_array(x) for x in leaves)
    return is_array(value)
