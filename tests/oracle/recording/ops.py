"""Record how each op of `keras.ops` is saved: class, module, config arguments, node arguments.

Two sources, for facts must agree. The source text of each op says `Name(config...).symbolic_call(
inputs...)`, which gives the table whole; and each op that `_calls` knows how to call is called on
symbolic tensors, which gives the saved form of one real node.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from keras.src.models.functional import serialize_node

from tests.oracle.recording.ops_calls import OPERATORS, call
from tests.oracle.recording.real import keras, reset


def ops() -> dict[str, Any]:
    """Return one row for each public op."""
    names = sorted(n for n in dir(keras.ops) if not n.startswith("_"))
    rows = {}
    for name in names:
        function = getattr(keras.ops, name)
        if inspect.ismodule(function) or inspect.isclass(function):
            continue
        rows[name] = _row(name, function)
    return rows


def operators() -> dict[str, Any]:
    """Return, for each operator of a symbolic tensor, the node it records."""
    rows = {}
    for text, make in OPERATORS.items():
        reset()
        rows[text] = _example(make())
    return rows


def _row(name: str, function: Any) -> dict[str, Any]:
    signature = inspect.signature(function)
    row: dict[str, Any] = {
        "function": function.__name__,
        "parameters": [str(p) for p in signature.parameters.values()],
        "saved": [_saved(function, node) for node in _symbolic_calls(function)],
    }
    reset()
    outputs = call(name, function)
    if outputs is not None:
        row["example"] = _example(outputs)
    return row


def _symbolic_calls(function: Any) -> Iterator[ast.Call]:
    """Yield each expression `Name(...).symbolic_call(...)` in the body of the op."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "symbolic_call"
            and isinstance(node.func.value, ast.Call)
            and isinstance(node.func.value.func, ast.Name)
        ):
            yield node


def _saved(function: Any, node: ast.Call) -> dict[str, Any]:
    made = node.func.value  # type: ignore[attr-defined]
    cls = inspect.unwrap(function).__globals__[made.func.id]
    return {
        "class_name": cls.__name__,
        "module": cls.__module__,
        "config": _bound(inspect.signature(cls.__init__), made),
        "inputs": _bound(inspect.signature(cls.call), node),
    }


def _bound(signature: inspect.Signature, node: ast.Call) -> dict[str, str | None]:
    """Map each parameter to the expression the op gives for it; `None` if it gives none."""
    parameters = list(signature.parameters.values())[1:]
    given: dict[str, str | None] = {p.name: None for p in parameters}
    positional = iter(parameters)
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            given["*"] = ast.unparse(argument.value)
            continue
        given[next(positional).name] = ast.unparse(argument)
    for keyword in node.keywords:
        given[keyword.arg or "**"] = ast.unparse(keyword.value)
    return given


def _example(outputs: Any) -> dict[str, Any]:
    """Describe the node that the call recorded, in the form a `.keras` file has."""
    tensor = next(t for t in keras.tree.flatten(outputs) if hasattr(t, "_keras_history"))
    operation = tensor._keras_history.operation
    return {
        "operation": keras.saving.serialize_keras_object(operation),
        "node": serialize_node(operation._inbound_nodes[0], {}),
    }
