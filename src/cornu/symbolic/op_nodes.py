"""Ops of a graph as a file holds them: an object with a config, called on what a node says."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from cornu import ops, saving, settings
from cornu.errors import ArgumentError, ConfigError, NotSupportedError
from cornu.graph.kerastensor import SymbolicNode
from cornu.lazy import later
from cornu.ops.op import OpRecord, contains_symbolic, record_call
from cornu.saving.registry import find_ops_with

if TYPE_CHECKING:
    from cornu.symbolic import saved_ops
    from cornu.symbolic.saved_ops import SavedForm
else:
    saved_ops = later("cornu.symbolic.saved_ops")

__all__ = ["LoadedOp", "call_operation", "op_class", "saved_node", "saved_op"]

_FIX = "Put the computation into the `call` of a layer of your own, or of a `Lambda`."


class LoadedOp(OpRecord):
    """An op of a graph that a file describes; `from_saved` calls it as the file's nodes do.

    Args:
        form: How the op is stored.
        options: Values of the parameters that the form has in the config.
        name: Its name.
    """

    __slots__ = ("form", "options")

    def __init__(self, form: SavedForm, options: dict[str, Any], name: str | None) -> None:
        super().__init__(getattr(ops, form.op), name)
        self.form = form
        self.options = options

    def from_saved(self, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Record the call that a node describes.

        Args:
            args: What the node has by position.
            kwargs: What it has by name.

        Returns:
            The KerasTensors of the results.

        Raises:
            ArgumentError: The arguments don't fit, or none of them is symbolic.
        """
        if not contains_symbolic(args) and not contains_symbolic(kwargs):
            raise ArgumentError(self.name, "a node of a graph needs a tensor of the graph")
        if self.form.op == "get_item" and len(args) == 2 and isinstance(args[1], list):
            args = [args[0], tuple(args[1])]  # JSON has no tuples
        given = self._op_arguments(args, kwargs)
        return record_call(self, *given)

    def _op_arguments(
        self, args: list[Any], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Put the arguments of the node and the config into the order of the op's parameters."""
        plain = [n for n in self.form.inputs if not n.startswith("*")]
        takes_rest = any(n.startswith("*") and not n.startswith("**") for n in self.form.inputs)
        if len(args) > len(plain) and not takes_rest:
            raise ArgumentError(
                self.name, f"{self.form.class_name} takes {len(plain)} inputs, not {len(args)}"
            )
        named = {**self.options, **dict(zip(plain, args, strict=False)), **kwargs}
        rest = args[len(plain) :]
        if not rest:
            return (), named
        parameters = inspect.signature(self.op).parameters.values()
        first = []
        for p in parameters:
            if p.kind is inspect.Parameter.VAR_POSITIONAL:
                break
            first.append(named.pop(p.name))
        return (*first, *rest), named


class _OpClass:
    """What stands for Keras' class of an op while a file is read: it has `from_config`."""

    def __init__(self, form: SavedForm) -> None:
        self._form = form

    def from_config(self, config: dict[str, Any]) -> LoadedOp:
        """Make the op of a config.

        Raises:
            ConfigError: The config has an argument that the op hasn't.
        """
        config = dict(config)
        name = config.pop("name", None)
        unknown = [key for key in config if key not in self._form.config]
        if unknown:
            raise ConfigError(self._form.class_name, f"there is no argument {unknown[0]!r}")
        return LoadedOp(self._form, _read(config), name)


@functools.cache
def op_class(class_name: str) -> Any:
    """Give what makes ops from configs of a class in a file.

    Args:
        class_name: Keras' name of the class, such as `"Sum"`.

    Returns:
        An object with `from_config`; None if cornu hasn't the op.
    """
    form = saved_ops.form_of_class(class_name)
    if form is None or getattr(ops, form.op, None) is None:
        return None
    return _OpClass(form)


find_ops_with(op_class)


def saved_op(record: OpRecord) -> dict[str, Any]:
    """Turn an op of a graph into the form that Keras' files have of it.

    Args:
        record: The op; it was called at least once.

    Returns:
        `module`, `class_name`, `config` and `registered_name`.

    Raises:
        NotSupportedError: Files don't know the op, or an option of it is symbolic.
    """
    form = _form(record)
    values = _bound(record, record._inbound_nodes[0])
    config: dict[str, Any] = {"name": record.name}
    for name in form.config:
        value = values.get(name)
        if contains_symbolic(value):
            raise NotSupportedError(
                record.name,
                f"the argument {name!r} of the op {form.op!r} depends on a tensor of the graph, "
                "which files can't hold",
                fix=_FIX,
            )
        config[name] = _standard(form, name, value)
    return {
        "module": form.module,
        "class_name": form.class_name,
        "config": saving.serialize_keras_object(config),
        "registered_name": form.class_name,
    }


def saved_node(record: OpRecord, node: SymbolicNode) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Give the arguments of one call of an op in the order in which files have them.

    Args:
        record: The op.
        node: The call.

    Returns:
        Positional and keyword arguments.
    """
    form = _form(record)
    values = _bound(record, node)
    args: list[Any] = []
    kwargs = {name: values.get(name) for name in form.keywords}
    if form.op == "get_item":
        values["key"] = _index(values["key"])
    for name in form.inputs:
        if name.startswith("**"):
            kwargs.update(values.get(name[2:], {}))
        elif name.startswith("*"):
            args.extend(values.get(name[1:], ()))
        else:
            args.append(values.get(name))
    return tuple(args), kwargs


def call_operation(operation: Any, *args: Any, **kwargs: Any) -> Any:
    """Call an operation of a graph on KerasTensors, so that an op gets a node of its own record.

    Args:
        operation: A layer or the record of an op.
        *args: As a node has them.
        **kwargs: Likewise.

    Returns:
        KerasTensors.
    """
    if isinstance(operation, OpRecord):
        return record_call(operation, args, kwargs)
    return operation(*args, **kwargs)


def _form(record: OpRecord) -> SavedForm:
    form = saved_ops.form_of_op(record.op.__name__)
    if form is None:
        raise NotSupportedError(
            record.name, f"the op {record.op.__name__!r} has no form in files", fix=_FIX
        )
    return form


def _bound(record: OpRecord, node: SymbolicNode) -> dict[str, Any]:
    bound = inspect.signature(record.op).bind(*node.args, **node.kwargs)
    bound.apply_defaults()
    return bound.arguments


def _standard(form: SavedForm, name: str, value: Any) -> Any:
    """What Keras settles before it makes the class."""
    if name == "data_format" and value is None:
        return settings.image_data_format()
    if name == "dtype" and value is None and form.op == "one_hot":
        return settings.floatx()
    if name == "rms_scaling":  # an argument of old, which always had a value
        return bool(value)
    return value


def _index(key: Any) -> Any:
    """An index whose lists are arrays: in JSON a list of numbers would read as a tuple."""
    if isinstance(key, tuple):
        return tuple(map(_index, key))
    return np.asarray(key) if isinstance(key, list) and not contains_symbolic(key) else key


def _read(config: dict[str, Any]) -> dict[str, Any]:
    """The options of an op: plain values, lists as tuples where ops want axes and shapes."""
    return {key: _tuples(value) for key, value in config.items()}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
