"""Dtypes of computation and of variables (`keras.dtype_policies`): names only."""

from typing import TYPE_CHECKING

from cornu.lazy import attach

if TYPE_CHECKING:
    from cornu.state.policy import DTypePolicy as DTypePolicy
    from cornu.state.policy import FloatDTypePolicy as FloatDTypePolicy


__getattr__, __dir__, __all__ = attach(
    __name__,
    {},
    aliases={
        "DTypePolicy": "cornu.state.policy:DTypePolicy",
        "FloatDTypePolicy": "cornu.state.policy:FloatDTypePolicy",
    },
)
