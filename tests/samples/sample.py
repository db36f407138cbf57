"""`Sample`, a row that declares how an operation is tested, and the operands that rows draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cornu.graph.dtypes import numpy_dtype

# A draw makes one operand; floats get the dtype of the test, integers and booleans keep their own.
Draw = Callable[[np.random.Generator, str], Any]


@dataclass(frozen=True, eq=False)
class Sample:
    """One row.

    Attributes:
        name: Name of the primitive or op.
        operands: What draws each operand.
        reference: NumPy or SciPy, never cornu; gets float64 operands and the attributes.
        attrs: The attributes.
        tolerance: A name in `tests.tolerances`.
        note: Tells rows of one name apart.
        unknown: (operand, axis) pairs that may be unknown; None means each first axis.
        dtypes: Floating dtypes that values are tested in.
        gradient: Whether finite differences are a test of it.
    """

    name: str
    operands: tuple[Draw, ...]
    reference: Callable[..., Any]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    tolerance: str = "elementwise"
    note: str = ""
    unknown: tuple[tuple[int, int], ...] | None = None
    dtypes: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    gradient: bool = True

    def __str__(self) -> str:
        return f"{self.name}-{self.note}" if self.note else self.name

    def draw(self, dtype: str = "float64") -> list[Any]:
        """Return operands, the same ones at each call."""
        rng = np.random.default_rng(sum(map(ord, str(self))))
        return [draw(rng, dtype) for draw in self.operands]

    def expected(self, operands: list[Any]) -> Any:
        """Return what the reference says."""
        wide = [
            o.astype(np.float64) if o.dtype.kind in "fV" else o for o in map(np.asarray, operands)
        ]
        with np.errstate(all="ignore"):
            return self.reference(*wide, **self.attrs)


def real(*shape: int, low: float = -2.0, high: float = 2.0) -> Draw:
    """Uniform between `low` and `high`."""
    return lambda rng, dtype: rng.uniform(low, high, shape).astype(numpy_dtype(dtype))


def positive(*shape: int) -> Draw:
    """Uniform between 0.1 and 3."""
    return real(*shape, low=0.1, high=3.0)


def distinct(*shape: int) -> Draw:
    """A permutation of numbers 0.25 apart: no ties, even after a small step or in bfloat16."""

    def draw(rng: np.random.Generator, dtype: str) -> Any:
        count = int(np.prod(shape))
        return ((rng.permutation(count) - count / 2) / 4).reshape(shape).astype(numpy_dtype(dtype))

    return draw


def values(data: Any) -> Draw:
    """The floats given."""
    return lambda rng, dtype: np.asarray(data).astype(numpy_dtype(dtype))


def integers(low: int, high: int, *shape: int, dtype: str = "int32") -> Draw:
    """Integers from `low` up to, not including, `high`."""
    return lambda rng, _: rng.integers(low, high, shape).astype(dtype)


def given(data: Any, dtype: str = "int32") -> Draw:
    """The integers or booleans given."""
    return lambda rng, _: np.asarray(data, dtype)


def booleans(*shape: int) -> Draw:
    """Both with equal probability."""
    return lambda rng, _: rng.random(shape) < 0.5


def turned(draw: Draw) -> Draw:
    """The same operand with its memory in another order."""
    return lambda rng, dtype: np.asfortranarray(draw(rng, dtype))


def symmetric_positive(*shape: int) -> Draw:
    """Symmetric matrices with eigenvalues of at least 1."""

    def draw(rng: np.random.Generator, dtype: str) -> Any:
        a = rng.uniform(-1, 1, shape)
        return (a @ a.swapaxes(-1, -2) + np.eye(shape[-1])).astype(numpy_dtype(dtype))

    return draw


def regular(*shape: int) -> Draw:
    """Square matrices far from singular."""

    def draw(rng: np.random.Generator, dtype: str) -> Any:
        a = rng.uniform(-1, 1, shape) + 3 * np.eye(shape[-1])
        return a.astype(numpy_dtype(dtype))

    return draw
