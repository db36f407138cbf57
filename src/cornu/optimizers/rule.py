"""`RuleOptimizer`: the base of built-in optimizers, each of which is a pure function.

`_update_rule` maps values to new values; `update_step`, which users know, follows from it, and a
backend could run it for all variables at once. What depends on the step alone is computed once per
step and dtype, not once per variable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from cornu.ops.op import Tensor, as_tensor, to_dtype
from cornu.optimizers.optimizer import Optimizer
from cornu.state.variable import Variable

__all__ = ["RuleOptimizer"]


class RuleOptimizer(Optimizer):
    """An optimizer given by a pure function. Its arguments are those of `Optimizer`."""

    # Names of the constructor's own arguments, in the order in which a config has them.
    _own_arguments: ClassVar[tuple[str, ...]] = ()

    _cornu_slots: list[str]  # attributes that hold a slot for each variable

    def _slot_groups(self) -> list[dict[str, str]]:
        """Return the state that each variable has: attribute -> name, in groups.

        The variables of one group are made together, variable by variable: files fix this order.
        """
        return []

    def _slot_initializer(self, attribute: str) -> Any:
        """Return the initializer of a slot."""
        return "zeros"

    def _scalars(self, step: Tensor, learning_rate: Tensor) -> Any:
        """Compute what is the same for all variables: one value or a tuple.

        Args:
            step: The number of the update, from 1 on, in float32 or float64.
            learning_rate: The learning rate, in the same dtype.
        """
        return learning_rate

    def _update_rule(
        self, value: Tensor, gradient: Tensor, slots: Sequence[Tensor], scalars: Any
    ) -> tuple[Tensor, Sequence[Tensor]]:
        """Return the new value of a variable, and of its slots.

        Args:
            value: The variable's value.
            gradient: Its gradient, in the same dtype.
            slots: The values of its slots, in the order of `_slot_groups`.
            scalars: What `_scalars` returned.
        """
        raise NotImplementedError

    def build(self, var_list: Sequence[Variable]) -> None:
        """Make the state for these variables.

        Args:
            var_list: What is to be trained.
        """
        if self.built:
            return
        super().build(var_list)
        attributes: list[str] = []
        for group in self._slot_groups():
            initial = [self._slot_initializer(attribute) for attribute in group]
            made = self.add_optimizer_variables(var_list, list(group.values()), initial)
            self.__dict__.update(zip(group, made, strict=True))
            attributes += group
        self.__dict__["_cornu_slots"] = attributes

    def _slots(self, variable: Variable) -> list[Variable]:
        index = self._get_variable_index(variable)
        return [self.__dict__[attribute][index] for attribute in self._cornu_slots]

    def _prepared(self, dtype: str, learning_rate: Any) -> Any:
        known: dict[str, Any] = self.__dict__.get("_cornu_prepared", {})
        if dtype not in known:
            # 0.999 is one in bfloat16, and steps aren't counted there: only results are rounded.
            exact = "float32" if dtype in ("float16", "bfloat16") else dtype
            step = to_dtype(as_tensor(self.iterations + 1), exact)
            found = self._scalars(step, to_dtype(as_tensor(learning_rate), exact))
            if isinstance(found, tuple):
                known[dtype] = tuple(to_dtype(x, dtype) for x in found)
            else:
                known[dtype] = to_dtype(found, dtype)
        return known[dtype]

    def _update_steps(
        self, gradients: Sequence[Any], variables: Sequence[Variable], learning_rate: Any
    ) -> None:
        self.__dict__["_cornu_prepared"] = {}
        try:
            super()._update_steps(gradients, variables, learning_rate)
        finally:
            del self.__dict__["_cornu_prepared"]

    def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
        """Change one variable.

        Args:
            gradient: Its gradient.
            variable: The variable.
            learning_rate: The learning rate.
        """
        dtype = variable.dtype
        slots = self._slots(variable)
        value, new = self._update_rule(
            variable.value,
            to_dtype(as_tensor(gradient), dtype),
            [s.value for s in slots],
            self._prepared(dtype, learning_rate),
        )
        for slot, x in zip(slots, new, strict=True):
            self.assign(slot, x)
        self.assign(variable, value)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal optimizer."""
        own = {name: getattr(self, name) for name in self._own_arguments}
        return {**super().get_config(), **own}
