"""Kernels of several units have the same bits on any number of threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  # fills the table
from cornu.backends.native.loader import core
from cornu.graph.primitive import PRIMITIVES
from tests.native.lowered import run_lowered

rng = np.random.default_rng(0)


def real(*shape: int) -> np.ndarray[Any, Any]:
    return rng.standard_normal(shape, np.float32)


ROWS = rng.integers(-500, 500, (20_000, 1))
WINDOWS: dict[str, Any] = {"window": (3, 3), "strides": (2, 2), "padding": "same"}
CASES: tuple[tuple[str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("reduce_sum", (real(100_000, 20),), {"axes": (0,)}),
    ("reduce_sum", (real(2_000_000),), {"axes": (0,)}),
    ("reduce_sum", (real(30, 3000, 40),), {"axes": (1,)}),
    ("argmax", (real(50, 20_000),), {"axis": 1}),
    ("scatter_nd", (real(500, 100), ROWS, real(20_000, 100)), {"mode": "add"}),
    ("take", (real(500, 100), ROWS[:, 0]), {"axis": 0}),
    ("max_pool", (real(64, 28, 28, 32),), WINDOWS),
    ("pool_sum", (real(64, 28, 28, 32),), WINDOWS),
    ("cumsum", (real(400, 2000),), {"axis": 1, "reverse": True}),
    ("sort", (real(40, 5000),), {"axis": 1}),
)


@pytest.fixture
def threads() -> Iterator[None]:
    before = core().get_threads()
    yield
    core().set_threads(before)


@pytest.mark.parametrize(("name", "inputs", "attrs"), CASES)
@pytest.mark.usefixtures("threads")
def test_bits_are_the_same(name: str, inputs: tuple[Any, ...], attrs: dict[str, Any]) -> None:
    found = []
    for n in (1, 2, 3):
        core().set_threads(n)
        found.append([y.tobytes() for y in run_lowered(PRIMITIVES[name], *inputs, **attrs)])
    assert found[0] == found[1] == found[2]
