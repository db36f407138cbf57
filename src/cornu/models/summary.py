"""The table that `summary()` prints. Drawn by rich, which is imported here, on use."""

from __future__ import annotations

import math
import re
import shutil
import sys
from collections.abc import Callable
from typing import Any

from cornu import tree
from cornu.errors import ArgumentError
from cornu.graph.dtypes import bits
from cornu.layers.layer import Layer
from cornu.saving.walk import kind_of
from cornu.symbolic.saved_ops import form_of_op

__all__ = ["memory_size", "print_summary"]

_ROOMY = 60  # columns from which the headings of narrow columns keep their words whole


def memory_size(variables: list[Any]) -> int:
    """Return the bytes that variables take."""
    return int(sum(v.size * bits(v._cornu_spec.dtype) for v in variables)) // 8


def _readable(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024 or unit == "TB":
            return f"{size:.2f} {unit}"
        size /= 1024
    raise AssertionError("unreachable")


def _count(variables: list[Any]) -> str:
    number = sum(v.size for v in variables)
    return f"{number:,} ({_readable(memory_size(variables))})"


def _shape(layer: Layer) -> str:
    nodes = layer._inbound_nodes
    if nodes:
        outputs = [t.shape for t in nodes[0].outputs]
    elif layer.built and layer._build_shapes_dict:
        try:
            found = layer.compute_output_shape(*layer._build_shapes_dict.values())
        except Exception:  # a layer that can only be called on data: its shape is not known
            return "?"
        outputs = []
        tree.map_shape_structure(outputs.append, found)
    else:
        return "? (not called)" if not layer.built else "?"
    shown = [str(tuple(s)) for s in outputs]
    return shown[0] if len(shown) == 1 else f"[{', '.join(shown)}]"


def _connections(model: Any, layer: Any) -> str:
    known = {id(n) for n in model._cornu_function._map.nodes}
    found = []
    for node in layer._inbound_nodes:
        if id(node) in known:
            found += [
                f"{t._keras_history.operation.name}[{t._keras_history.node_index}]"
                f"[{t._keras_history.tensor_index}]"
                for t in node.inputs
            ]
    return ",\n".join(found) or "-"


def _rows(model: Any, expand: bool, branches: bool, depth: int = 0) -> list[list[str]]:
    rows = []
    operations = model.layers
    if branches and kind_of(model) == "Functional":  # ops too; a Sequential has none
        operations = model._cornu_function.operations
    for layer in operations:
        indent = "  " * depth + ("└ " if depth else "")
        if isinstance(layer, Layer):
            size = f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"
            row = [f"{indent}{layer.name} ({type(layer).__name__})", _shape(layer), size]
        else:
            form = form_of_op(layer.op.__name__)
            kind = layer.op.__name__ if form is None else form.class_name
            shape = str(layer._inbound_nodes[0].outputs[0].shape)
            row = [f"{indent}{layer.name} ({kind})", shape, "0"]
        if branches:
            row.append(_connections(model, layer) if depth == 0 else "-")
        row.append(
            "Y"
            if getattr(layer, "trainable", False) and getattr(layer, "weights", [])
            else "N"
            if getattr(layer, "weights", [])
            else "-"
        )
        rows.append(row)
        if expand and getattr(layer, "layers", None):
            rows += _rows(layer, expand, branches, depth + 1)
    return rows


def _has_branches(model: Any) -> bool:
    function = model._cornu_function
    if kind_of(model) != "Functional":
        return False
    return (
        len(function.inputs) > 1
        or any(len(n.inputs) > 1 for n in function._map.nodes)
        or any(len(o._inbound_nodes) > 1 for o in function.operations)
    )


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: list[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print a table of a model's layers; see `Model.summary`."""
    from rich.console import Console  # heavy, and only a summary needs it
    from rich.table import Table

    branches = _has_branches(model)
    header = ["Layer (type)", "Output Shape", "Param #"]
    if branches:
        header.append("Connected to")
    header.append("Trainable")
    rows = _rows(model, expand_nested, branches)
    if layer_range is not None:
        rows = _range(rows, layer_range)
    if not show_trainable:
        header.pop()
        rows = [r[:-1] for r in rows]
    width = line_length or (shutil.get_terminal_size((100, 24)).columns if branches else 80)
    ratios = _ratios(positions, width, len(header))
    table = Table(width=width, show_lines=True)
    for title, ratio in zip(header, ratios, strict=True):
        short = title in ("Param #", "Trainable") and width >= _ROOMY
        table.add_column(
            title,
            ratio=ratio,
            justify="right" if title == "Param #" else "left",
            overflow="fold",
            min_width=len(title) if short else None,
        )
    for row in rows:
        table.add_row(*row)
    trained = list(model.trainable_weights)
    fixed = list(model.non_trainable_weights)
    optimizer = getattr(model, "optimizer", None)
    slots = list(optimizer.variables) if optimizer is not None and optimizer.built else []
    lines = [f" Total params: {_count([*trained, *fixed, *slots])}"]
    lines.append(f" Trainable params: {_count(trained)}")
    lines.append(f" Non-trainable params: {_count(fixed)}")
    if slots:
        lines.append(f" Optimizer params: {_count(slots)}")
    console = Console(
        width=width,
        highlight=False,
        markup=False,
        color_system=None,
        legacy_windows=False,
        force_jupyter=False,  # where rich would show an empty output besides
    )
    with console.capture() as capture:
        console.print(table)
    text = "\n".join([f'Model: "{model.name}"', capture.get().rstrip("\n"), *lines, ""])
    if print_fn is not None:
        print_fn(text)
    else:
        _print(text)


def _print(text: str) -> None:
    """Print with ASCII lines where the terminal's encoding lacks box characters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_ASCII)
        text = text.encode(encoding, "replace").decode(encoding)
    print(text, end="")


_ASCII = str.maketrans(
    {
        **dict.fromkeys("─━═", "-"),
        **dict.fromkeys("│┃║", "|"),
        **dict.fromkeys("┏┓┗┛┡┩┳┻╇┴┬┼├┤└┘┌┐╋┠┨", "+"),
        "…": ".",
    }
)


def _ratios(positions: list[float] | None, width: int, columns: int) -> list[int]:
    if not positions:
        return [33, 24, 15, 24, 14][:columns]
    if len(positions) < columns:
        raise ArgumentError("summary", f"`positions` needs {columns} numbers", positions=positions)
    ends = [p * width if p <= 1 else p for p in positions]
    return [max(1, math.floor(b - a)) for a, b in zip([0, *ends[:-1]], ends, strict=True)][:columns]


def _range(rows: list[list[str]], layer_range: Any) -> list[list[str]]:
    if len(layer_range) != 2:
        raise ArgumentError("summary", "`layer_range` must be two names", layer_range=layer_range)
    names = [r[0].split(" (")[0] for r in rows]
    begin = next((i for i, n in enumerate(names) if re.match(layer_range[0], n)), None)
    end = next(
        (i for i, n in reversed(list(enumerate(names))) if re.match(layer_range[1], n)), None
    )
    if begin is None or end is None:
        raise ArgumentError("summary", "`layer_range` names no layers", layer_range=layer_range)
    return rows[min(begin, end) : max(begin, end) + 1]
