"""Reductions over any axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.backends.native.lower import LOWER
from cornu.graph.primitive import Primitive
from cornu.primitives.reduce import (
    argmax,
    argmin,
    reduce_all,
    reduce_any,
    reduce_max,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from tests.native.lowered import check, near, node_of, run_lowered, same, values

NUMBERS = ("float32", "float64", "int32", "uint32", "int64", "uint8")
SIZES = (0, 1, 2, 3, 7, 16, 33)


@st.composite
def cases(draw: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A shape and some of its axes."""
    rank = draw(st.integers(0, 5))
    shape = tuple(draw(st.sampled_from(SIZES if rank < 4 else SIZES[:5])) for _ in range(rank))
    return shape, tuple(i for i in range(rank) if draw(st.booleans()))


@given(cases(), st.sampled_from(NUMBERS), st.integers(0, 99))
@settings(deadline=None, max_examples=400)
def test_sums_and_products(
    case: tuple[tuple[int, ...], tuple[int, ...]], dtype: str, seed: int
) -> None:
    shape, axes = case
    x = values(np.random.default_rng(seed), dtype, *shape)
    if np.dtype(dtype).kind == "f":
        x = np.asarray(np.round(x * 8) / 8)  # sums of eighths are exact in any order
    check(reduce_sum, x, axes=axes)
    if np.dtype(dtype).kind == "f":
        x = np.asarray(np.clip(x, 0.9, 1.1))  # products of thousands stay finite
    with np.errstate(all="ignore"):
        check(reduce_prod, x, close=near("reduction"), axes=axes)


@given(cases(), st.sampled_from((*NUMBERS, "bool")), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=400)
def test_extremes(
    case: tuple[tuple[int, ...], tuple[int, ...]], dtype: str, nan: bool, seed: int
) -> None:
    shape, axes = case
    x = values(np.random.default_rng(seed), dtype, *shape, nan=nan)
    if any(shape[a] == 0 for a in axes):
        x = np.zeros(tuple(d or 4 for d in shape), dtype)
    check(reduce_max, x, axes=axes)
    check(reduce_min, x, axes=axes)


@given(cases(), st.integers(0, 99))
@settings(deadline=None, max_examples=200)
def test_any_and_all(case: tuple[tuple[int, ...], tuple[int, ...]], seed: int) -> None:
    shape, axes = case
    rng = np.random.default_rng(seed)
    x = np.asarray(rng.random(shape) < rng.choice((0.02, 0.5, 0.98)))
    check(reduce_any, x, axes=axes)
    check(reduce_all, x, axes=axes)


@given(cases(), st.sampled_from((*NUMBERS, "bool")), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=400)
def test_places_of_extremes(
    case: tuple[tuple[int, ...], tuple[int, ...]], dtype: str, nan: bool, seed: int
) -> None:
    shape, axes = case
    if not shape:
        return
    axis = axes[0] if axes else 0
    shape = tuple(4 if i == axis and d == 0 else d for i, d in enumerate(shape))
    x = values(np.random.default_rng(seed), dtype, *shape, nan=nan)
    check(argmax, x, axis=axis)
    check(argmin, x, axis=axis)


@pytest.mark.parametrize("n", [1, 5, 15, 16, 31, 64, 100, 1000, 70_000])
@pytest.mark.parametrize("primitive", [argmax, argmin])
def test_places_in_rows_of_any_length(primitive: Primitive, n: int) -> None:
    x = np.random.default_rng(n).integers(0, 50, (5, n)).astype(np.float32)
    check(primitive, x, axis=1)
    x[2, n // 2 :] = np.nan
    check(primitive, x, axis=1)


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((20_000, 32), (0,)),
        ((20_000, 10), (0,)),
        ((3000, 100), (0,)),
        ((100, 3001), (0,)),
        ((4, 200_000), (0,)),
        ((200_000,), (0,)),
        ((3, 200_000), (1,)),
        ((10_000, 10), (1,)),
        ((8192, 64), (1,)),
        ((128, 26, 26, 32), (0, 1, 2)),
        ((32, 8, 8, 100), (1, 2)),
        ((40, 50, 60), (0, 2)),
        ((40, 50, 60), (0, 1, 2)),
        ((1, 300_000, 3), (1,)),
    ],
)
def test_large_sums_in_several_units(shape: tuple[int, ...], axes: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).standard_normal(shape, np.float32) + np.float32(0.5)
    found = run_lowered(reduce_sum, x, axes=axes)[0]
    np.testing.assert_allclose(found, np.sum(x, axes, np.float64), 2e-6, 2e-4)
    check(reduce_max, x, axes=axes)
    whole = np.random.default_rng(4).integers(-99, 99, shape).astype(np.int32)
    check(reduce_sum, whole, axes=axes)


def test_infinities_and_nan_go_through_sums() -> None:
    x = np.ones((4, 100), np.float32)
    x[1, 50], x[2, 99], x[3, 0], x[3, 1] = np.inf, np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        for axes in ((0,), (1,)):
            check(reduce_sum, x, axes=axes)


def test_nothing_sums_to_zero_and_has_no_extreme() -> None:
    x = np.zeros((3, 0), np.float32)
    same(run_lowered(reduce_sum, x, axes=(1,))[0], np.zeros(3, np.float32))
    same(run_lowered(reduce_prod, x, axes=(0, 1))[0], np.ones((), np.float32))
    assert LOWER["reduce_max"](node_of(reduce_max, (x,), {"axes": (1,)})) is None
    check(reduce_max, x, axes=(0,))
