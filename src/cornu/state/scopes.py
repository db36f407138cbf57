"""Public scopes: computing with given values of Variables, and inferring shapes only."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar, Token
from typing import Any

from cornu.errors import ArgumentError, ShapeError
from cornu.graph import effects
from cornu.graph.spec import shape_of
from cornu.graph.trace import Trace, open_trace
from cornu.ops.op import as_tensor, to_dtype
from cornu.state.variable import Variable

__all__ = ["StatelessScope", "SymbolicScope", "in_stateless_scope"]

_innermost: ContextVar[StatelessScope | None] = ContextVar("stateless_scope", default=None)


class StatelessScope:
    """Let Variables have given values in the block; what is assigned there stays there.

    Args:
        state_mapping: Pairs of a Variable and its value.
        collect_losses: Whether `add_loss` of the scope collects.
        initialize_variables: Kept for the API.

    Example:
        >>> v = Variable(1.0)
        >>> with StatelessScope([(v, 5.0)]) as scope:
        ...     v.assign_add(1.0)
        >>> float(scope.get_current_value(v)), float(v.value)
        (6.0, 1.0)
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self.losses: list[Any] = []
        self.state_mapping: dict[Any, Any] = {}
        for v, value in state_mapping or ():
            if not isinstance(v, Variable):
                raise ArgumentError(
                    "StatelessScope", "the state must be pairs of a Variable and a value", found=v
                )
            value = to_dtype(as_tensor(value), v._cornu_spec.dtype)
            if shape_of(value) != v._cornu_spec.shape:
                raise ShapeError(
                    "StatelessScope",
                    f"the value of {v.path!r} must have its shape",
                    variable=v._cornu_spec,
                    value=value,
                )
            self.state_mapping[v] = value
        self._scopes: list[Any] = []
        self._effects: effects.Scope | None = None
        self._tokens: list[Token[StatelessScope | None]] = []

    def __enter__(self) -> StatelessScope:
        manager = effects.scope()
        self._effects = manager.__enter__()
        self._effects.bound.update(self.state_mapping)
        self._scopes.append(manager)
        self._tokens.append(_innermost.set(self))
        return self

    def __exit__(self, *exception: Any) -> None:
        _innermost.reset(self._tokens.pop())
        self._scopes.pop().__exit__(*exception)

    def add_loss(self, loss: Any) -> None:
        """Collect a loss."""
        self.losses.append(loss)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Set the value of a Variable in the scope."""
        variable, value = update
        if self._effects is not None:
            self._effects.write(variable, to_dtype(as_tensor(value), variable._cornu_spec.dtype))

    def get_current_value(self, variable: Variable) -> Any:
        """Return a Variable's value in the scope, None if the scope doesn't know it."""
        if self._effects is not None:
            for known in (self._effects.written, self._effects.bound):
                if variable in known:
                    return known[variable]
        return self.state_mapping.get(variable)


def in_stateless_scope() -> bool:
    """Say whether a StatelessScope is open."""
    return _innermost.get() is not None


class SymbolicScope:
    """Infer shapes and dtypes only: nothing is computed or assigned for good in the block."""

    def __init__(self) -> None:
        self._managers: list[tuple[Any, Any]] = []

    def __enter__(self) -> SymbolicScope:
        pair = open_trace(Trace()), effects.scope()
        for manager in pair:
            manager.__enter__()
        self._managers.append(pair)
        return self

    def __exit__(self, *exception: Any) -> None:
        for manager in reversed(self._managers.pop()):
            manager.__exit__(*exception)
