"""`Orthogonal`: rows or columns that are perpendicular to each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from cornu.errors import ShapeError
from cornu.initializers.drawn import RandomInitializer
from cornu.initializers.initializer import to_tensor
from cornu.ops.op import Tensor
from cornu.random.host import normal_values

__all__ = ["Orthogonal"]


class Orthogonal(RandomInitializer):
    """A random matrix with orthonormal rows or columns, whichever are fewer.

    With more than two axes, all but the last make the rows. The decomposition is LAPACK's in
    float64: values agree to the last bit on one machine, to rounding between machines.

    Args:
        gain: Factor on the matrix.
        seed: An int, a SeedGenerator, or None.

    Raises:
        ValueError: When called, if the shape has fewer than two axes.

    References:
        Saxe, McClelland and Ganguli 2013, "Exact solutions to the nonlinear dynamics of learning
        in deep linear neural networks", arXiv:1312.6120.

    Example:
        >>> q = Orthogonal(seed=1)((4, 2))
        >>> np.allclose(q.T @ q, np.eye(2), atol=1e-6)
        True
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        self.gain = gain
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Tensor:
        """Return values; see `Initializer`."""
        if len(shape) < 2:
            raise ShapeError("Orthogonal", "needs two axes or more", shape=tuple(shape))
        rows, columns = math.prod(shape[:-1]), shape[-1]
        a = normal_values(self._key(), (max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(a)
        # Of the many decompositions the one with a positive diagonal: then q is uniform.
        q = q * np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
        if rows < columns:
            q = q.T
        return to_tensor(self.gain * q.reshape(tuple(shape)), dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal initializer."""
        return {**super().get_config(), "gain": self.gain}
