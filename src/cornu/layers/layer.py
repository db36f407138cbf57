"""`Layer`: state, and a `call` that computes with it; the base of all layers and models."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cornu import constraints, initializers, ops, regularizers, saving, tree
from cornu.backends import current
from cornu.errors import (
    ArgumentError,
    CornuError,
    ShapeError,
    StateError,
    add_context,
    source_of,
)
from cornu.graph import effects
from cornu.graph.dtypes import is_float, standard_name
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import shape_of
from cornu.graph.trace import current_trace, layer_path
from cornu.layers.call_spec import CallSpec, is_array, signature_of
from cornu.layers.config import derived_config
from cornu.layers.context import CallContext, call_context, trainable_snapshot
from cornu.layers.input_spec import check_inputs
from cornu.layers.probing import with_known_sizes
from cornu.metrics.metric import Metric
from cornu.ops.op import as_tensor, contains_symbolic, dtype_of, to_dtype
from cornu.random.seed_generator import SeedGenerator
from cornu.state import policy as dtype_policies
from cornu.state.leaks import called_in_trace
from cornu.state.masks import get_mask, set_mask
from cornu.state.names import current_path, name_scope
from cornu.state.policy import DTypePolicy
from cornu.state.tracking import TrackedDict, TrackedList, TrackedSet, Tracker
from cornu.state.variable import AutocastScope, Variable
from cornu.symbolic.argument_names import parameter_names, unknown_argument
from cornu.symbolic.operation import Operation, is_builtin, record

__all__ = ["Layer"]

_Base: Any = current("Layer").layer_base
_bases: tuple[type, ...] = (Operation,) if _Base is object else (Operation, _Base)

# Attributes whose change means nothing to a compiled step.
_HARMLESS = frozenset(("stop_training", "built", "history", "trainable", "name"))


class Layer(*_bases):  # type: ignore[misc]  # on torch a layer is an nn.Module
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

    # What a backend's own base brings along is no part of the model to files.
    _cornu_skipped = frozenset(() if _Base is object else dir(_Base()))

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
        if _Base is not object:
            _Base.__init__(self)
        Operation.__init__(self, name=name)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        input_shape = _input_shape_argument(kwargs)
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
            cls.build = _wrap_build(build)  # type: ignore[method-assign]

    # Tracking

    def _cornu_tracking(self) -> Tracker:
        tracker: Tracker | None = self.__dict__.get("_tracker")
        if tracker is None:
            lists: dict[str, list[Any]] = {
                name: []
                for name in (
                    "_trainable_variables",
                    "_non_trainable_variables",
                    "_layers",
                    "_metrics",
                    "_seed_generators",
                )
            }
            tracker = Tracker(
                {
                    "trainable_variables": (_is_trainable, lists["_trainable_variables"]),
                    "non_trainable_variables": (_is_fixed, lists["_non_trainable_variables"]),
                    "metrics": (_is_metric, lists["_metrics"]),
                    "layers": (_is_layer, lists["_layers"]),
                    "seed_generators": (_is_seed_generator, lists["_seed_generators"]),
                },
                exclusions={"non_trainable_variables": ["trainable_variables"]},
            )
            self.__dict__["_tracker"] = tracker
            self.__dict__.update(lists)
            self.__dict__["_cornu_version"] = 0
        return tracker

    def __setattr__(self, name: str, value: Any) -> None:
        tracker = self.__dict__.get("_tracker") or self._cornu_tracking()
        if name.startswith("_cornu_"):
            self.__dict__[name] = value
            return
        value = tracker.track(value)
        if name not in _HARMLESS and effects.current_scope() is None and current_trace() is None:
            self.__dict__["_cornu_version"] += 1
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        value = getattr(self, name, None)
        super().__delattr__(name)
        tracker: Tracker | None = self.__dict__.get("_tracker")
        if tracker is not None:
            tracker.unlock()
            tracker.untrack(value)

    def _lock_state(self) -> None:
        """Refuse new weights after `build`: optimizers and files count on them."""
        tracker = self._cornu_tracking()
        if tracker.locked is None:
            tracker.lock(
                f"Weights and sublayers of the layer {self.name!r} can't be added any more once it "
                "is built. Create them all in `__init__` or `build`."
            )

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> Iterator[Layer]:
        """Yield the layers in it, depth first in order of attachment, each once."""
        seen: set[int] = set()
        stack: list[Layer] = [self] if include_self else list(reversed(self._layers))
        while stack:
            layer = stack.pop()
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            yield layer
            if recursive or layer is self:
                stack.extend(reversed(layer._layers))

    # Names

    @property
    def path(self) -> str | None:
        """The path of its variables: names of the layers around it and its own."""
        return self._path

    def _open_name_scope(self) -> name_scope:
        if self._parent_path is None:
            self.__dict__["_parent_path"] = current_path()
        return name_scope(self.name, caller=self, override_parent=self._parent_path)

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
            self.build(_as_shape(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{k: _as_shape(v) for k, v in config["shapes_dict"].items()})

    def add_weight(
        self,
        *args: Any,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str | None = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Make a Variable of the layer.

        Args:
            *args: `shape` and `initializer` may be positional.
            shape: Its shape; () by default.
            initializer: An initializer, its name or a callable `(shape, dtype)`. By default
                "glorot_uniform" for floating dtypes, else "zeros".
            dtype: By default the policy's `variable_dtype`.
            trainable: Whether it is to be trained.
            autocast: Whether it is read in the compute dtype.
            regularizer: A penalty on its value, added to the loss.
            constraint: A function applied to it after each update.
            aggregation: How replicas of a distributed run are joined.
            overwrite_with_gradient: Whether an optimizer should replace it by its gradient.
            name: Its name.

        Returns:
            The Variable.
        """
        names = ("shape", "initializer", "dtype")
        if len(args) > len(names):
            raise ArgumentError("add_weight", f"takes at most {len(names)} positional arguments")
        for key, value in zip(names, args, strict=False):
            if key == "shape":
                shape = value
            elif key == "initializer":
                initializer = value
            else:
                dtype = value
        if "_tracker" not in self.__dict__ or "_dtype_policy" not in self.__dict__:
            raise StateError(_NO_SUPER.format(type(self).__name__))
        dtype = self.variable_dtype if dtype is None else standard_name(dtype)
        if initializer is None:
            initializer = "glorot_uniform" if is_float(dtype) else "zeros"
        shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        with self._open_name_scope():
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                aggregation=aggregation,
                name=name,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._track_variable(variable)
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a Variable of the layer; see `add_weight`."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    def _track_variable(self, variable: Variable) -> None:
        self._cornu_tracking().track(variable)
        if not self._trainable:
            variable.trainable = False
        self.__dict__["_cornu_version"] += 1

    def _untrack_variable(self, variable: Variable) -> None:
        tracker = self._cornu_tracking()
        was_locked, tracker.locked = tracker.locked, None
        tracker.untrack(variable)
        tracker.locked = was_locked

    # Variables

    @property
    def trainable(self) -> bool:
        """Whether the layer's variables are to be trained."""
        snapshot = trainable_snapshot.get()
        if snapshot is not None and id(self) in snapshot:
            return snapshot[id(self)]
        return bool(self._trainable)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self.__dict__["_trainable"] = value
        for v in self._trainable_variables:
            v.trainable = value
        for layer in self._layers:
            layer.trainable = value

    @property
    def variables(self) -> list[Variable]:
        """All variables: weights and the states of seed generators."""
        found: dict[int, Variable] = {}
        for v in (*self._trainable_variables, *self._non_trainable_variables):
            found.setdefault(id(v), v)
        for generator in self._seed_generators:
            found.setdefault(id(generator.state), generator.state)
        for layer in self._layers:
            for v in layer.variables:
                found.setdefault(id(v), v)
        return list(found.values())

    @property
    def weights(self) -> list[Variable]:
        """The variables that `get_weights` and files hold: without metrics and seeds."""
        found: dict[int, Variable] = {}
        for v in (*self._trainable_variables, *self._non_trainable_variables):
            found.setdefault(id(v), v)
        for layer in self._layers:
            for v in layer.weights:
                found.setdefault(id(v), v)
        return list(found.values())

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that are to be trained."""
        return [v for v in self.variables if _trains(v)] if self.trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that are not to be trained, states of seed generators included."""
        variables = self.variables
        return [v for v in variables if not _trains(v)] if self.trainable else variables

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that are to be trained."""
        return [v for v in self.weights if _trains(v)] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that are not to be trained."""
        weights = self.weights
        return [v for v in weights if not _trains(v)] if self.trainable else weights

    @property
    def metrics(self) -> list[Metric]:
        """The metrics of the layer and of those in it."""
        found = list(self._metrics)
        for layer in self._layers:
            found.extend(layer.metrics)
        return found

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of its metrics."""
        return [v for metric in self.metrics for v in metric.variables]

    def get_weights(self) -> list[Any]:
        """Return the weights as a list of writable ndarrays."""
        return [v.numpy() for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace the weights, all or none.

        Args:
            weights: One array for each of `weights`, in that order.

        Raises:
            ValueError: If their number or a shape doesn't fit.
        """
        variables = self.weights
        if len(variables) != len(weights):
            raise ArgumentError(
                f"{self.name}.set_weights",
                f"the layer has {len(variables)} weights, and {len(weights)} were given",
            )
        for v, value in zip(variables, weights, strict=True):
            given = tuple(getattr(value, "shape", None) or as_tensor(value).shape)
            if given != v.shape:
                raise ShapeError(
                    f"{self.name}.set_weights",
                    f"the value for {v.path!r} must have its shape",
                    weight=v._cornu_spec,
                    given=given,
                )
        for v, value in zip(variables, weights, strict=True):
            v.assign(value)

    def count_params(self) -> int:
        """Return the number of elements in the layer's weights."""
        if not self.built:
            raise StateError(
                f"{self.name}.count_params",
                "the layer isn't built yet, so its weights don't exist",
                fix="Call it on data or `build(input_shape)` first.",
            )
        return sum(v.size for v in self.weights)

    def save_own_variables(self, store: Any) -> None:
        """Put the layer's own variables into `store`, under "0", "1", ..."""
        for i, v in enumerate((*self._trainable_variables, *self._non_trainable_variables)):
            store[str(i)] = v

    def load_own_variables(self, store: Any) -> None:
        """Take the layer's own variables from `store`.

        Raises:
            ValueError: If their number doesn't fit.
        """
        own = (*self._trainable_variables, *self._non_trainable_variables)
        if len(store.keys()) != len(own):
            hint = "" if self.built else " The layer isn't built yet: call it on data first."
            raise ArgumentError(
                f"{self.name}.load_own_variables",
                f"the layer has {len(own)} variables and the file holds {len(store.keys())}.{hint}",
            )
        for i, v in enumerate(own):
            v.assign(store[str(i)])

    # Dtypes

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The layer's dtype policy."""
        found: DTypePolicy = self._dtype_policy
        return found

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        self._dtype_policy = dtype_policies.get(value)

    @property
    def dtype(self) -> str:
        """The dtype of the variables; see `variable_dtype`."""
        return self.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The dtype in which the layer computes."""
        return self._dtype_policy.compute_dtype

    @property
    def variable_dtype(self) -> str:
        """The dtype of the variables."""
        return self._dtype_policy.variable_dtype

    @property
    def input_dtype(self) -> str:
        """The dtype to which floating inputs are cast."""
        return self.compute_dtype

    @property
    def quantization_mode(self) -> str | None:
        """None: nothing is quantized."""
        return self._dtype_policy.quantization_mode

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
            raise StateError(_NO_SUPER.format(type(self).__name__))
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
            args, kwargs = self._converted(args, kwargs)
        except CornuError as error:
            add_context(error, self, {}, path=self._layer_path())
            raise
        original = args, dict(kwargs)
        spec = CallSpec(self, signature_of(self.call), args, kwargs)
        outer = call_context.get()
        training = self._training(kwargs, outer)
        context = CallContext(self if outer is None else outer.entry, training)
        tokens = call_context.set(context), layer_path.set(self._layer_path())
        try:
            if self._input_spec is not None:
                check_inputs(self._input_spec, spec.first, self.name)
            with self._open_name_scope():
                if not self.built:
                    self._build_for(spec)
                if outer is None and not is_symbolic:
                    self._clear_losses()
                kwargs = self._context_arguments(spec, kwargs, training)
                if is_symbolic:
                    outputs = self._symbolic_outputs(args, kwargs)
                    self._mark_outputs(spec, outputs)
                    record(self, original[0], original[1], outputs)
                else:
                    with AutocastScope(self.compute_dtype if self.autocast else None):
                        outputs = self.call(*args, **kwargs)
                        outputs = self._after_call(outputs)
                    self._mark_outputs(spec, outputs)
        except Exception as error:
            add_context(error, self, spec.arguments, source_of(error), layer_path.get())
            raise
        finally:
            layer_path.reset(tokens[1])
            call_context.reset(tokens[0])
        return outputs

    def _layer_path(self) -> str:
        outer = layer_path.get()
        return f"{outer}/{self.name}" if outer else str(self.name)

    def _converted(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with arrays as the backend's, floats in the compute dtype."""
        dtype = self.input_dtype

        def one(x: Any) -> Any:
            if isinstance(x, KerasTensor):
                return x
            if not is_array(x) and not hasattr(x, "_cornu_read"):
                return x
            y = as_tensor(x)
            if self.autocast and is_float(dtype_of(y)) and dtype_of(y) != dtype:
                mask = get_mask(x)
                y = to_dtype(y, dtype)
                if mask is not None:
                    set_mask(y, mask)
            return y

        return (
            tuple(tree.map_structure(one, a) for a in args),
            {k: tree.map_structure(one, v) for k, v in kwargs.items()},
        )

    def _training(self, kwargs: dict[str, Any], outer: CallContext | None) -> bool | None:
        """Resolve `training`: the argument, the outer call, the signature's default."""
        given = kwargs.get("training")
        if given is not None:
            return given  # type: ignore[no-any-return]
        if outer is not None and outer.training is not None:
            return outer.training
        if (mode := self.__dict__.get("_cornu_training")) is not None:
            return mode  # type: ignore[no-any-return]  # `train()` or `eval()` of the base said it
        return signature_of(self.call).defaults.get("training")

    def _context_arguments(
        self, spec: CallSpec, kwargs: dict[str, Any], training: bool | None
    ) -> dict[str, Any]:
        """Return the keyword arguments with `training` and masks, where `call` takes them."""
        signature = signature_of(self.call)
        kwargs = dict(kwargs)
        if "training" in signature.names:
            if training is not None:
                kwargs["training"] = training
        elif "training" in kwargs and not signature.takes_any:
            del kwargs["training"]
        if "mask" in kwargs and "mask" not in signature.names and not signature.takes_any:
            del kwargs["mask"]
        for i, (name, value) in enumerate(spec.tensors.items()):
            for key in (f"{name}_mask", *(("mask",) if i == 0 else ())):
                if key in signature.names and spec.arguments.get(key) is None:
                    masks = tree.map_structure(get_mask, value)
                    if any(m is not None for m in tree.flatten(masks)):
                        kwargs[key] = masks
        return kwargs

    def _after_call(self, outputs: Any) -> Any:
        if self.activity_regularizer is not None:
            for x in tree.flatten(outputs):
                if is_array(x):
                    loss = as_tensor(self.activity_regularizer(x))
                    if shape_of(x):  # per sample, so that its strength is the same for any batch
                        size = to_dtype(as_tensor(ops.shape(x)[0]), dtype_of(loss))
                        loss = ops.divide_no_nan(loss, size)
                    self.add_loss(loss)
        return outputs

    def _mark_outputs(self, spec: CallSpec, outputs: Any) -> None:
        """Attach masks to the outputs."""
        if not self.supports_masking and type(self).compute_mask is Layer.compute_mask:
            return
        if spec.first_name is None:
            return
        explicit = spec.arguments.get("mask")
        previous = explicit if explicit is not None else tree.map_structure(get_mask, spec.first)
        if type(self).compute_mask is Layer.compute_mask and all(
            m is None for m in tree.flatten(previous)
        ):
            return
        flat = tree.flatten(outputs)
        if all(get_mask(x) is not None for x in flat):
            return  # `call` did it itself
        masks = self.compute_mask(spec.first, previous)
        if masks is None:
            return
        for x, mask in zip(flat, tree.flatten(masks), strict=False):
            if mask is not None and get_mask(x) is None:
                set_mask(x, mask)

    def _build_for(self, spec: CallSpec) -> None:
        """Build for the shapes of a call."""
        if hasattr(type(self).build, "_cornu_default"):  # layers in it are built by the call
            self.__dict__["_build_shapes_dict"] = spec.shapes() or None
            if self._path is None:
                self.__dict__["_path"] = current_path()
            self.built = True
            return
        shapes = spec.shapes()
        signature = signature_of(self.build)
        if len(signature.names) == 1 or (
            signature.required and len(signature.required) == 1 and len(shapes) == 1
        ):
            self.build(next(iter(shapes.values()), None))
        elif not signature.names:
            self.build()  # type: ignore[call-arg]
        else:
            unknown = [n for n in signature.required if n not in shapes]
            if unknown:
                raise ArgumentError(
                    f"{type(self).__name__}.build",
                    "its parameters must be named after the array arguments of `call` with "
                    f"'_shape', and {unknown[0]!r} is none of {list(shapes)}",
                )
            self.build(**{n: shapes[n] for n in signature.names if n in shapes})
        self.built = True

    # Symbolic calls

    def _symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return KerasTensors; masks inside the arguments go along."""
        if type(self).compute_output_spec is not Layer.compute_output_spec:
            return self.compute_output_spec(*args, **kwargs)
        return self._abstract_call(args, kwargs)

    def _abstract_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        def run(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            args, kwargs = self._converted(args, kwargs)
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
        if (
            "input_shape" in kwargs
        ):  # which is what the API calls the first one, whatever `call` does
            args = (kwargs.pop("input_shape"), *args)
        given = [tree.map_shape_structure(self._placeholder, a) for a in args]
        named = {
            k.removesuffix("_shape"): tree.map_shape_structure(self._placeholder, v)
            for k, v in kwargs.items()
        }
        if not self.built:
            self._build_for(CallSpec(self, signature_of(self.call), tuple(given), named))
        outputs = self._symbolic_outputs(tuple(given), named)
        return tree.map_structure(lambda x: x.shape, outputs)

    def _placeholder(self, shape: Any) -> KerasTensor:
        return KerasTensor(shape, self.input_dtype)

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

    def __getstate__(self) -> dict[str, Any]:
        """Return all attributes: pickle and deepcopy take a layer as it is."""
        kinds = (TrackedList, TrackedDict, TrackedSet)
        tracked = [name for name, value in self.__dict__.items() if isinstance(value, kinds)]
        # Nodes behind it aren't part of it, and would lead to the whole graph, layer by layer.
        return {**self.__dict__, "_outbound_nodes": [], "_cornu_containers": tracked}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Become what `__getstate__` of another layer described."""
        state = dict(state)
        containers = state.pop("_cornu_containers")
        inherited = getattr(super(), "__setstate__", self.__dict__.update)
        inherited(state)
        tracker = self._cornu_tracking()
        for name in containers:  # they were copied as plain ones
            self.__dict__[name] = tracker.track(state[name])


