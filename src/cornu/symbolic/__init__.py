"""Operation, the base of all layers; Function, a graph of operations that can be run again."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.symbolic.function import Function as Function
    from cornu.symbolic.operation import Operation as Operation

__getattr__, __dir__, __all__ = attach(__name__, {"function": "Function", "operation": "Operation"})
