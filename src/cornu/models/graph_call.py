"""Running the graph of a model made from tensors on the values that a user passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cornu import ops, tree
from cornu.errors import ArgumentError, ShapeError
from cornu.graph.dim import public_shape
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import shape_of, spec_of
from cornu.layers.input_layer import Input, InputLayer
from cornu.layers.input_spec import InputSpec
from cornu.layers.layer import Layer
from cornu.ops.op import dtype_of, to_dtype
from cornu.state.masks import get_mask, set_mask
from cornu.symbolic.function import Function
from cornu.symbolic.op_nodes import call_operation

__all__ = ["call_graph", "graph_layers", "input_specs", "with_input_layers"]


def graph_layers(function: Function) -> list[Layer]:
    """Return the layers of a graph, in its order."""
    return [o for o in function.operations if isinstance(o, Layer)]


def with_input_layers(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """Return a graph that begins at InputLayers.

    An input in the middle of another graph gets an InputLayer of its own, and the operations
    behind it are called once more from there: the same layers and ops, each with a further node.
    """
    flat = tree.flatten(inputs)
    for t in (*flat, *tree.flatten(outputs)):
        if not isinstance(t, KerasTensor):
            raise ArgumentError("Model", "inputs and outputs must be KerasTensors", found=t)
    for t in flat:
        if getattr(t, "_keras_history", None) is None:
            InputLayer(input_tensor=t, name=t.name)
    operations = [t._keras_history.operation for t in flat]
    if all(isinstance(o, InputLayer) for o in operations):
        return inputs, outputs
    begins = [
        t
        if isinstance(o, InputLayer)
        else Input(batch_shape=t.shape, dtype=t.dtype, sparse=t.sparse, name=f"{t.name}CLONE")
        for t, o in zip(flat, operations, strict=True)
    ]
    with Function(inputs, outputs).run(begins, call=call_operation) as (_, found):
        return tree.pack_sequence_as(inputs, begins), found


def input_specs(function: Function) -> Any:
    """Return InputSpecs of the graph's inputs: shapes without the batch size."""

    def one(t: KerasTensor, name: str | None) -> InputSpec:
        layer = t._keras_history.operation
        return InputSpec(
            shape=(None, *t.shape[1:]) if t.shape else (),
            allow_last_axis_squeeze=True,
            name=name,
            optional=getattr(layer, "optional", False),
        )

    structure = function._inputs_struct
    if isinstance(structure, dict):
        if all(isinstance(v, KerasTensor) for v in structure.values()):
            return [one(structure[k], k) for k in sorted(structure)]
        return None
    if isinstance(structure, (list, tuple)) and not all(
        isinstance(v, KerasTensor) for v in structure
    ):
        return None
    return [one(t, t.name) for t in function.inputs]


def call_graph(
    model: Any, inputs: Any, training: Any = None, mask: Any = None, **kwargs: Any
) -> Any:
    """Run a model's graph.

    Args:
        model: The model.
        inputs: Values in the structure of the model's inputs, or a dict by their names.
        training: Not needed here: the layers' own calls ask for it.
        mask: Masks of the inputs.
        **kwargs: None.
    """
    function: Function = model._cornu_function
    values = _standardized(function, inputs, model.name)
    if mask is not None:
        for x, m in zip(values, tree.flatten(mask), strict=False):
            if m is not None:
                set_mask(x, m)
    with function.run(values) as (_, outputs):
        return outputs


def _standardized(function: Function, inputs: Any, name: str) -> list[Any]:
    structure = function._inputs_struct
    if isinstance(inputs, Mapping) and not isinstance(structure, Mapping):
        inputs = _by_name(function, inputs, name)
    elif isinstance(inputs, Mapping) and isinstance(structure, Mapping):
        missing = sorted(set(structure) - set(inputs))
        if missing:
            raise ArgumentError(name, f"the input {missing[0]!r} is missing", given=sorted(inputs))
        inputs = {k: inputs[k] for k in structure}
    flat = tree.flatten(inputs)
    if len(flat) != len(function.inputs):
        raise ShapeError(
            name,
            f"the model has {len(function.inputs)} inputs and received {len(flat)}",
            expected=[t._keras_history.operation.name for t in function.inputs],
            received=inputs,
        )
    return [_adjusted(x, t, name) for x, t in zip(flat, function.inputs, strict=True)]


def _by_name(function: Function, inputs: Mapping[str, Any], name: str) -> list[Any]:
    names = [t.name for t in function.inputs]
    operations = [t._keras_history.operation.name for t in function.inputs]
    found = []
    for tensor_name, operation in zip(names, operations, strict=True):
        key = tensor_name if tensor_name in inputs else operation
        if key not in inputs:
            raise ArgumentError(
                name,
                f"the input {operation!r} is missing",
                given=sorted(inputs),
                expected=operations,
            )
        found.append(inputs[key])
    return found


def _adjusted(x: Any, t: KerasTensor, name: str) -> Any:
    """Return the value in the input's dtype, a last axis of size one added or dropped."""
    if x is None:
        return None
    mask = get_mask(x)
    wanted, shape = t.shape, public_shape(shape_of(x))
    y = x
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        y = ops.squeeze(y, -1)
    elif len(shape) + 1 == len(wanted) and wanted[-1] == 1:
        y = ops.expand_dims(y, -1)
    elif len(shape) != len(wanted):
        raise ShapeError(
            name,
            f"the input {t.name!r} must have {len(wanted)} axes",
            expected=t,
            received=spec_of(x),
        )
    layer = t._keras_history.operation
    if isinstance(layer, InputLayer) and dtype_of(y) != layer.dtype and layer.dtype != "string":
        y = to_dtype(y, _compute(layer.dtype, dtype_of(y)))
    if mask is not None and y is not x:
        set_mask(y, mask)
    return y


def _compute(declared: str, given: str) -> str:
    """An autocast input stays in the compute dtype; anything else takes the declared dtype."""
    halves = ("float16", "bfloat16")
    return given if given in halves and declared == "float32" else declared
