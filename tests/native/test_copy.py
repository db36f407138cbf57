"""Copies of any strides, and new values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.primitives.shape import full, iota
from tests.native.lowered import check
from tests.native.single import run_one

SIZES = ("uint8", "float16", "float32", "int64")


def moved(x: np.ndarray[Any, Any], *axes: int) -> np.ndarray[Any, Any]:
    return x.transpose(axes)


def copied(x: np.ndarray[Any, Any], out: np.ndarray[Any, Any] | None = None) -> None:
    """Copy a view of row-major memory, and compare."""
    y = np.zeros(x.shape, x.dtype) if out is None else out
    run_one("copy", [x], [y])
    np.testing.assert_array_equal(y, x)


@st.composite
def views(draw: Any) -> np.ndarray[Any, Any]:
    """Arrays seen in any order of axes, in steps, backwards, repeated."""
    rank = draw(st.integers(0, 4))
    shape = [draw(st.sampled_from((0, 1, 2, 3, 5, 8, 17))) for _ in range(rank)]
    count = int(np.prod(shape))
    x = (np.arange(count) % 251).astype(draw(st.sampled_from(SIZES))).reshape(shape)
    for axis in range(rank):
        step = draw(st.sampled_from((1, 1, 2, -1, -3)))
        x = x[(slice(None),) * axis + (slice(None, None, step),)]
    x = x.transpose(draw(st.permutations(range(rank))))
    if rank and draw(st.booleans()):
        x = np.broadcast_to(x[..., None, :], (*x.shape[:-1], 3, x.shape[-1]))
    # NumPy's address of nothing may lie outside of all memory.
    return x if x.size else np.zeros(x.shape, x.dtype)


@given(views())
@settings(deadline=None, max_examples=300)
def test_copy_takes_any_view(x: np.ndarray[Any, Any]) -> None:
    copied(x)


@given(views())
@settings(deadline=None, max_examples=200)
def test_copy_writes_into_any_view(x: np.ndarray[Any, Any]) -> None:
    memory = np.zeros(tuple(2 * d for d in x.shape[::-1]), x.dtype)
    back: Any = (*(slice(None, None, -2) for _ in x.shape), ...)
    copied(x, memory[back].T if x.size else np.zeros(x.shape, x.dtype))
    assert np.count_nonzero(memory) == np.count_nonzero(x)


@pytest.mark.parametrize("dtype", SIZES)
@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((65, 33), (1, 0)),
        ((3, 40, 70), (0, 2, 1)),
        ((40, 3, 50), (2, 1, 0)),
        ((5, 6, 7, 40), (0, 2, 1, 3)),
        ((5, 6, 7, 3), (0, 2, 1, 3)),
        ((2, 5000, 4), (0, 2, 1)),
        ((4, 20000), (1, 0)),
        ((3, 4, 5, 6, 7), (4, 2, 0, 3, 1)),
    ],
)
def test_copy_transposes(shape: tuple[int, ...], axes: tuple[int, ...], dtype: str) -> None:
    x = (np.arange(np.prod(shape)) % 251).astype(dtype).reshape(shape)
    copied(moved(x, *axes))


def test_copy_of_long_lines_is_cut_into_several_units() -> None:
    x = np.arange(300_000, dtype=np.float32)
    copied(x)
    copied(x[::-1])
    copied(np.broadcast_to(x[:3, None], (3, 100_000)))


def test_copy_in_place_changes_nothing() -> None:
    x = np.arange(100, dtype=np.float32)
    run_one("copy", [x], [x])
    np.testing.assert_array_equal(x, np.arange(100))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16", "int32", "float32", "float64"])
@pytest.mark.parametrize("value", [0, 1, -0.0, 3.5])
def test_full(dtype: str, value: float) -> None:
    for shape in ((), (0,), (7,), (3, 50), (400, 500)):
        check(full, shape=shape, value=value, dtype=dtype)


def test_full_keeps_negative_and_infinite_values() -> None:
    check(full, shape=(5,), value=-7, dtype="int64")
    check(full, shape=(5,), value=float("-inf"), dtype="float32")
    check(full, shape=(5,), value=float("nan"), dtype="float64")


@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint32", "int64", "float32", "float64"])
def test_iota(dtype: str) -> None:
    for size in (0, 1, 255):
        check(iota, size=size, dtype=dtype)


def test_iota_of_several_units() -> None:
    check(iota, size=300_001, dtype="int32")
