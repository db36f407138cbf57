"""The graph of a model made from tensors as plain data, in the form of Keras' files, and back.

Each operation is stored with its calls (`inbound_nodes`). A tensor is named by the operation that
made it, the number of the call, counted among the calls that belong to the model, and the number
of the output.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from cornu import saving, tree
from cornu.errors import ConfigError, FileFormatError
from cornu.graph.kerastensor import KerasTensor, SymbolicNode
from cornu.ops.op import OpRecord
from cornu.saving.serialization import TensorReference
from cornu.saving.walk import kind_of
from cornu.symbolic.op_nodes import LoadedOp, saved_node, saved_op
from cornu.symbolic.operation import Operation

__all__ = ["graph_config", "graph_from_config"]

_PLACE = "a model made from tensors"
Key = tuple[str, int]  # name of an operation, number of one of its calls


def graph_config(model: Any) -> dict[str, Any]:
    """Return layers, ops and how they are connected.

    Args:
        model: A model made from tensors.

    Returns:
        `name`, `trainable`, `layers`, `input_layers`, `output_layers`.
    """
    function = model._cornu_function
    begins = [t._keras_history for t in function.inputs]
    own = {id(h.operation._inbound_nodes[h.node_index]) for h in begins}
    numbers = _numbers(function.operations, own | {id(n) for n in function._map.nodes})
    layers = []
    for operation in function.operations:
        nodes = [n for n in operation._inbound_nodes if id(n) in numbers and n.inputs]
        config = (
            saved_op(operation)
            if isinstance(operation, OpRecord)
            else saving.serialize_keras_object(operation)
        )
        config["name"] = operation.name
        config["inbound_nodes"] = [_node_config(operation, node, numbers) for node in nodes]
        layers.append(config)

    def place(t: KerasTensor) -> list[Any]:
        operation, index, output = t._keras_history
        number = numbers[id(operation._inbound_nodes[index])]
        # Keras counts from one here for models made from tensors, and only here.
        return [operation.name, number + _begins_with_a_node(operation), output]

    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": tree.map_structure(place, function._inputs_struct),
        "output_layers": tree.map_structure(place, function._outputs_struct),
    }


def _numbers(operations: list[Any], own: set[int]) -> dict[int, int]:
    """Number the calls of each operation that belong to the model."""
    return {
        id(node): number
        for operation in operations
        for number, node in enumerate(n for n in operation._inbound_nodes if id(n) in own)
    }


def _begins_with_a_node(operation: Any) -> bool:
    return kind_of(operation) == "Functional"


def _node_config(operation: Any, node: SymbolicNode, numbers: dict[int, int]) -> dict[str, Any]:
    args, kwargs = node.args, node.kwargs
    if isinstance(operation, OpRecord):
        args, kwargs = saved_node(operation, node)

    def reference(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        maker, index, output = x._keras_history
        number = numbers[id(maker._inbound_nodes[index])]
        config = {"shape": x.shape, "dtype": x.dtype, "keras_history": [maker.name, number, output]}
        return _Written({"class_name": "__keras_tensor__", "config": config})

    return {
        "args": _plain(tree.map_structure(reference, args)),
        "kwargs": _plain(tree.map_structure(reference, kwargs)),
    }


class _Written:
    """A config in a structure whose other leaves are still objects."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config


