"""`Metric`: state that follows a quantity over the batches of an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cornu import initializers, ops, settings
from cornu.errors import StateError
from cornu.graph import effects
from cornu.graph.names import auto_name
from cornu.graph.trace import current_trace
from cornu.ops.op import as_tensor, to_dtype
from cornu.state import policy as dtype_policies
from cornu.state.names import name_scope
from cornu.state.tracking import Tracker
from cornu.state.variable import AutocastScope, Variable
from cornu.symbolic.arguments import keep_init_arguments

__all__ = ["Metric"]


class Metric:
    """A quantity that is updated batch by batch.

    A subclass makes its variables in `__init__` by `add_variable`, changes them in `update_state`
    and computes in `result`.

    Args:
        dtype: A dtype or policy; what the metric computes in. None: `floatx`.
        name: Its name, by default that of the class.

    Example:
        >>> import cornu
        >>> class Largest(cornu.metrics.Metric):
        ...     def __init__(self, **kwargs):
        ...         super().__init__(**kwargs)
        ...         self.value = self.add_variable((), "zeros", name="value")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.value.assign(cornu.ops.maximum(self.value, cornu.ops.max(y_pred)))
        ...     def result(self):
        ...         return self.value
        >>> m = Largest()
        >>> m.update_state(None, [1.0, 4.0])
        >>> float(m.result())
        4.0
    """

    _variables: list[Variable]
    _metrics: list[Metric]

    _cornu_kind = "metric"  # what errors call it

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self._tracker_of_metric()
        self.name = name or auto_name(type(self).__name__)
        self._dtype_policy = dtype_policies.get(dtype or settings.floatx())
        self._dtype = self._dtype_policy.compute_dtype

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        keep_init_arguments(cls)

    def _tracker_of_metric(self) -> Tracker:
        tracker: Tracker | None = self.__dict__.get("_tracker")
        if tracker is None:
            variables: list[Variable] = []
            metrics: list[Metric] = []
            tracker = Tracker(
                {
                    "variables": (_is_variable, variables),
                    "metrics": (_is_metric, metrics),
                }
            )
            self.__dict__.update(
                _tracker=tracker, _variables=variables, _metrics=metrics, _cornu_version=0
            )
        return tracker

    def __setattr__(self, name: str, value: Any) -> None:
        value = self._tracker_of_metric().track(value)
        if effects.current_scope() is None and current_trace() is None:
            self.__dict__["_cornu_version"] += 1
        super().__setattr__(name, value)

    @property
    def dtype(self) -> str:
        """The dtype of the variables."""
        return self._dtype

    @property
    def dtype_policy(self) -> Any:
        """The dtype policy."""
        return self._dtype_policy

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any,
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Make a variable of the metric.

        Args:
            shape: Its shape.
            initializer: An initializer or its name; its value after `reset_state` is always zero
                unless that is overridden.
            dtype: Its dtype, by default the metric's.
            aggregation: How replicas of a distributed run are joined.
            name: Its name.
        """
        if "_dtype" not in self.__dict__:
            raise StateError(f"{type(self).__name__}.__init__ must begin with super().__init__().")
        with name_scope(self.name.replace("/", ">"), caller=self):
            variable = Variable(
                initializers.get(initializer),
                shape=shape,
                dtype=dtype or self._dtype,
                trainable=False,
                autocast=False,  # sums must not be rounded to 16 bits inside of a layer
                aggregation=aggregation,
                name=name,
            )
        self._tracker_of_metric().track(variable)
        return variable

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable of the metric; see `add_variable`."""
        return self.add_variable(
            shape=shape,
            initializer="zeros" if initializer is None else initializer,
            dtype=dtype,
            name=name,
        )

    @property
    def variables(self) -> list[Variable]:
        """The variables of the metric and of metrics in it."""
        found = list(self._variables)
        for metric in self._metrics:
            found.extend(metric.variables)
        return found

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch. Subclasses write it."""
        raise NotImplementedError(f"The metric {type(self).__name__} has no `update_state`.")

    def result(self) -> Any:
        """Return the value so far: a scalar or a dict of scalars. Subclasses write it."""
        raise NotImplementedError(f"The metric {type(self).__name__} has no `result`.")

    def reset_state(self) -> None:
        """Begin again: set all variables to zero."""
        for v in self.variables:
            v.assign(ops.zeros(v.shape, dtype=v.dtype))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the value so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def stateless_update_state(
        self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        """Take in a batch as a pure function of the variables' values; return the new ones."""
        with effects.scope() as scope:
            self._bind(scope, metric_variables)
            self.update_state(*args, **kwargs)
            with AutocastScope(None):
                return [v.value for v in self.variables]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """Return the value as a pure function of the variables' values."""
        with effects.scope() as scope:
            self._bind(scope, metric_variables)
            return self.result()

    def stateless_reset_state(self) -> list[Any]:
        """Return the values of the variables after `reset_state`, without changing them."""
        with effects.scope():
            self.reset_state()
            with AutocastScope(None):
                return [v.value for v in self.variables]

    def _bind(self, scope: effects.Scope, values: Sequence[Any]) -> None:
        variables = self.variables
        if len(variables) != len(values):
            raise ValueError(
                f"The metric {self.name!r} has {len(variables)} variables, not {len(values)}."
            )
        for v, value in zip(variables, values, strict=True):
            scope.bound[v] = to_dtype(as_tensor(value), v._cornu_spec.dtype)

    def _obj_type(self) -> str:
        return "Metric"

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return the metric of a config."""
        return cls(**config)

    def __str__(self) -> str:
        return self.__repr__()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


# Functions with names, so that a metric can be pickled.


def _is_variable(x: Any) -> bool:
    return isinstance(x, Variable)


def _is_metric(x: Any) -> bool:
    return isinstance(x, Metric)
