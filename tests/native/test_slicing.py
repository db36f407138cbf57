"""Padding, joining, and parts whose place is data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.errors import ShapeError
from cornu.graph.spec import spec_of
from cornu.primitives.slicing import concatenate, dynamic_slice, dynamic_update_slice, pad
from tests.native.lowered import check, same, values
from tests.native.single import run_one

MOVED = ("bool", "uint8", "float16", "int32", "float32", "float64")


@st.composite
def paddings(draw: Any) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape and the attributes of a padding of it."""
    rank = draw(st.integers(0, 4))
    shape = tuple(draw(st.sampled_from((0, 1, 2, 3, 6))) for _ in range(rank))
    sides = [tuple(draw(st.integers(-4, 4)) for _ in range(rank)) for _ in range(2)]
    for i in range(rank):
        if draw(st.booleans()):
            sides[0] = (*sides[0][:i], 0, *sides[0][i + 1 :])
            sides[1] = (*sides[1][:i], 0, *sides[1][i + 1 :])
    interior = tuple(draw(st.sampled_from((0, 0, 1, 2))) for _ in range(rank))
    return shape, {"low": sides[0], "high": sides[1], "interior": interior}


@given(paddings(), st.sampled_from(MOVED), st.integers(0, 1))
@settings(deadline=None, max_examples=600)
def test_pad(case: tuple[tuple[int, ...], dict[str, Any]], dtype: str, value: int) -> None:
    shape, attrs = case
    x = values(np.random.default_rng(0), dtype, *shape)
    try:
        pad.rule(spec_of(x), spec_of(np.zeros((), dtype)), **attrs)
    except ShapeError:
        return  # less than nothing would be left
    check(pad, x, np.full((), value, dtype), **attrs)


def test_pad_of_an_image_in_several_units() -> None:
    x = values(np.random.default_rng(0), "float32", 16, 26, 26, 32)
    sides = (0, 1, 1, 0)
    value = np.asarray(2, np.float32)
    check(pad, x, value, low=sides, high=sides, interior=(0,) * 4)


@given(st.data(), st.sampled_from(MOVED))
@settings(deadline=None, max_examples=200)
def test_concatenate(data: Any, dtype: str) -> None:
    rank = data.draw(st.integers(1, 4))
    axis = data.draw(st.integers(0, rank - 1))
    shape = [data.draw(st.sampled_from((0, 1, 3, 8))) for _ in range(rank)]
    parts = []
    rng = np.random.default_rng(0)
    for _ in range(data.draw(st.integers(1, 4))):
        shape[axis] = data.draw(st.sampled_from((0, 1, 2, 9)))
        part = values(rng, dtype, *shape)
        turned = values(rng, dtype, *shape[::-1]).T
        parts.append(turned if data.draw(st.booleans()) else part)
    check(concatenate, *parts, axis=axis)


def test_concatenate_of_large_parts() -> None:
    rng = np.random.default_rng(0)
    parts = [values(rng, "float32", 300, n, 40) for n in (7, 30, 1)]
    check(concatenate, *parts, axis=1)
    check(concatenate, *[p.transpose(1, 0, 2) for p in parts], axis=0)


@given(st.data(), st.sampled_from(MOVED), st.sampled_from(("int32", "int64", "uint8", "uint64")))
@settings(deadline=None, max_examples=300)
def test_dynamic_parts_are_clamped(data: Any, dtype: str, integer: str) -> None:
    rank = data.draw(st.integers(0, 3))
    shape = tuple(data.draw(st.sampled_from((0, 1, 4, 9))) for _ in range(rank))
    sizes = tuple(data.draw(st.integers(0, d)) for d in shape)
    low = 0 if integer[0] == "u" else -3
    starts = [np.asarray(data.draw(st.integers(low, 12)), integer) for _ in range(rank)]
    rng = np.random.default_rng(0)
    x = values(rng, dtype, *shape[::-1]).T
    check(dynamic_slice, x, *starts, sizes=sizes)
    check(dynamic_update_slice, x, values(rng, dtype, *sizes), *starts)


@pytest.mark.parametrize("start", [np.uint64(2**64 - 1), np.int64(2**62), np.int64(-(2**63))])
def test_extreme_starts(start: Any) -> None:
    x = np.arange(10, dtype=np.float32)
    at = np.asarray(start)
    check(dynamic_slice, x, at, sizes=(3,))
    check(dynamic_update_slice, x, np.zeros(2, np.float32), at)


def test_dynamic_update_in_place() -> None:
    x = np.zeros((6, 4), np.float32)
    row = np.arange(4, dtype=np.float32)[None]
    for i in range(6):
        starts: list[Any] = [np.asarray(i, np.int32), np.zeros((), np.int64)]
        run_one("dynamic_update_slice", [x, row + np.float32(i), *starts], [x])
    same(x, (np.arange(4) + np.arange(6)[:, None]).astype(np.float32))
