"""`StoredOptimizer`: an optimizer as a config, and its variables in files."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from cornu import saving
from cornu.errors import (
    ArgumentError,
)
from cornu.optimizers.optimizer_state import OptimizerState
from cornu.state.variable import Variable

__all__ = ["StoredOptimizer"]


class StoredOptimizer(OptimizerState):
    """Base of `Optimizer`: configs and files. Its arguments are those of `Optimizer`."""

    def _obj_type(self) -> str:
        return "Optimizer"

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of the optimizer's variables.

        Args:
            weights: A value for each of `variables`.

        Raises:
            ValueError: If the optimizer isn't built, or a shape differs.
        """
        if not self.built:
            raise ArgumentError(
                f"{type(self).__name__}.set_weights",
                "the optimizer isn't built",
                fix="optimizer.build(model.trainable_variables)",
            )
        for v, value in zip(self._variables, weights, strict=True):
            v.assign(value)

    def save_own_variables(self, store: Any) -> None:
        """Put the optimizer's variables into `store`."""
        for i, v in enumerate(self.variables):
            store[str(i)] = v

    def load_own_variables(self, store: Any) -> None:
        """Take the optimizer's variables from `store`, if it holds as many."""
        count = len(store.keys())
        variables = self._variables_in_file(count)
        if variables is None:
            warnings.warn(
                f"The state of the optimizer {self.name!r} isn't loaded: it has "
                f"{len(self.variables)} variables and the file {count}.",
                stacklevel=2,
            )
            return
        for i, v in enumerate(variables):
            v.assign(store[str(i)])
        if len(variables) < len(self.variables):
            self._start_slots()

    def _variables_in_file(self, count: int) -> list[Variable] | None:
        """Return the variables that a file with so many of them holds; None: it fits nothing.

        A model that was saved before its first step has an optimizer without slots. One that is
        made from the file has them, for it knows the weights, but they are as new.
        """
        variables = self.variables
        if len(variables) != count and int(self.iterations) == 0:
            variables = self._early_variables()
        return variables if len(variables) == count else None

    def _early_variables(self) -> list[Variable]:
        """Return the variables that exist before `build`."""
        return self._variables[: self.__dict__.get("_cornu_early", len(self._variables))]

    def _start_slots(self) -> None:
        """Give slots the values they begin with, where these depend on the weights."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal optimizer."""
        rate = self._learning_rate
        if isinstance(rate, Variable):
            learning_rate: Any = float(rate.numpy())
        else:
            learning_rate = saving.serialize_keras_object(rate)
        return {
            "name": self.name,
            "learning_rate": learning_rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "global_clipnorm": self.global_clipnorm,
            "clipvalue": self.clipvalue,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return the optimizer of a config."""
        config = dict(config)
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = saving.deserialize_keras_object(
                config["learning_rate"], custom_objects=custom_objects
            )
        return cls(**config)
