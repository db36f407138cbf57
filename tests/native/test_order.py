"""Sorting, the greatest, binary search, and running sums."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.backends.native.lower import LOWER
from cornu.graph.primitive import Primitive
from cornu.primitives.cumulative import cumlogsumexp, cummax, cummin, cumprod, cumsum
from cornu.primitives.sort import searchsorted, sort, top_k
from tests.native.lowered import check, near, node_of, same, values
from tests.native.single import run_one

NUMBERS = ("float32", "float64", "int32", "uint32", "int64", "uint8")


@st.composite
def lines(draw: Any) -> tuple[tuple[int, ...], int]:
    """A shape and one of its axes."""
    rank = draw(st.integers(1, 3))
    shape = tuple(draw(st.sampled_from((0, 1, 2, 5, 16, 50))) for _ in range(rank))
    return shape, draw(st.integers(0, rank - 1))


def edges(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Put zeros of both signs, infinities and extremes among the values."""
    special: list[Any] = [0, 1]
    if x.dtype.kind == "f":
        special = [0.0, -0.0, np.inf, -np.inf, np.finfo(x.dtype).max, np.finfo(x.dtype).tiny]
    elif x.dtype.kind in "iu":
        special = [np.iinfo(x.dtype).min, np.iinfo(x.dtype).max]
    flat = x.reshape(-1)
    flat[::3] = np.resize(np.array(special, x.dtype), flat[::3].shape)
    return x


@given(lines(), st.sampled_from((*NUMBERS, "bool")), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_sort(case: tuple[tuple[int, ...], int], dtype: str, nan: bool, seed: int) -> None:
    shape, axis = case
    x = values(np.random.default_rng(seed), dtype, *shape, nan=nan)
    check(sort, x if seed % 2 else edges(x), axis=axis)


@given(lines(), st.sampled_from((*NUMBERS, "bool")), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_top_k(case: tuple[tuple[int, ...], int], dtype: str, nan: bool, seed: int) -> None:
    shape, _ = case
    x = values(np.random.default_rng(seed), dtype, *shape, nan=nan)
    n = shape[-1]
    for k in {0, min(1, n), n // 2, n} - ({1} if n == 0 else set()):
        check(top_k, x if seed % 2 else edges(x), k=k)


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_long_lines(dtype: str) -> None:
    x = values(np.random.default_rng(0), dtype, 3, 20_000, nan=True)
    check(sort, x, axis=1)
    for k in (1, 5, 32, 33, 5000):
        check(top_k, x, k=k)


@given(st.integers(0, 40), st.sampled_from(NUMBERS), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=200)
def test_searchsorted(n: int, dtype: str, nan: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ordered = np.sort(edges(values(rng, dtype, n, nan=nan)))
    wanted = edges(values(rng, dtype, 3, 9, nan=nan))
    for side in ("left", "right"):
        check(searchsorted, ordered, wanted, side=side)


@given(lines(), st.sampled_from(NUMBERS), st.booleans(), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_running(
    case: tuple[tuple[int, ...], int], dtype: str, reverse: bool, nan: bool, seed: int
) -> None:
    shape, axis = case
    x = values(np.random.default_rng(seed), dtype, *shape, nan=nan)
    with np.errstate(all="ignore"):
        for primitive in (cumsum, cumprod, cummax, cummin):
            check(primitive, x, axis=axis, reverse=reverse)
        if np.dtype(dtype).kind == "f":
            x = edges(x)
            close = near("transcendental")
            check(cumlogsumexp, x, close=close, axis=axis, reverse=reverse)


@pytest.mark.parametrize("shape", [(300, 2000), (2000, 300), (600_000,), (3, 400, 700)])
def test_long_running_sums(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).integers(-9, 9, shape).astype(np.float32)
    for axis in range(len(shape)):
        check(cumsum, x, axis=axis, reverse=axis == 1)
        check(cummax, x, axis=axis, reverse=axis == 0)


@pytest.mark.parametrize("shape", [(50,), (50, 7)])
def test_running_sums_in_place(shape: tuple[int, ...]) -> None:
    x = values(np.random.default_rng(0), "int32", *shape)
    for reverse in (0, 1):
        wanted = cumsum.reference(x, axis=0, reverse=bool(reverse))
        y = x.copy()
        run_one("cumulative", [y], [y], [0, 0, reverse])
        same(y, wanted)


@pytest.mark.parametrize("primitive", [cumsum, cummax])
def test_narrow_floats_have_no_kernel_of_their_own(primitive: Primitive) -> None:
    x = np.zeros(3, np.float16)
    node = node_of(primitive, (x,), {"axis": 0, "reverse": False})
    assert LOWER[primitive.name](node) is None
