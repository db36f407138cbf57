"""`Model`: layers that belong together, trained, saved and summarised as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cornu import saving, tree
from cornu.errors import ArgumentError, StateError
from cornu.graph.kerastensor import KerasTensor
from cornu.layers.layer import Layer
from cornu.models.graph_call import call_graph, graph_layers, input_specs, with_input_layers
from cornu.models.summary import print_summary
from cornu.symbolic.function import Function
from cornu.symbolic.operation import is_builtin
from cornu.training.trainer import Trainer

__all__ = ["Model"]


class Model(Trainer, Layer):
    """A layer that can be compiled, trained, evaluated and saved.

    Three ways to make one: from tensors, `Model(inputs, outputs)`; as a `Sequential` stack; or as a
    subclass with layers as attributes and a `call`.

    Args:
        *args: `inputs` and `outputs` of the graph, for a model made from tensors.
        **kwargs: `inputs`, `outputs`, `name`, `trainable`, `dtype`.

    Example:
        >>> import cornu
        >>> x = cornu.Input((4,))
        >>> model = cornu.Model(x, cornu.layers.Dense(2)(x))
        >>> model.output_shape
        (None, 2)
    """

    # Set by `functional`, which lies above: the class of models made from tensors.
    _cornu_functional_class: type | None = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _from_tensors(args, kwargs) and Model._cornu_functional_class:
            return super().__new__(Model._cornu_functional_class)
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        inputs, outputs = kwargs.pop("inputs", None), kwargs.pop("outputs", None)
        if args:
            given = (*args, None, None)[:2]
            inputs = inputs if given[0] is None else given[0]
            outputs = outputs if given[1] is None else given[1]
            if len(args) > 2 and "name" not in kwargs:
                kwargs["name"] = args[2]
        Layer.__init__(self, **kwargs)
        self._init_trainer()
        self.__dict__["_cornu_function"] = None
        if inputs is not None or outputs is not None:
            self._make_graph(inputs, outputs)

    # A model made from tensors

    def _make_graph(self, inputs: Any, outputs: Any) -> None:
        if inputs is None or outputs is None:
            raise ArgumentError("Model", "give both `inputs` and `outputs`")
        inputs, outputs = with_input_layers(inputs, outputs)
        function = Function(inputs, outputs, name=self.name)
        self.__dict__["_cornu_function"] = function
        for layer in graph_layers(function):
            self._cornu_tracking().track(layer)
        self.__dict__["_cornu_version"] += 1
        self.__dict__["_path"] = self.name
        self.__dict__["built"] = True

    @property
    def inputs(self) -> Any:
        """The KerasTensors that a model made from tensors begins with, flat."""
        function = self._cornu_function
        return None if function is None else function.inputs

    @property
    def outputs(self) -> Any:
        """The KerasTensors that a model made from tensors ends with, flat."""
        function = self._cornu_function
        return None if function is None else function.outputs

    @property
    def input(self) -> Any:
        """The inputs in the structure that was given."""
        return self._graph("input")._inputs_struct

    @property
    def output(self) -> Any:
        """The outputs in the structure that was given."""
        return self._graph("output")._outputs_struct

    @property
    def input_shape(self) -> Any:
        """The shapes of the inputs."""
        return tree.map_structure(lambda t: t.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shapes of the outputs."""
        return tree.map_structure(lambda t: t.shape, self.output)

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [t.name for t in self._graph("input_names").inputs]

    @property
    def output_names(self) -> list[str] | None:
        """The names of the outputs: those of the layers that made them."""
        function = self._cornu_function
        if function is None:
            return None
        if isinstance(function._outputs_struct, dict):
            return sorted(function._outputs_struct)
        names: list[str] = []
        for t in function.outputs:
            name = base = t._keras_history.operation.name
            count = 1
            while name in names:
                name, count = f"{base}_{count}", count + 1
            names.append(name)
        return names

    def _graph(self, what: str) -> Function:
        function: Function | None = self._cornu_function
        if function is None:
            raise AttributeError(
                f"The model {self.name!r} is not made from tensors, so it has no `{what}`."
            )
        return function

    @property
    def input_spec(self) -> Any:
        """What the model demands of its inputs."""
        if self._input_spec is not None or self._cornu_function is None:
            return self._input_spec
        return input_specs(self._cornu_function)

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        self.__dict__["_input_spec"] = value

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs. A subclass writes it; a model made from tensors runs its graph."""
        if self._cornu_function is None:
            raise NotImplementedError(
                f"The model {type(self).__name__} has no `call`: define `def call(self, inputs):`, "
                "or make it from tensors: `Model(inputs, outputs)`."
            )
        return call_graph(self, *args, **kwargs)

    # Layers

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order of the graph or of attachment."""
        function = self._cornu_function
        if function is not None:
            return [o for o in function.operations if isinstance(o, Layer)]
        return list(self._flatten_layers(include_self=False, recursive=False))

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError(
            "`Model.layers` lists the layers and can't be set; keep yours under another name."
        )

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its index in `layers`.

        Raises:
            ValueError: If there is none.
        """
        if (name is None) == (index is None):
            raise ArgumentError("get_layer", "give a name or an index", name=name, index=index)
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError("get_layer", f"there is no layer {index} among {len(layers)}")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = ", ".join(repr(layer.name) for layer in layers)
        raise ArgumentError("get_layer", f"there is no layer {name!r}; there are: {names}")

    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print a table of the layers, their output shapes and numbers of parameters.

        Args:
            line_length: Width in characters; by default that of the terminal.
            positions: Relative or absolute positions of the columns.
            print_fn: What to do with the text instead of printing it.
            expand_nested: Whether to list the layers of models inside.
            show_trainable: Whether to say which layers are trained.
            layer_range: Names of the first and last layer to show.
        """
        print_summary(
            self,
            line_length=line_length,
            positions=positions,
            print_fn=print_fn,
            expand_nested=expand_nested,
            show_trainable=show_trainable,
            layer_range=layer_range,
        )

    # Files

    def save(
        self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
    ) -> None:
        """Save the model with its weights and the state of its optimizer.

        Args:
            filepath: Path ending in ".keras" (or ".h5", the older format).
            overwrite: Whether a file may be replaced; else it is asked for.
            zipped: Whether to write an archive (by default) or a folder.
            **kwargs: None.
        """
        saving.save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None) -> None:
        """Save the weights.

        Args:
            filepath: Path ending in ".weights.h5".
            overwrite: Whether a file may be replaced.
            max_shard_size: Size in GB at which to begin another file.
        """
        saving.save_weights(self, filepath, overwrite=overwrite, max_shard_size=max_shard_size)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Load weights from a file; all or none.

        Args:
            filepath: A ".weights.h5" or ".keras" file.
            skip_mismatch: Leave out layers whose weights don't fit, with a warning.
            **kwargs: `objects_to_skip`, `by_name`.
        """
        saving.load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def to_json(self, **kwargs: Any) -> str:
        """Return the model's config as JSON; `model_from_json` makes the model of it."""
        return json.dumps(saving.serialize_keras_object(self), **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal model; a subclass overrides it."""
        return Layer.get_config(self)

    def build(self, input_shape: Any) -> None:
        """Make the variables of a subclassed model by calling it on abstract inputs.

        Args:
            input_shape: Shape with the batch axis, or a structure of shapes.
        """
        if self._cornu_function is not None:
            return
        placeholders = tree.map_shape_structure(lambda s: KerasTensor(s, self.input_dtype), input_shape)
        try:
            self._abstract_call((placeholders,), {})
        except NotImplementedError:
            raise
        except (TypeError, ArgumentError) as error:
            raise StateError(
                f"{type(self).__name__}.build",
                f"calling the model on inputs of shape {input_shape} failed, so its weights can't "
                f"be made: {error}",
                fix="Call it on data, or override `build`.",
            ) from error

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the variables for the shapes in `config`."""
        if not config or self._cornu_function is not None:
            return
        super().build_from_config(config)

    def _builtin_only(self) -> bool:
        """Say whether every layer is one of cornu's own."""
        return all(is_builtin(type(layer)) for layer in self._flatten_layers())


def _from_tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return (
        len(args) == 2
        or (len(args) == 1 and "outputs" in kwargs)
        or ("inputs" in kwargs and "outputs" in kwargs)
    )
