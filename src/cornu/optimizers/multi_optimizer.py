"""`MultiOptimizer` and `OptimizerMap`: different optimizers for different variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

from cornu import saving
from cornu.errors import ArgumentError, ArgumentTypeError, StateError
from cornu.optimizers.loss_scale import LossScaleOptimizer
from cornu.optimizers.optimizer import Optimizer
from cornu.state.variable import Variable

__all__ = ["MultiOptimizer", "OptimizerMap"]


class OptimizerMap(MutableMapping[str, Optimizer]):
    """From the path of a variable to its optimizer; keys are regular expressions.

    Args:
        default_optimizer: The optimizer of paths that no key matches.
        optimizer_map: Key -> optimizer. A key must match the whole path.

    Raises:
        TypeError: If an argument isn't of these types.

    Example:
        >>> import cornu
        >>> from cornu.optimizers import SGD, Adam
        >>> by_path = OptimizerMap(Adam(), {".*bias": SGD()})
        >>> type(by_path["dense/bias"]).__name__, type(by_path["dense/kernel"]).__name__
        ('SGD', 'Adam')
    """

    def __init__(
        self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None
    ) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise ArgumentTypeError(
                "OptimizerMap", "must be an optimizer", default_optimizer=default_optimizer
            )
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise ArgumentTypeError("OptimizerMap", "must be a dict", optimizer_map=optimizer_map)
        self._default_optimizer = default_optimizer
        self._optimizer_map = optimizer_map or {}

    @property
    def default_optimizer(self) -> Optimizer:
        """The optimizer of paths that no key matches."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizer_map:
            return self._optimizer_map[key]
        found = [o for k, o in self._optimizer_map.items() if re.fullmatch(k, key)]
        if len(found) > 1:
            raise ArgumentError("OptimizerMap", f"several keys match {key!r}")
        return found[0] if found else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if key in self._optimizer_map:
            raise ArgumentError("OptimizerMap", f"the key {key!r} is there already")
        if not isinstance(key, str):
            raise ArgumentError("OptimizerMap", "a key must be a string", key=key)
        _check_inner(optimizer)
        self._optimizer_map[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Variable) -> Optimizer:
        """Return the optimizer of a variable."""
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal map."""
        return {
            "default_optimizer": saving.serialize_keras_object(self._default_optimizer),
            "optimizer_map": saving.serialize_keras_object(self._optimizer_map),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the map of a config."""
        return cls(
            *(
                saving.deserialize_keras_object(config[key], custom_objects=custom_objects)
                for key in ("default_optimizer", "optimizer_map")
            )
        )


