"""Taking, gathering, scattering at indices that are data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.primitives.index import (
    check_labels,
    gather_nd,
    scatter_along_axis,
    scatter_nd,
    take,
    take_along_axis,
)
from tests.native.lowered import check, near, run_lowered, same, values
from tests.native.plans import Draft
from tests.native.single import run_one

INTEGERS = ("int32", "int64", "uint8", "int8", "uint16", "int16", "uint32", "uint64")
MOVED = ("bool", "uint8", "float16", "int32", "float32", "float64")
MODES = ("set", "add", "multiply", "max", "min")


def indices(rng: np.random.Generator, dtype: str, bound: int, *shape: int) -> Any:
    low = 0 if np.dtype(dtype).kind == "u" else -bound
    if bound == 0:
        shape = (0, *shape[1:]) if shape else (0,)
        return np.zeros(shape, dtype)
    return np.asarray(rng.integers(low, bound, shape)).astype(dtype)


@st.composite
def shapes(draw: Any) -> tuple[tuple[int, ...], int]:
    """A shape and one of its axes."""
    rank = draw(st.integers(1, 4))
    shape = tuple(draw(st.sampled_from((1, 2, 3, 8, 17))) for _ in range(rank))
    return shape, draw(st.integers(0, rank - 1))


@given(shapes(), st.sampled_from(MOVED), st.sampled_from(INTEGERS), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_take(case: tuple[tuple[int, ...], int], dtype: str, integer: str, seed: int) -> None:
    shape, axis = case
    rng = np.random.default_rng(seed)
    x = values(rng, dtype, *shape)
    for places in ((), (0,), (5,), (2, 3)):
        check(take, x, indices(rng, integer, shape[axis], *places), axis=axis)


@given(shapes(), st.sampled_from(MOVED), st.sampled_from(INTEGERS), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_take_along_axis(
    case: tuple[tuple[int, ...], int], dtype: str, integer: str, seed: int
) -> None:
    shape, axis = case
    rng = np.random.default_rng(seed)
    for many in (0, 1, 4):
        places = tuple(many if i == axis else d for i, d in enumerate(shape))
        at = indices(rng, integer, shape[axis], *places)
        check(take_along_axis, values(rng, dtype, *shape), at, axis=axis)


@st.composite
def vectors(draw: Any) -> tuple[tuple[int, ...], Any]:
    """A shape, and index vectors for its first axes."""
    shape, _ = draw(shapes())
    k = draw(st.integers(0, len(shape)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    many = draw(st.sampled_from(((), (0,), (6,), (2, 9))))
    integer = draw(st.sampled_from(INTEGERS))
    columns = [indices(rng, integer, d, *many) for d in shape[:k]]
    if not columns:
        return shape, np.zeros((*many, 0), integer)
    return shape, np.stack(columns, -1)


@given(vectors(), st.sampled_from(MOVED))
@settings(deadline=None, max_examples=300)
def test_gather_nd(case: tuple[tuple[int, ...], Any], dtype: str) -> None:
    shape, at = case
    check(gather_nd, values(np.random.default_rng(0), dtype, *shape), at)


@given(vectors(), st.sampled_from(MOVED), st.sampled_from(MODES))
@settings(deadline=None, max_examples=500)
def test_scatter_nd(case: tuple[tuple[int, ...], Any], dtype: str, mode: str) -> None:
    shape, at = case
    if mode != "set" and dtype in ("bool", "float16"):
        dtype = "int64"
    rng = np.random.default_rng(1)
    x = values(rng, dtype, *shape, nan=mode in ("max", "min"))
    updates = values(rng, dtype, *at.shape[:-1], *shape[at.shape[-1] :], nan=mode in ("max", "min"))
    check(scatter_nd, x, at, updates, close=near("reduction"), mode=mode)


@given(shapes(), st.sampled_from(MOVED), st.sampled_from(MODES), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_scatter_along_axis(
    case: tuple[tuple[int, ...], int], dtype: str, mode: str, seed: int
) -> None:
    shape, axis = case
    if mode != "set" and dtype in ("bool", "float16"):
        dtype = "float32"
    rng = np.random.default_rng(seed)
    for many in (0, 1, 4):
        places = tuple(many if i == axis else d for i, d in enumerate(shape))
        at = indices(rng, "int32", shape[axis], *places)
        x, updates = values(rng, dtype, *shape), values(rng, dtype, *places)
        close = near("reduction")
        check(scatter_along_axis, x, at, updates, close=close, axis=axis, mode=mode)


@pytest.mark.parametrize("width", [1, 5, 64, 200])
def test_large_scatters_add_all_updates_of_a_row(width: int) -> None:
    rng = np.random.default_rng(width)
    x = np.zeros((500, width), np.float32)
    at = rng.integers(-500, 500, (20_000, 1))
    updates = rng.integers(-9, 9, (20_000, width)).astype(np.float32)
    check(scatter_nd, x, at, updates, mode="add")  # small integers: any order is exact
    check(take, updates, at[:, 0], axis=0)


def test_scatter_in_place_and_into_repeated_zeros() -> None:
    at = np.array([[1], [-1], [1]])
    updates = np.arange(6, dtype=np.float32).reshape(3, 2)
    wanted = scatter_nd.reference(np.zeros((4, 2), np.float32), at, updates, mode="add")
    x = np.zeros((4, 2), np.float32)
    run_one("scatter_nd", [x, at, updates], [x], [1])
    same(x, wanted)
    zeros = np.broadcast_to(np.zeros((1, 1), np.float32), (4, 2))
    y = np.full((4, 2), 9, np.float32)
    run_one("scatter_nd", [zeros, at, updates], [y], [1])
    same(y, wanted)


def test_an_update_that_could_share_memory_with_the_result_is_refused() -> None:
    draft = Draft()
    x, y = draft.external(0, (3, 2)), draft.external(1, (3, 2), write=True)
    at = draft.external(2, (3, 1), "int32")
    draft.add("scatter_nd", [x, at, y], [y], [1])
    with pytest.raises(ValueError, match="shares memory"):
        draft.build()


@pytest.mark.parametrize("wrong", [5, -6, 1 << 40, -(1 << 62)])
def test_an_index_out_of_range_is_an_error_before_anything_is_written(
    wrong: int, failure: type[Exception]
) -> None:
    x = np.zeros((5, 2), np.float32)
    at = np.array([0, 1, wrong])
    y = np.full((3, 2), 7, np.float32)
    words = f"index {wrong} is out of range for axis 0 of size 5"
    with pytest.raises(failure, match=words):
        run_one("take", [x, at], [y], [0])
    same(y, np.full((3, 2), 7, np.float32))
    with pytest.raises(failure, match=words):
        run_one("gather_nd", [x, at[:, None]], [y])
    z = np.full((5, 2), 7, np.float32)
    with pytest.raises(failure, match=words):
        run_one("scatter_nd", [x, at[:, None], y], [z], [1])
    along = np.stack([at, np.zeros(3, np.int64)], 1)
    with pytest.raises(failure, match=words):
        run_one("take_along_axis", [x, along], [y], [0])
    with pytest.raises(failure, match=words):
        run_one("scatter_along_axis", [x, along, y], [z], [0, 0])
    same(z, np.full((5, 2), 7, np.float32))


def test_an_index_out_of_range_of_a_later_axis_is_named(failure: type[Exception]) -> None:
    x, y = np.zeros((5, 3), np.float32), np.zeros(2, np.float32)
    at = np.array([[4, 2], [1, 3]], np.int32)
    with pytest.raises(failure, match="index 3 is out of range for axis 1 of size 3"):
        run_one("gather_nd", [x, at], [y])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_labels(dtype: str, failure: type[Exception]) -> None:
    labels = np.array([[0, 3], [9, 1]], dtype)
    check(check_labels, labels, classes=10)
    same(run_lowered(check_labels, np.zeros(0, dtype), classes=0)[0], np.zeros(0, dtype))
    bad = labels.copy()
    bad[1, 0] = 10
    with pytest.raises(failure, match="label 10 is no class: there are 10"):
        run_lowered(check_labels, bad, classes=10)
    if np.dtype(dtype).kind == "i":
        bad[1, 0] = -1
        with pytest.raises(failure, match="label -1 "):
            run_lowered(check_labels, bad, classes=10)
