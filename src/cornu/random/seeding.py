"""`set_random_seed`: one seed for everything that draws."""

from __future__ import annotations

import random as python_random

import numpy as np

from cornu.errors import ArgumentError
from cornu.random.seed_generator import reset_global_seed

__all__ = ["set_random_seed"]


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy's global generator and cornu's own.

    After it a program draws the same initial weights, orders and noise whenever it runs.

    Args:
        seed: An int from 0 to 2**32 - 1.

    Raises:
        ValueError: If it isn't.

    Example:
        >>> import cornu
        >>> set_random_seed(7)
        >>> first = cornu.random.uniform((3,)).tolist()
        >>> set_random_seed(7)
        >>> cornu.random.uniform((3,)).tolist() == first
        True
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise ArgumentError("set_random_seed", "the seed must be an int", seed=seed)
    if not 0 <= seed < 2**32:
        raise ArgumentError("set_random_seed", "the seed must lie in [0, 2**32)", seed=int(seed))
    python_random.seed(int(seed))
    np.random.seed(int(seed))  # noqa: NPY002  # the generator that users' programs draw from
    reset_global_seed(int(seed))