def _plain(x: Any) -> Any:
    if isinstance(x, _Written):
        return x.config
    if isinstance(x, dict):
        return {key: _plain(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return x.__class__(map(_plain, x)) if x.__class__ in (list, tuple) else list(map(_plain, x))
    return saving.serialize_keras_object(x)


def graph_from_config(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Make the layers and ops of a config, and call them on each other.

    Args:
        config: What `graph_config` returned, perhaps from a file.
        custom_objects: Name -> class or function, for what is neither built in nor registered.

    Returns:
        `inputs` and `outputs`: KerasTensors in the structures of the model.

    Raises:
        ConfigError: The config has a wrong form, or its graph doesn't hold together: a layer
            that isn't there, a cycle, a tensor that no call makes.
    """
    made: dict[str, Any] = {}
    calls: dict[str, list[_Call]] = {}
    for layer in _list(config.get("layers"), "layers"):
        name, operation = _operation(layer, custom_objects)
        if name in made:
            raise ConfigError(_PLACE, f"two of its layers have the name {name!r}")
        if any(operation is other for other in made.values()):
            raise ConfigError(_PLACE, f"the layer {name!r} stands in it twice")
        made[name] = operation
        nodes = _list(layer.get("inbound_nodes", []), "inbound_nodes")
        calls[name] = [_Call(node, name, custom_objects) for node in nodes if node]
    _connect(made, calls)
    return {
        "inputs": _tensors(config.get("input_layers"), made, "input_layers"),
        "outputs": _tensors(config.get("output_layers"), made, "output_layers"),
    }


def _operation(layer: Any, custom_objects: Mapping[str, Any] | None) -> tuple[str, Any]:
    if not isinstance(layer, dict):
        raise ConfigError(_PLACE, "each of its layers must be a dictionary", layer=layer)
    name = layer.get("name")
    if name is None and isinstance(layer.get("config"), dict):
        name = layer["config"].get("name")
    if not isinstance(name, str):
        raise ConfigError(_PLACE, "each of its layers must have a name", name=name)
    if "module" not in layer:  # as `.h5` files have it
        layer = {"module": "keras.layers", "registered_name": None, **layer}
        if layer.get("class_name") in ("Functional", "Model", "Sequential"):
            layer["module"] = "keras.models"
    operation = saving.deserialize_keras_object(layer, custom_objects=custom_objects)
    if not isinstance(operation, (Operation, OpRecord)):
        raise ConfigError(_PLACE, f"{name!r} is no layer and no op", found=operation)
    if operation.name != name:
        raise ConfigError(
            _PLACE, f"the layer {name!r} calls itself {operation.name!r} in its own config"
        )
    return name, operation


class _Call:
    """One call of a layer as a config describes it."""

    def __init__(self, node: Any, name: str, custom_objects: Mapping[str, Any] | None) -> None:
        if isinstance(node, list):
            self.args, self.kwargs = _older(node)
            return
        if not isinstance(node, dict):
            raise ConfigError(_PLACE, f"a node of {name!r} must be a dictionary", node=node)
        read = saving.deserialize_keras_object
        args = read(node.get("args", []), custom_objects=custom_objects)
        kwargs = read(node.get("kwargs", {}), custom_objects=custom_objects)
        if not isinstance(args, (list, tuple)) or not isinstance(kwargs, dict):
            raise ConfigError(
                _PLACE,
                f"a node of {name!r} must have a list `args` and a dictionary `kwargs`",
                args=args,
                kwargs=kwargs,
            )
        self.args, self.kwargs = list(args), kwargs

    def needs(self) -> Iterator[Key]:
        """Yield the calls whose outputs this one takes."""
        for leaf in tree.flatten((self.args, self.kwargs)):
            if isinstance(leaf, TensorReference):
                yield _key(leaf)

    def run(self, operation: Any, made: Mapping[str, Any]) -> None:
        """Call the operation."""

        def value(x: Any) -> Any:
            if not isinstance(x, TensorReference):
                return x
            name, index = _key(x)
            return _output(made, name, index, x.keras_history[2] if x.keras_history else 0)

        args, kwargs = tree.map_structure(value, (self.args, self.kwargs))
        try:
            if isinstance(operation, LoadedOp):
                operation.from_saved(args, kwargs)
            else:
                operation(*args, **kwargs)
        except (FileFormatError, RecursionError, MemoryError):
            raise
        except Exception as error:
            raise ConfigError(
                _PLACE,
                f"the layer {operation.name!r} can't be called as the config says "
                f"({type(error).__name__}: {error})",
            ) from error


def _older(node: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Read a node as Keras 2 wrote it: [[layer, call, output, keyword arguments], ...]."""
    inputs: list[Any] = []
    kwargs: dict[str, Any] = {}
    for item in node:
        if not isinstance(item, list) or len(item) not in (3, 4):
            raise ConfigError(_PLACE, "a node must be a list of [layer, call, output]", node=item)
        name, call, output = item[:3]
        inputs.append(TensorReference((), "float32", _history(name, call, output)))
        if len(item) == 4 and item[3]:
            if not isinstance(item[3], dict):
                raise ConfigError(_PLACE, "the arguments of a call must be a dictionary", node=item)
            kwargs.update(item[3])
    return [inputs[0] if len(inputs) == 1 else inputs], kwargs


def _connect(made: Mapping[str, Any], calls: Mapping[str, list[_Call]]) -> None:
    """Run the calls as soon as what they need is there; those of one layer in their order."""
    done = dict.fromkeys(made, 0)
    waiting: dict[Key, list[str]] = {}
    ready = deque(name for name in made if calls[name])
    while ready:
        name = ready.popleft()
        while done[name] < len(calls[name]):
            call = calls[name][done[name]]
            missing = next((key for key in call.needs() if not _exists(made, key)), None)
            if missing is not None:
                waiting.setdefault(missing, []).append(name)
                break
            call.run(made[name], made)
            done[name] += 1
            ready.extend(waiting.pop((name, done[name] - 1), ()))
    if waiting:
        first = next(iter(waiting))
        raise ConfigError(
            _PLACE,
            f"its graph has a cycle or a gap: {', '.join(map(repr, waiting[first]))} needs call "
            f"{first[1]} of {first[0]!r}, which can't be made",
        )


def _exists(made: Mapping[str, Any], key: Key) -> bool:
    name, index = key
    if name not in made:
        raise ConfigError(_PLACE, f"it has no layer {name!r}, which another one is called on")
    return index < len(made[name]._inbound_nodes)


def _key(reference: TensorReference) -> Key:
    if reference.keras_history is None:
        raise ConfigError(_PLACE, "one of its tensors comes from nowhere", shape=reference.shape)
    name, index, output = reference.keras_history
    _history(name, index, output)
    return name, index


def _history(name: Any, index: Any, output: Any) -> tuple[str, int, int]:
    numbers = all(
        isinstance(i, int) and not isinstance(i, bool) and i >= 0 for i in (index, output)
    )
    if not isinstance(name, str) or not numbers:
        raise ConfigError(
            _PLACE,
            "a tensor is named by a layer, the number of a call and that of an output",
            received=[name, index, output],
        )
    return name, index, output


def _output(made: Mapping[str, Any], name: str, index: int, output: int) -> KerasTensor:
    if not _exists(made, (name, index)):
        raise ConfigError(_PLACE, f"it names call {index} of {name!r}, which isn't there")
    outputs = made[name]._inbound_nodes[index].outputs
    if output >= len(outputs):
        raise ConfigError(
            _PLACE, f"it names output {output} of {name!r}, which has {len(outputs)} outputs"
        )
    found: KerasTensor = outputs[output]
    return found


def _tensors(structure: Any, made: Mapping[str, Any], what: str) -> Any:
    """Replace each [layer, call, output] in a structure of lists and dictionaries."""
    if isinstance(structure, dict):
        return {key: _tensors(value, made, what) for key, value in structure.items()}
    if not isinstance(structure, (list, tuple)):
        raise ConfigError(_PLACE, f"its `{what}` must be lists or dictionaries", received=structure)
    if len(structure) == 3 and isinstance(structure[0], str):
        name, index, output = _history(*structure)
        _exists(made, (name, index))
        return _output(made, name, index - _begins_with_a_node(made[name]), output)
    return structure.__class__(_tensors(value, made, what) for value in structure)


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ConfigError(_PLACE, f"its `{what}` must be a list", received=value)
    return list(value)
