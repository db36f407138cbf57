"""`clear_session`: names, seeds and the global dtype policy as in a fresh process."""

from __future__ import annotations

import gc

from cornu.graph.names import reset_names
from cornu.random.seed_generator import reset_global_seed
from cornu.state.policy import set_dtype_policy

__all__ = ["clear_session"]


def clear_session(free_memory: bool = True) -> None:
    """Begin anew: automatic names count from the start, unseeded draws and the policy are reset.

    Models that exist stay as they are.

    Args:
        free_memory: Whether to collect what only circles of references keep alive.

    Example:
        >>> import cornu
        >>> clear_session()
        >>> cornu.layers.Dense(1).name
        'dense'
    """
    reset_names()
    reset_global_seed()
    set_dtype_policy(None)
    if free_memory:
        gc.collect()
