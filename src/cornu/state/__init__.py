"""State and what goes with it: Variables, dtype policies, autocast, tracking, names, transforms.

`variable` holds the one kind of state there is, `transforms` has `grad`, `value_and_grad` and
`jit`, `policy` the dtype policies, `tracking` finds what hangs on attributes, `names` the paths.
"""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.state.names import name_scope as name_scope
    from cornu.state.policy import DTypePolicy as DTypePolicy
    from cornu.state.policy import FloatDTypePolicy as FloatDTypePolicy
    from cornu.state.policy import dtype_policy as dtype_policy
    from cornu.state.policy import set_dtype_policy as set_dtype_policy
    from cornu.state.scopes import StatelessScope as StatelessScope
    from cornu.state.scopes import SymbolicScope as SymbolicScope
    from cornu.state.transforms import grad as grad
    from cornu.state.transforms import jit as jit
    from cornu.state.transforms import value_and_grad as value_and_grad
    from cornu.state.variable import Variable as Variable

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "names": "name_scope",
        "policy": "DTypePolicy FloatDTypePolicy dtype_policy set_dtype_policy",
        "scopes": "StatelessScope SymbolicScope",
        "transforms": "grad jit value_and_grad",
        "variable": "Variable",
    },
)
