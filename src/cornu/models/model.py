"""`Model`: layers that belong together, trained, saved and summarised as one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cornu import saving, tree
from cornu.errors import ArgumentError, StateError, TracedValueError
from cornu.graph.kerastensor import KerasTensor
from cornu.layers.layer import Layer
from cornu.lazy import later
from cornu.models.compiled_call import CompiledCall
from cornu.models.graph_call import call_graph, graph_layers, input_specs, with_input_layers
from cornu.state.masks import get_mask
from cornu.state.scopes import StatelessScope
from cornu.symbolic.argument_names import with_new_names
from cornu.symbolic.function import Function
from cornu.symbolic.operation import is_builtin
from cornu.training.trainer import Trainer

if TYPE_CHECKING:
    from cornu.models import graph_config, summary
else:
    graph_config = later("cornu.models.graph_config")
    summary = later("cornu.models.summary")

__all__ = ["Model", "takes_tensors"]

_GRAPH_NAMES = frozenset(("input", "output"))  # as Keras 1 called them


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
        """Make a `Functional` where tensors are given."""
        if cls is Model and _from_tensors(args, kwargs) and Model._cornu_functional_class:
            return super().__new__(Model._cornu_functional_class)
        return super().__new__(cls)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not _GRAPH_NAMES.isdisjoint(kwargs):
            kwargs = with_new_names("Model", kwargs, ("inputs", "outputs"))
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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs for arrays, or record a node for KerasTensors; see `Layer`."""
        compiled = self.__dict__.get("_cornu_compiled_call")
        if compiled is None:
            compiled = self.__dict__["_cornu_compiled_call"] = CompiledCall(self)
        found = compiled(args, kwargs)
        if found is not NotImplemented:
            return found
        outputs = super().__call__(*args, **kwargs)
        if any(get_mask(y) is not None for y in tree.flatten(outputs)):
            compiled.forbid()  # a step's outputs have no masks
        return outputs

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
        summary.print_summary(
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

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None
    ) -> None:
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
        import json  # slow to import, and only files need it

        return json.dumps(saving.serialize_keras_object(self), **kwargs)

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """Return all state as nested dicts, by the parts of the variables' paths.

        Args:
            value_format: "backend_tensor" or "numpy_array".

        Returns:
            Dicts under "trainable_variables", "non_trainable_variables", "optimizer_variables"
            and "metrics_variables".
        """
        if value_format not in ("backend_tensor", "numpy_array"):
            raise ArgumentError(
                "get_state_tree", "there is no such format", value_format=value_format
            )
        return {name: _nested(variables, value_format) for name, variables in self._state().items()}

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Replace state by what `get_state_tree` returned; what it doesn't hold stays."""
        known = self._state()
        for name, values in state_tree.items():
            if name not in known:
                raise ArgumentError(
                    "set_state_tree", f"there is no state {name!r}", known=list(known)
                )
            variables = {v.path: v for v in known[name]}
            for path, value in _paths(values):
                if path not in variables:
                    raise ArgumentError("set_state_tree", f"there is no variable {path!r}")
                variables[path].assign(value)

    def _state(self) -> dict[str, list[Any]]:
        optimizer = self.optimizer
        return {
            "trainable_variables": self.trainable_variables,
            "non_trainable_variables": self.non_trainable_variables,
            "optimizer_variables": [] if optimizer is None else list(optimizer.variables),
            "metrics_variables": self.metrics_variables,
        }

    def stateless_compute_loss(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        metrics_variables: Any,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Any, tuple[list[Any], list[Any], list[Any]]]:
        """Compute the loss as a pure function of the variables' values.

        Returns:
            The loss, and the new values of the three lists of variables.
        """
        lists = (self.trainable_variables, self.non_trainable_variables, self.metrics_variables)
        given = (trainable_variables, non_trainable_variables, metrics_variables)
        pairs = [p for a, b in zip(lists, given, strict=True) for p in zip(a, b, strict=True)]
        with StatelessScope(pairs) as scope:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=training)
            new = tuple([scope.get_current_value(v) for v in variables] for variables in lists)
        return loss, (new[0], new[1], new[2])

    def get_config(self) -> dict[str, Any]:
        """Return what makes an equal model: the graph if it is made from tensors.

        A subclass with a constructor of its own overrides it.
        """
        if self._cornu_function is not None and takes_tensors(type(self)):
            return graph_config.graph_config(self)
        return Layer.get_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the model of a config.

        Args:
            config: What `get_config` returned.
            custom_objects: Name -> class or function, for layers that are not built in.
        """
        if config.keys() >= _GRAPH_KEYS and takes_tensors(cls):
            further = {k: v for k, v in config.items() if k not in _GRAPH_KEYS}
            graph = graph_config.graph_from_config(config, custom_objects)
            return cls(**graph, name=config["name"], **further)
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(
                f"{cls.__name__}.from_config: the constructor doesn't take this config, so the "
                "class needs a `get_config` that returns the constructor's arguments, or a "
                f"`from_config`. config={config}. {error}"
            ) from error

    def _obj_type(self) -> str:
        return "Layer" if self._cornu_function is None else "Functional"

    def build(self, input_shape: Any) -> None:
        """Make the variables of a subclassed model by calling it on abstract inputs.

        Args:
            input_shape: Shape with the batch axis, or a structure of shapes.
        """
        if self._cornu_function is not None:
            return
        placeholders = tree.map_shape_structure(
            lambda s: KerasTensor(s, self.input_dtype), input_shape
        )
        try:
            self._abstract_call((placeholders,), {})
        except (NotImplementedError, TracedValueError):
            raise
        except (TypeError, ArgumentError) as error:
            raise StateError(
                f"{type(self).__name__}.build",
                f"calling the model on inputs of shape {input_shape} failed, so its weights can't "
                f"be made: {error}",
                fix="Call it on data, or override `build`.",
            ) from error

    build._cornu_default = True  # type: ignore[attr-defined]

    def get_build_config(self) -> dict[str, Any] | None:
        """Return what `build_from_config` needs: nothing for a model made from tensors."""
        if self._cornu_function is not None:
            return {"input_shape": None}
        return super().get_build_config()

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the variables for the shapes in `config`."""
        if not config or self._cornu_function is not None:
            return
        super().build_from_config(config)

    def _builtin_only(self) -> bool:
        """Say whether every layer is one of cornu's own."""
        return all(is_builtin(type(layer)) for layer in self._flatten_layers())


def _nested(variables: list[Any], value_format: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for v in variables:
        *parents, leaf = v.path.split("/")
        place = found
        for part in parents:
            place = place.setdefault(part, {})
        place[leaf] = v.numpy() if value_format == "numpy_array" else v.value
    return found


def _paths(values: Any, prefix: str = "") -> list[tuple[str, Any]]:
    if not isinstance(values, dict):
        return [(prefix, values)]
    return [
        pair
        for key, value in values.items()
        for pair in _paths(value, f"{prefix}/{key}" if prefix else key)
    ]


_GRAPH_KEYS = frozenset(("name", "layers", "input_layers", "output_layers"))


def takes_tensors(cls: type) -> bool:
    """Say whether a class is made as `Model(inputs, outputs, name)` is.

    Args:
        cls: A class of models.

    Returns:
        False if its constructor has other parameters.
    """
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    kinds = {p.kind for p in parameters}
    if {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD} <= kinds:
        return True
    named = [p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    return named == ["inputs", "outputs", "name"]


def _from_tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return (
        len(args) == 2
        or (len(args) == 1 and not kwargs.keys().isdisjoint(("outputs", "output")))
        or sum(name in kwargs for name in ("inputs", "outputs", "input", "output")) == 2
    )