# What the tracker sorts by. Functions with names, so that layers can be pickled.


def _is_trainable(x: Any) -> bool:
    return isinstance(x, Variable) and x.trainable


def _is_fixed(x: Any) -> bool:
    return isinstance(x, Variable) and not x.trainable


def _is_metric(x: Any) -> bool:
    return isinstance(x, Metric)


def _is_layer(x: Any) -> bool:
    return isinstance(x, Layer)


def _is_seed_generator(x: Any) -> bool:
    return isinstance(x, SeedGenerator)


def _trains(v: Variable) -> bool:
    """Say whether a variable is trained; in a step: as `compile` found it."""
    snapshot = trainable_snapshot.get()
    return v.trainable if snapshot is None else snapshot.get(id(v), v.trainable)


def _wrap_build(build: Callable[..., None]) -> Callable[..., None]:
    """Return `build` so that it runs in the layer's name scope and marks it built."""

    @functools.wraps(build)
    def wrapped(self: Layer, *args: Any, **kwargs: Any) -> None:
        with self._open_name_scope():
            self.__dict__["_path"] = current_path()
            build(self, *args, **kwargs)
        if not self._trainable:
            self.trainable = False  # the new variables too
        own = types.MethodType(wrapped, self)  # not `self.build`: a subclass may override it
        bound = signature_of(own).signature.bind(*args, **kwargs)
        bound.apply_defaults()
        shapes = {k: v for k, v in bound.arguments.items() if v is not None}
        self.__dict__["_build_shapes_dict"] = shapes or None
        self.built = True
        self._lock_state()

    wrapped._cornu_wrapped = True  # type: ignore[attr-defined]
    return wrapped


_NO_SUPER = "The layer {} was not initialised: its `__init__` must begin with `super().__init__()`."


def _input_shape_argument(kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Take `input_shape=` or `input_dim=` out of the arguments; return the shape with its batch."""
    shape = kwargs.pop("input_shape", None)
    size = kwargs.pop("input_dim", None)
    batch = kwargs.pop("batch_size", None)
    batch_shape = kwargs.pop("batch_input_shape", None)
    if batch_shape is not None:
        return tuple(batch_shape)
    if shape is None and size is not None:
        shape = (size,)
    if shape is None:
        if batch is not None:
            kwargs["batch_size"] = batch
        return None
    return (batch, *(shape if isinstance(shape, (list, tuple)) else (shape,)))


def _as_shape(x: Any) -> Any:
    """Return shapes from a config: lists of sizes become tuples, structures stay."""
    if isinstance(x, (list, tuple)):
        if all(d is None or isinstance(d, int) for d in x):
            return tuple(x)
        return type(x)(_as_shape(e) for e in x)
    if isinstance(x, dict):
        return {k: _as_shape(v) for k, v in x.items()}
    return x
