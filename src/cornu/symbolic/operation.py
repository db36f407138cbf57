"""`Operation`: what a node of a symbolic graph calls; the public base of `Layer`."""

from __future__ import annotations

import inspect
from typing import Any

from cornu import tree
from cornu.backends import current
from cornu.errors import ArgumentError, NotSupportedError, StateError
from cornu.graph.kerastensor import KerasTensor, SymbolicNode
from cornu.graph.names import auto_name
from cornu.graph.trace import Trace, Tracer, open_trace
from cornu.ops.op import as_tensor, contains_symbolic, symbolic
from cornu.symbolic.arguments import init_arguments, keep_init_arguments

__all__ = ["Operation", "abstract_call", "is_builtin", "record"]

_PLAIN = (str, int, float, bool, type(None))


class Operation:
    """Something that can be called on KerasTensors and becomes a node of the graph then.

    Subclasses write `call`; `compute_output_spec` is derived from it unless they override it.

    Args:
        name: Its name, by default that of the class with a number.
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = auto_name(type(self).__name__)
        if not isinstance(name, str) or "/" in name:
            raise ArgumentError(
                type(self).__name__,
                "a name must be a string without '/', which stands between the names of a path",
                name=name,
            )
        self.name = name
        self._inbound_nodes: list[SymbolicNode] = []
        self._outbound_nodes: list[SymbolicNode] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        keep_init_arguments(cls)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Record a node if an argument is symbolic, else call."""
        if contains_symbolic(args) or contains_symbolic(kwargs):
            return self.symbolic_call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Record a node and return KerasTensors."""
        outputs = self.compute_output_spec(*args, **kwargs)
        return record(self, args, kwargs, outputs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs from arrays. Subclasses write it."""
        raise NotSupportedError(type(self).__name__, "has no `call`")

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs with quantized values: as `call`, where nothing is quantized."""
        return self.call(*args, **kwargs)

    def rematerialized_call(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Call `fn` so that a gradient recomputes its inside instead of keeping it."""
        return current().checkpoint(fn)(*args, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return KerasTensors of the outputs' shapes and dtypes, by running `call` abstractly."""
        return abstract_call(self.call, args, kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal object.

        Derived from the constructor's arguments where all are numbers, strings, booleans, None or
        lists of these.

        Raises:
            NotImplementedError: If an argument is anything else; override `get_config` then.
        """
        config: dict[str, Any] = {"name": self.name}
        if not _is_default(self.get_config):
            return config  # a subclass extends this
        arguments = init_arguments(self)
        for key, value in arguments.items():
            if not all(isinstance(leaf, _PLAIN) for leaf in tree.flatten(value)):
                raise NotImplementedError(
                    _OVERRIDE.format(cls=type(self).__name__, key=key, value=value)
                )
        parameters = inspect.signature(type(self).__init__).parameters
        takes_name = "name" in parameters or any(
            p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()
        )
        return {**(config if takes_name else {}), **arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the object of a config."""
        config = dict(config)
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"{cls.__name__}.from_config: the constructor doesn't take this config. "
                f"config={config}. {error}"
            ) from error

    def _obj_type(self) -> str:
        return "Operation"

    def _sole_node(self, what: str) -> SymbolicNode:
        if not self._inbound_nodes:
            raise AttributeError(
                f"The {type(self).__name__} {self.name!r} has never been called on a KerasTensor, "
                f"so it has no {what}."
            )
        if len(self._inbound_nodes) > 1:
            raise AttributeError(
                f"The {type(self).__name__} {self.name!r} was called {len(self._inbound_nodes)} "
                f"times, so its {what} is ambiguous."
            )
        return self._inbound_nodes[0]

    @property
    def input(self) -> Any:
        """The KerasTensor, or a structure of them, that the operation was called on."""
        node = self._sole_node("input")
        found = [t for t in tree.flatten((node.args, node.kwargs)) if isinstance(t, KerasTensor)]
        return found[0] if len(found) == 1 else found

    @property
    def output(self) -> Any:
        """The KerasTensor, or a list of them, that the call returned."""
        found = self._sole_node("output").outputs
        return found[0] if len(found) == 1 else found


_OVERRIDE = """\
Object of class {cls} can't be saved as it is: the argument {key}={value!r} of its constructor isn't
a number, string, boolean, None or a list of these. Override `get_config`:

    def get_config(self):
        config = super().get_config()
        config.update({{"{key}": ...}})
        return config"""


def _is_default(method: Any) -> bool:
    """Say whether a method is one of cornu's own bases."""
    function = getattr(method, "__func__", method)
    return getattr(function, "__module__", "").startswith("cornu.")


def is_builtin(cls: type) -> bool:
    """Say whether a class is part of cornu."""
    return cls.__module__.startswith("cornu.")


def abstract_call(call: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a function on abstract values and return KerasTensors of its results."""
    with open_trace(Trace()) as trace:

        def enter(x: Any) -> Any:
            return trace.input(x._cornu_spec) if isinstance(x, KerasTensor) else x

        args, kwargs = tree.map_structure(enter, (args, kwargs))
        result = call(*args, **kwargs)

        def leave(x: Any) -> Any:
            if x is None or isinstance(x, str):
                return x
            if not isinstance(x, Tracer):
                x = trace.lift(as_tensor(x))
            return symbolic(x._cornu_spec)

        return tree.map_structure(leave, result)


def record(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> Any:
    """Make a node of the call and return its outputs."""
    inputs = [t for t in tree.flatten((args, kwargs)) if isinstance(t, KerasTensor)]
    flat = [t for t in tree.flatten(outputs) if isinstance(t, KerasTensor)]
    if not inputs:
        raise StateError(f"{operation.name} was recorded without a symbolic input.")
    node = SymbolicNode(operation, args, kwargs, inputs, flat)
    for t in inputs:
        history = getattr(t, "_keras_history", None)
        outbound = getattr(history.operation, "_outbound_nodes", None) if history else None
        if outbound is not None:
            outbound.append(node)
    return outputs
