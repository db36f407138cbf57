"""`LayerState`: the variables of a layer and of those inside it, and their dtypes.

`Layer` is what is done with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import constraints, initializers, regularizers
from cornu.errors import ArgumentError, ShapeError, StateError
from cornu.graph.dtypes import is_float, standard_name
from cornu.layers.context import trainable_snapshot
from cornu.layers.tracked_layer import TrackedLayer, not_initialised
from cornu.metrics.metric import Metric
from cornu.ops.op import as_tensor
from cornu.state import policy as dtype_policies
from cornu.state.policy import DTypePolicy
from cornu.state.variable import Variable

__all__ = ["LayerState"]


class LayerState(TrackedLayer):
    """Base of `Layer`: variables and dtypes. Its arguments are those of `Layer`."""

    built: bool
    _trainable: bool
    _dtype_policy: DTypePolicy

    # Variables

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
            raise not_initialised(self)
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


def _trains(v: Variable) -> bool:
    """Say whether a variable is trained; in a step: as `compile` found it."""
    snapshot = trainable_snapshot.get()
    return v.trainable if snapshot is None else snapshot.get(id(v), v.trainable)
