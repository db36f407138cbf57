"""Python's operators on values: one mixin, one table that `ops` fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["OPERATORS", "Operators"]

# Name of an op to the op. `graph` lies below `ops`, so `ops` fills it in when it is imported.
OPERATORS: dict[str, Callable[..., Any]] = {}


def _binary(name: str) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return OPERATORS[name](self, other)

    return method


def _reflected(name: str) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        return OPERATORS[name](other, self)

    return method


def _unary(name: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return OPERATORS[name](self)

    return method


class Operators:
    """Every operator is the op of its name, so it promotes, records and traces as that does."""

    __slots__ = ()

    __add__, __radd__ = _binary("add"), _reflected("add")
    __sub__, __rsub__ = _binary("subtract"), _reflected("subtract")
    __mul__, __rmul__ = _binary("multiply"), _reflected("multiply")
    __truediv__, __rtruediv__ = _binary("true_divide"), _reflected("true_divide")
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _reflected("floor_divide")
    __mod__, __rmod__ = _binary("mod"), _reflected("mod")
    __pow__, __rpow__ = _binary("power"), _reflected("power")
    __matmul__, __rmatmul__ = _binary("matmul"), _reflected("matmul")
    __and__, __rand__ = _binary("bitwise_or_logical_and"), _reflected("bitwise_or_logical_and")
    __or__, __ror__ = _binary("bitwise_or_logical_or"), _reflected("bitwise_or_logical_or")
    __xor__, __rxor__ = _binary("bitwise_or_logical_xor"), _reflected("bitwise_or_logical_xor")
    __lshift__, __rlshift__ = _binary("left_shift"), _reflected("left_shift")
    __rshift__, __rrshift__ = _binary("right_shift"), _reflected("right_shift")
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    __eq__ = _binary("equal")  # element-wise, as NumPy's
    __ne__ = _binary("not_equal")
    __neg__, __abs__ = _unary("negative"), _unary("absolute")
    __pos__ = _unary("positive")
    __invert__ = _unary("bitwise_or_logical_not")
    __getitem__ = _binary("get_item")

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return OPERATORS["floor_divide"](self, other), OPERATORS["mod"](self, other)

    def __round__(self, ndigits: int | None = None) -> Any:
        return OPERATORS["round"](self, ndigits or 0)