def _check_inner(optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError("MultiOptimizer", "not an optimizer", received=optimizer)
    if isinstance(optimizer, (LossScaleOptimizer, MultiOptimizer)):
        raise ArgumentError(
            "MultiOptimizer",
            f"{type(optimizer).__name__} can't be one of several optimizers",
            fix="LossScaleOptimizer(MultiOptimizer(...))",
        )


class MultiOptimizer(Optimizer):
    """Several optimizers, each for some of the variables.

    Args:
        optimizer_map: An OptimizerMap, or a callable from a variable to its optimizer.
        loss_scale_factor: Factor on the loss, for all of them.
        name: Its name.

    Example:
        >>> import cornu
        >>> from cornu.optimizers import SGD
        >>> by_path = OptimizerMap(SGD(0.5), {"b": SGD(0.25)})
        >>> a, b = cornu.Variable(1.0, name="a"), cornu.Variable(1.0, name="b")
        >>> MultiOptimizer(by_path).apply([1.0, 1.0], [a, b])
        >>> float(a), float(b)
        (0.5, 0.75)
    """

    _optimizer_map: OptimizerMap | Callable[[Variable], Optimizer]
    _inner_optimizers: list[Optimizer]
    _var_to_optimizer_idx: dict[Variable, int]

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate=0.0, loss_scale_factor=loss_scale_factor, name=name)
        self.__dict__.update(
            _optimizer_map=optimizer_map, _inner_optimizers=[], _var_to_optimizer_idx={}
        )
        values = optimizer_map.values() if hasattr(optimizer_map, "values") else ()
        for optimizer in (*values, getattr(optimizer_map, "default_optimizer", None)):
            if optimizer is not None:
                self._index_of(optimizer)

    def _index_of(self, optimizer: Optimizer) -> int:
        for i, known in enumerate(self._inner_optimizers):
            if known is optimizer:
                return i
        optimizer.loss_scale_factor = self.loss_scale_factor
        self._inner_optimizers.append(optimizer)
        return len(self._inner_optimizers) - 1

    @property
    def _cornu_version(self) -> int:
        return super()._cornu_version + sum(o._cornu_version for o in self._inner_optimizers)

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        for v in var_list:
            optimizer = self._optimizer_map(v)
            _check_inner(optimizer)
            self._var_to_optimizer_idx[v] = self._index_of(optimizer)
        for i, optimizer in enumerate(self._inner_optimizers):
            own = [v for v in var_list if self._var_to_optimizer_idx[v] == i]
            if own:
                optimizer.build(own)
        super().build(var_list)

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers."""
        return self._inner_optimizers

    @property
    def variables(self) -> list[Variable]:
        """All variables: its own, then those of the optimizers."""
        return [*self._variables, *(v for o in self._inner_optimizers for v in o.variables)]

    def _early_variables(self) -> list[Variable]:
        own = super()._early_variables()
        return [*own, *(v for o in self._inner_optimizers for v in o._early_variables())]

    def _start_slots(self) -> None:
        for optimizer in self._inner_optimizers:
            optimizer._start_slots()

    @property
    def learning_rate(self) -> Any:
        """There isn't one: each optimizer has its own."""
        raise AttributeError(_NO_RATE)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError(_NO_RATE)

    @property
    def loss_scale_factor(self) -> float | None:
        """Factor on the loss, the same for all optimizers."""
        factor: float | None = self.__dict__.get("_loss_scale_factor")
        return factor

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        self.__dict__["_loss_scale_factor"] = value
        for optimizer in self.__dict__.get("_inner_optimizers", ()):
            optimizer.loss_scale_factor = value

    @property
    def iterations(self) -> Any:
        """How many steps were made."""
        return self._iterations

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None
    ) -> None:
        """Have each optimizer apply the gradients of its variables; see `Optimizer.apply`.

        Args:
            grads: A gradient for each variable.
            trainable_variables: The variables; by default those that it was built with.
        """
        if len(grads) == 0:
            return
        variables = self._variables_for(grads, trainable_variables)
        for i, optimizer in enumerate(self._inner_optimizers):
            pairs = [
                (g, v)
                for g, v in zip(grads, variables, strict=True)
                if self._var_to_optimizer_idx[v] == i
            ]
            if pairs:
                optimizer.apply([g for g, _ in pairs], [v for _, v in pairs])
        self._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Sequence[Variable]) -> None:
        """Have each optimizer replace its variables by their averages."""
        for i, optimizer in enumerate(self._inner_optimizers):
            own = [v for v in var_list if self._var_to_optimizer_idx[v] == i]
            if own:
                optimizer.finalize_variable_values(own)

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of all variables; see `Optimizer.set_weights`."""
        if not self.built:
            raise StateError("MultiOptimizer.set_weights", "the optimizer isn't built")
        for v, value in zip(self.variables, weights, strict=True):
            v.assign(value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal optimizer."""
        return {
            "optimizer_map": saving.serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the optimizer of a config."""
        config = dict(config)
        config["optimizer_map"] = saving.deserialize_keras_object(
            config["optimizer_map"], custom_objects=custom_objects
        )
        return cls(**config)


_NO_RATE = "A MultiOptimizer has no learning rate of its own; each of its `optimizers` has one."
