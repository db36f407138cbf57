"""`SeedGenerator`: a counter that makes every random draw of a program another one."""

from __future__ import annotations

import random as python_random
from typing import Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.graph.names import auto_name
from cornu.graph.outside import outside
from cornu.graph.primitive import PRIMITIVES
from cornu.state.frozen_draws import drawing_for_good
from cornu.state.names import name_scope
from cornu.state.variable import Variable

__all__ = ["SeedGenerator", "draw_seed", "global_seed_generator", "make_default_seed"]


class SeedGenerator:
    """State of random draws: a seed and how many draws were made.

    Args:
        seed: An int; None draws one from Python's `random`.
        name: Its name.

    Attributes:
        state: A Variable of two uint32: `[seed, counter]`.

    Example:
        >>> g = SeedGenerator(7)
        >>> g.next().tolist(), g.next().tolist()
        ([7, 0], [7, 1])
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)
        if kwargs:
            raise ArgumentError("SeedGenerator", f"there is no argument {next(iter(kwargs))!r}")
        self.name = name or auto_name(type(self).__name__)
        self._initial_seed = seed
        if seed is None:
            seed = make_default_seed()
        if not isinstance(seed, (int, np.integer)):
            raise ArgumentError("SeedGenerator", "the seed must be an int", seed=seed)
        with name_scope(self.name, caller=self):
            self.state = Variable(
                np.array([int(seed) & 0xFFFFFFFF, 0], "uint32"),
                dtype="uint32",
                trainable=False,
                aggregation="none",
                name="seed_generator_state",
            )

    def next(self, ordered: bool = True) -> Any:
        """Return the key of the next draw, and count it.

        Args:
            ordered: Kept for the API.

        Returns:
            Two uint32: the seed and the number of the draw.
        """
        key = self.state.value
        self.state.assign(PRIMITIVES["add"](key, np.array([0, 1], "uint32")))
        return key

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal generator."""
        return {"seed": self._initial_seed}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Return the generator of a config."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<SeedGenerator seed={self._initial_seed}>"


class _Global:
    generator: SeedGenerator | None = None


def global_seed_generator() -> SeedGenerator:
    """Return the generator of draws that name no seed."""
    if _Global.generator is None:
        with outside():
            _Global.generator = SeedGenerator(make_default_seed(), name="global_seed_generator")
    return _Global.generator


def reset_global_seed(seed: int | None = None) -> None:
    """Make the global generator begin again, at `seed` (`set_random_seed`, `clear_session`)."""
    _Global.generator = None if seed is None else SeedGenerator(seed, name="global_seed_generator")


def make_default_seed() -> int:
    """Return a seed from Python's `random`, which `set_random_seed` seeds."""
    with drawing_for_good():
        return python_random.randint(1, 2**31 - 1)


def draw_seed(seed: Any) -> Any:
    """Return the key for one draw.

    Args:
        seed: A SeedGenerator (its next key), an int (always the same key), a key of two uint32, or
            None (the global generator's next key).

    Raises:
        ValueError: If it is anything else.
    """
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool):
        return np.array([int(seed) & 0xFFFFFFFF, 0], "uint32")
    if seed is None:
        return global_seed_generator().next()
    if getattr(seed, "shape", None) == (2,):
        return seed
    raise ArgumentError("random", "the seed must be an int, a SeedGenerator or None", seed=seed)
