"""`Layer`: state, and a `call` that computes with it; the base of all layers and models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cornu import regularizers, saving, tree
from cornu.backends import current
from cornu.errors import ArgumentError, CornuError, StateError, add_context, source_of
from cornu.graph import effects
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.trace import layer_path
from cornu.layers.building import as_shape, build_for, input_shape_argument, wrap_build
from cornu.layers.call_spec import CallSpec, is_array, signature_of
from cornu.layers.config import derived_config
from cornu.layers.context import CallContext, call_context
from cornu.layers.input_spec import check_inputs
from cornu.layers.layer_call import (
    add_activity_loss,
    attach_masks,
    converted,
    layer_path_of,
    training_mode,
    with_context,
)
from cornu.layers.layer_state import LayerState
from cornu.layers.probing import with_known_sizes
from cornu.layers.tracked_layer import BackendBase, not_initialised
from cornu.ops.op import as_tensor, contains_symbolic, to_dtype
from cornu.state import policy as dtype_policies
from cornu.state.leaks import called_in_trace
from cornu.state.variable import AutocastScope, Variable
from cornu.symbolic.argument_names import parameter_names, unknown_argument
from cornu.symbolic.operation import Operation, is_builtin, record

__all__ = ["Layer"]


class Layer(LayerState):
    """State, and a computation with it.

    A subclass makes its Variables in `build` (or `__init__`) by `add_weight`, computes in `call`.
    Everything else follows: shapes and dtypes of outputs, config, files, masks, mixed precision.

    Args:
        activity_regularizer: A penalty on the outputs, added to the loss.
        trainable: Whether the layer's variables should be trained.
        dtype: A dtype or policy: in what the layer computes and keeps its variables. None: the
            global policy.
        autocast: Whether floating inputs are cast to the compute dtype.
        name: Its name, by default that of the class with a number.
        **kwargs: `input_shape=` or `input_dim=` for the first layer of a Sequential.

    Example:
        >>> import cornu
        >>> class Scale(cornu.layers.Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        ...     def call(self, inputs):
        ...         return inputs * self.factor
        >>> Scale()(cornu.ops.ones((2, 3))).shape
        (2, 3)
    """

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if BackendBase is not object:
            BackendBase.__init__(self)
        Operation.__init__(self, name=name)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        input_shape = input_shape_argument(kwargs)
        if input_shape is not None:
            self._input_shape_arg = input_shape
        if kwargs:
            known = parameter_names(type(self))
            raise unknown_argument(type(self).__name__, kwargs.items(), known)
        self._path: str | None = None
        self._parent_path: str | None = None
        self.built = False
        self.autocast = autocast
        self._input_spec: Any = None
        self._called = False
        self.supports_jit = True
        self._trainable = bool(trainable)
        self._losses: list[Any] = []
        self._loss_ids: set[int] = set()
        self._losses_override: list[Any] = []
        self._dtype_policy = dtype_policies.get(dtype)
        self._supports_masking = type(self).compute_mask is not Layer.compute_mask
        self._build_shapes_dict: dict[str, Any] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        build = cls.__dict__.get("build")
        if build is not None and not hasattr(build, "_cornu_wrapped"):
            cls.build = wrap_build(build)  # type: ignore[method-assign]

    # Building

    def build(self, input_shape: Any) -> None:
        """Make the variables. Subclasses write it where their shapes depend on the input's.

        Args:
            input_shape: Shape of the first argument of `call`, None where a size is not known.
                With several array arguments, name the parameters `<argument>_shape`.
        """
        self._build_shapes_dict = {"input_shape": input_shape}
        self.built = True

    build._cornu_default = True  # type: ignore[attr-defined]

    def get_build_config(self) -> dict[str, Any] | None:
        """Return what `build_from_config` needs to make the variables again."""
        shapes = self._build_shapes_dict
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": shapes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Make the variables for the shapes in `config`."""
        if not config:
            return
        if "input_shape" in config:
            self.build(as_shape(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{k: as_shape(v) for k, v in config["shapes_dict"].items()})

    @property
    def input_spec(self) -> Any:
        """What the layer demands of its inputs: an InputSpec or a structure of them."""
        return self._input_spec

    @input_spec.setter
    def input_spec(self, value: Any) -> None:
        self._input_spec = value

    # Masks

    @property
    def supports_masking(self) -> bool:
        """Whether a mask may arrive; it is passed on unless `compute_mask` says otherwise."""
        return bool(self._supports_masking)

    @supports_masking.setter
    def supports_masking(self, value: bool) -> None:
        self._supports_masking = bool(value)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the outputs; by default the one of the inputs."""
        return previous_mask

    compute_mask._cornu_default = True  # type: ignore[attr-defined]

    # Losses

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to the loss of the model, inside `call`.

        Args:
            loss: A scalar or a list of scalars.
        """
        for value in tree.flatten(loss):
            if not isinstance(value, KerasTensor):
                self._losses.append(as_tensor(value))
            elif call_context.get() is None:  # part of the graph; in a call only shapes are found
                self.__dict__.setdefault("_cornu_graph_losses", []).append(value)

    @property
    def losses(self) -> list[Any]:
        """The scalars that `add_loss`, activity and weight regularizers add to the loss."""
        found = list(self.__dict__.get("_cornu_graph_losses", ()))
        found += [x for layer in self._flatten_layers() for x in layer._losses]
        penalties = []
        for v in self.trainable_weights:
            if v.regularizer is not None:
                penalties.append(v.regularizer(v))
        return [*found, *penalties]

    def _clear_losses(self) -> None:
        for layer in self._flatten_layers():
            layer._losses.clear()

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Say how metrics are added: as attributes, or in `compile`."""
        raise StateError(
            "add_metric",
            "metrics are attributes of a layer, or given to `compile`",
            fix="self.accuracy = cornu.metrics.Mean(); in call: self.accuracy.update_state(...)",
        )

    # Calling

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs. Subclasses write it."""
        raise NotImplementedError(
            f"The layer {type(self).__name__} has no `call`: define `def call(self, inputs):`."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if needed, then compute the outputs, or record a node for KerasTensors.

        Args:
            *args: Arrays or nested structures of arrays.
            **kwargs: Further arguments of `call`; `training` and `mask` are understood always.
        """
        if "_dtype_policy" not in self.__dict__:
            raise not_initialised(self)
        self.__dict__["_called"] = True
        called = called_in_trace.get()
        if called is not None:
            called[id(self)] = self
        for x in tree.flatten(args):
            if x is not None and not is_array(x) and not hasattr(x, "_cornu_read"):
                raise ArgumentError(
                    f"{type(self).__name__}.__call__",
                    "only arrays may be positional arguments",
                    received=x,
                    fix="Pass anything else by name, and lists of numbers as np.array([...]).",
                )
        is_symbolic = contains_symbolic(args) or contains_symbolic(kwargs)
        try:
            args, kwargs = converted(self, args, kwargs)
        except CornuError as error:
            add_context(error, self, {}, path=layer_path_of(self))
            raise
        original = args, dict(kwargs)
        spec = CallSpec(self, signature_of(self.call), args, kwargs)
        outer = call_context.get()
        training = training_mode(self, kwargs, outer)
        context = CallContext(self if outer is None else outer.entry, training)
        tokens = call_context.set(context), layer_path.set(layer_path_of(self))
        try:
            if self._input_spec is not None:
                check_inputs(self._input_spec, spec.first, self.name)
            with self._open_name_scope():
                if not self.built:
                    build_for(self, spec)
                if outer is None and not is_symbolic:
                    self._clear_losses()
                kwargs = with_context(self, spec, kwargs, training)
                if is_symbolic:
                    outputs = self._symbolic_outputs(args, kwargs)
                    attach_masks(self, spec, outputs)
                    record(self, original[0], original[1], outputs)
                else:
                    with AutocastScope(self.compute_dtype if self.autocast else None):
                        outputs = self.call(*args, **kwargs)
                        add_activity_loss(self, outputs)
                    attach_masks(self, spec, outputs)
        except Exception as error:
            add_context(error, self, spec.arguments, source_of(error), layer_path.get())
            raise
        finally:
            layer_path.reset(tokens[1])
            call_context.reset(tokens[0])
        return outputs

    # Symbolic calls

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return KerasTensors; masks inside the arguments go along."""
        if type(self).compute_output_spec is not Layer.compute_output_spec:
            return self.compute_output_spec(*args, **kwargs)
        return self._abstract_call(args, kwargs)

    def _abstract_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        def run(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            args, kwargs = converted(self, args, kwargs)
            with effects.scope(), AutocastScope(self.compute_dtype if self.autocast else None):
                outputs = self.call(*args, **kwargs)
                self._clear_losses()
                return outputs

        return with_known_sizes(run, args, kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Record a node and return KerasTensors."""
        return self(*args, **kwargs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return KerasTensors of the outputs' shapes and dtypes, by running `call` abstractly."""
        return self._abstract_call(args, kwargs)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the shapes of the outputs for inputs of these shapes.

        Args:
            *args: Shapes, as `build` takes them.
            **kwargs: Likewise by name.
        """

        def placeholder(shape: Any) -> KerasTensor:
            return KerasTensor(shape, self.input_dtype)

        # That is what the API calls the first one, whatever `call` does.
        if "input_shape" in kwargs:
            args = (kwargs.pop("input_shape"), *args)
        given = [tree.map_shape_structure(placeholder, a) for a in args]
        named = {
            k.removesuffix("_shape"): tree.map_shape_structure(placeholder, v)
            for k, v in kwargs.items()
        }
        if not self.built:
            build_for(self, CallSpec(self, signature_of(self.call), tuple(given), named))
        outputs = self._symbolic_outputs(tuple(given), named)
        return tree.map_structure(lambda x: x.shape, outputs)

    def stateless_call(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """Call the layer as a pure function of its variables' values.

        Args:
            trainable_variables: Values for `trainable_variables`.
            non_trainable_variables: Values for `non_trainable_variables`.
            *args: Arguments of the call.
            return_losses: Whether to return `losses` too.
            **kwargs: Arguments of the call.

        Returns:
            `(outputs, non_trainable_variables)`, and the losses if asked for.

        Raises:
            ValueError: If the layer isn't built, or the numbers of values don't fit.
        """
        if not self.built:
            raise ArgumentError(
                f"{self.name}.stateless_call",
                "the layer must be built before",
                fix="Call it on data or `build(input_shape)` first.",
            )
        values: dict[Any, Any] = {}
        for what, variables, given in (
            ("trainable", self.trainable_variables, list(trainable_variables)),
            ("non-trainable", self.non_trainable_variables, list(non_trainable_variables)),
        ):
            if len(variables) != len(given):
                raise ArgumentError(
                    f"{self.name}.stateless_call",
                    f"the layer has {len(variables)} {what} variables, not {len(given)}",
                )
            for v, value in zip(variables, given, strict=True):
                if isinstance(value, Variable):
                    value = value.value
                values[v] = to_dtype(as_tensor(value), v._cornu_spec.dtype)
        with effects.scope() as scope:
            scope.bound.update(values)
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else None
            with AutocastScope(None):
                new = [v.value for v in self.non_trainable_variables]
        return (outputs, new, losses) if return_losses else (outputs, new)

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call so that the gradient recomputes the inside instead of keeping it."""
        return current().checkpoint(layer_call)(*args, **kwargs)

    # Config

    def _obj_type(self) -> str:
        return "Layer"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer.

        For a class of your own whose constructor takes only plain values this is derived; override
        it and extend `super().get_config()` otherwise.
        """
        own_class = type(self)
        base = {"name": self.name} if is_builtin(own_class) else Operation.get_config(self)
        config: dict[str, Any] = {
            "trainable": self.trainable,
            "dtype": saving.serialize_keras_object(self._dtype_policy),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return {**base, **config, **derived_config(self)}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"
