"""`clone_model`: the same architecture with new layers, and so with new weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cornu import saving, tree
from cornu.errors import ArgumentError
from cornu.graph.kerastensor import KerasTensor
from cornu.layers.input_layer import Input, InputLayer
from cornu.models.functional import Functional
from cornu.models.model import Model, takes_tensors
from cornu.models.sequential import Sequential
from cornu.ops.op import OpRecord
from cornu.symbolic.op_nodes import call_operation

__all__ = ["clone_model"]

Clone = Callable[[Any], Any]


def clone_model(
    model: Any,
    input_tensors: Any = None,
    clone_function: Clone | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
    **kwargs: Any,
) -> Any:
    """Make a model of the same architecture whose layers, and so weights, are new.

    Args:
        model: A Sequential, or a model made from tensors. Of other models a clone is made by
            their `get_config` and `from_config`, without the further arguments.
        input_tensors: KerasTensors to begin at, in the structure of the model's inputs; new ones
            by default.
        clone_function: `layer -> layer`, called for each layer but inputs and once for a shared
            one. By default a layer is made anew from its config.
        call_function: `(layer, *args, **kwargs) -> outputs`, how a new layer is called, for models
            made from tensors.
        recursive: Whether models in the model are cloned layer by layer too, instead of being
            given to `clone_function`.
        **kwargs: `cache`, dictionary from id of a layer to its clone.

    Returns:
        The clone, compiled alike if the model is compiled.

    Raises:
        ArgumentError: An argument doesn't go with this kind of model.

    Example:
        >>> import cornu
        >>> model = cornu.Sequential([cornu.Input((3,)), cornu.layers.Dense(2)])
        >>> clone = clone_model(model)
        >>> clone.output_shape, clone.layers[0] is model.layers[0]
        ((None, 2), False)
    """
    cache: dict[int, Any] = kwargs.pop("cache", None) or {}
    if kwargs:
        raise ArgumentError("clone_model", f"there is no argument {next(iter(kwargs))!r}")
    clone = _Cloner(clone_function or _anew, call_function, recursive, cache)
    if isinstance(model, Sequential):
        if call_function is not None:
            raise ArgumentError(
                "clone_model",
                "`call_function` is for models made from tensors, and this is a Sequential",
                model=model,
            )
        found = _sequential(model, clone, input_tensors)
    elif isinstance(model, Model) and model._cornu_function is not None:
        found = _graph(model, clone, call_function, input_tensors)
    else:
        if clone_function is not None or input_tensors is not None or call_function is not None:
            raise ArgumentError(
                "clone_model",
                "`input_tensors`, `clone_function` and `call_function` are for Sequentials and "
                "models made from tensors",
                model=model,
            )
        return saving.deserialize_keras_object(
            saving.serialize_keras_object(model),
            custom_objects={type(model).__name__: type(model)},
        )
    if model.compiled:
        found.compile_from_config(model.get_compile_config())
    return found


def _anew(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())


class _Cloner:
    """Clones each layer once."""

    def __init__(
        self,
        function: Clone,
        call_function: Callable[..., Any] | None,
        recursive: bool,
        cache: dict[int, Any],
    ) -> None:
        self._function = function
        self._call_function = call_function
        self._recursive = recursive
        self._cache = cache
        self._originals: list[Any] = []  # so that no id is used again meanwhile

    def __call__(self, layer: Any) -> Any:
        if id(layer) not in self._cache:
            self._originals.append(layer)
            self._cache[id(layer)] = self._new(layer)
        return self._cache[id(layer)]

    def _new(self, layer: Any) -> Any:
        if isinstance(layer, OpRecord):
            return OpRecord(layer.op, layer.name)
        inner = isinstance(layer, Model) and layer._cornu_function is not None
        if self._recursive and (inner or isinstance(layer, Sequential)):
            return clone_model(
                layer,
                clone_function=self._function,
                call_function=None if isinstance(layer, Sequential) else self._call_function,
                recursive=True,
                cache=self._cache,
            )
        return self._function(layer)


def _sequential(model: Sequential, clone: _Cloner, input_tensors: Any) -> Sequential:
    layers = [clone(layer) for layer in model.layers]
    stack = model._cornu_stack
    begin = stack[0] if stack and isinstance(stack[0], InputLayer) else None
    given = tree.flatten(input_tensors) if input_tensors is not None else []
    if given:
        if len(given) != 1 or not isinstance(given[0], KerasTensor):
            raise ArgumentError(
                "clone_model", "`input_tensors` must be one KerasTensor", received=input_tensors
            )
        name = begin.name if begin is not None else None
        history = getattr(given[0], "_keras_history", None)
        own = history is not None and isinstance(history.operation, InputLayer)
        layers.insert(0, given[0] if own else Input(tensor=given[0], name=name))
    elif begin is not None:
        shape, dtype = begin.batch_shape, begin.dtype
        layers.insert(0, Input(batch_shape=shape, dtype=dtype, name=begin.name))
    return Sequential(layers, name=model.name, trainable=model.trainable)


def _graph(
    model: Model, clone: _Cloner, call_function: Callable[..., Any] | None, input_tensors: Any
) -> Model:
    if input_tensors is None:
        inputs = tree.map_structure(
            lambda t: Input(batch_shape=t.shape, dtype=t.dtype, name=t.name), model.input
        )
    else:
        inputs = input_tensors
        if not all(isinstance(t, KerasTensor) for t in tree.flatten(inputs)):
            raise ArgumentError(
                "clone_model", "`input_tensors` must be KerasTensors", received=inputs
            )
        tree.assert_same_structure(inputs, model.input)

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        new = clone(operation)
        if call_function is None or isinstance(new, OpRecord):
            return call_operation(new, *args, **kwargs)
        return call_function(new, *args, **kwargs)

    with model._cornu_function.run(tree.flatten(inputs), call=call) as (_, outputs):
        cls = type(model) if takes_tensors(type(model)) else Functional
        return cls(inputs, outputs, name=model.name)
