"""Dtype policies under their older names (`keras.mixed_precision`): names only."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.optimizers.loss_scale import LossScaleOptimizer as LossScaleOptimizer
    from cornu.state.policy import DTypePolicy as DTypePolicy
    from cornu.state.policy import dtype_policy as dtype_policy
    from cornu.state.policy import set_dtype_policy as set_dtype_policy

    Policy = DTypePolicy
    global_policy = dtype_policy
    set_global_policy = set_dtype_policy

__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    aliases={
        "DTypePolicy": "cornu.state.policy:DTypePolicy",
        "LossScaleOptimizer": "cornu.optimizers.loss_scale:LossScaleOptimizer",
        "Policy": "cornu.state.policy:DTypePolicy",
        "dtype_policy": "cornu.state.policy:dtype_policy",
        "global_policy": "cornu.state.policy:dtype_policy",
        "set_dtype_policy": "cornu.state.policy:set_dtype_policy",
        "set_global_policy": "cornu.state.policy:set_dtype_policy",
    },
)
