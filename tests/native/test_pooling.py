"""Pooling: maxima with their places, sums, and what undoes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.backends.native.lower import LOWER
from cornu.graph.primitive import Primitive
from cornu.graph.trace import Node, Tracer
from cornu.primitives.pool import max_pool, pool_gather, pool_scatter, pool_sum, pool_sum_grad
from tests.native.lowered import check, near, node_of, run_lowered, same, values
from tests.native.single import run_one

DTYPES = ("float32", "float64", "int32", "uint8", "int64", "bool")


@st.composite
def pools(draw: Any) -> tuple[tuple[int, ...], dict[str, Any]]:
    """A shape (n, *spatial, c) and the attributes of a pool over it."""
    rank = draw(st.integers(1, 3))
    window = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    spatial = tuple(draw(st.integers(w, 7)) for w in window)
    strides = tuple(draw(st.integers(1, 4)) for _ in range(rank))
    padding = draw(st.sampled_from(("valid", "same", "pairs")))
    if padding == "pairs":
        padding = tuple((draw(st.integers(0, w - 1)), draw(st.integers(0, 3))) for w in window)
    shape = (draw(st.integers(0, 3)), *spatial, draw(st.sampled_from((0, 1, 3, 16, 37))))
    return shape, {"window": window, "strides": strides, "padding": padding}


def scattered(g: np.ndarray[Any, Any], x: np.ndarray[Any, Any], attrs: dict[str, Any]) -> Any:
    """Return pool_scatter of g where the core knows the windows, and where it doesn't."""
    pool = node_of(max_pool, (x,), attrs)
    spatial = x.shape[1:-1]
    index = max_pool.reference(x, **attrs)[1]
    node = node_of(pool_scatter, (g, index), {"spatial": spatial})
    node.inputs[1] = pool.outputs[1]
    op = LOWER["pool_scatter"](node)
    assert op is not None
    assert op.attributes
    known = np.full((g.shape[0], *spatial, g.shape[-1]), 7, g.dtype)
    run_one("pool_scatter", [g, index], [known], op.attributes)
    return known, run_lowered(pool_scatter, g, index, spatial=spatial)[0], index


@given(pools(), st.sampled_from(DTYPES), st.booleans(), st.integers(0, 99))
@settings(deadline=None, max_examples=400)
def test_max_pool(
    pool: tuple[tuple[int, ...], dict[str, Any]], dtype: str, nan: bool, seed: int
) -> None:
    shape, attrs = pool
    x = values(np.random.default_rng(seed), dtype, *shape, nan=nan)
    check(max_pool, x, **attrs)


@pytest.mark.parametrize("c", [1, 3, 8, 16, 32, 40, 64, 100])
@pytest.mark.parametrize("dtype", ["float32", "int32", "float64"])
def test_max_pool_of_any_number_of_channels(c: int, dtype: str) -> None:
    x = values(np.random.default_rng(c), dtype, 2, 9, 9, c, nan=True)
    for padding in ("valid", "same"):
        check(max_pool, x, window=(2, 2), strides=(2, 2), padding=padding)
        check(max_pool, x, window=(3, 3), strides=(2, 2), padding=padding)


def test_max_pool_where_all_is_minus_infinity() -> None:
    x = np.full((1, 5, 5, 17), -np.inf, np.float32)
    check(max_pool, x, window=(3, 3), strides=(2, 2), padding="same")


@pytest.mark.parametrize("dtype", ["float32", "int32", "uint8"])
def test_max_pool_over_padding_alone(dtype: str) -> None:
    x = values(np.random.default_rng(0), dtype, 2, 3, 3, 17)
    check(max_pool, x, window=(1, 2), strides=(1, 1), padding=((1, 1), (3, 2)))


@given(pools(), st.sampled_from(("float32", "float64", "int32")), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_scatter_and_gather_of_a_pool(
    pool: tuple[tuple[int, ...], dict[str, Any]], dtype: str, seed: int
) -> None:
    shape, attrs = pool
    rng = np.random.default_rng(seed)
    if attrs["padding"] not in ("valid", "same"):  # windows of padding alone have no place
        attrs["padding"] = "same"
    x = values(rng, dtype, *shape)
    g = values(rng, dtype, *max_pool.reference(x, **attrs)[0].shape)
    known, unknown, index = scattered(g, x, attrs)
    wanted = pool_scatter.reference(g, index, spatial=x.shape[1:-1])
    near("reduction")(known, wanted)
    near("reduction")(unknown, wanted)
    check(pool_gather, x, index)


def test_scatter_of_a_large_pool_in_several_units() -> None:
    rng = np.random.default_rng(1)
    attrs: dict[str, Any] = {"window": (2, 2), "strides": (2, 2), "padding": "valid"}
    x = values(rng, "float32", 16, 27, 26, 32)
    g = values(rng, "float32", 16, 13, 13, 32)
    known, unknown, index = scattered(g, x, attrs)
    wanted = pool_scatter.reference(g, index, spatial=(27, 26))
    same(known, wanted)
    same(unknown, wanted)
    check(max_pool, x, **attrs)
    check(pool_gather, x, index)


def test_a_pool_of_an_index_of_unknown_origin_isnt_trusted() -> None:
    x = np.zeros((1, 4, 4, 1), np.float32)
    index = np.zeros((1, 2, 2, 1), np.int32)
    node: Node = node_of(pool_scatter, (x[:, :2, :2], index), {"spatial": (4, 4)})
    assert isinstance(node.inputs[1], Tracer)
    op = LOWER["pool_scatter"](node)
    assert op is not None
    assert op.attributes == ()


@pytest.mark.parametrize("place", [-1, 16, 1 << 30])
def test_a_position_outside_of_the_image_is_an_error(place: int, failure: type[Exception]) -> None:
    g = np.ones((2, 2, 2, 3), np.float32)
    index = np.zeros((2, 2, 2, 3), np.int32)
    index[1, 1, 1, 2] = place
    x = np.full((2, 4, 4, 3), 5, np.float32)
    for inputs, out in (((g, index), x), ((x, index), g)):
        before = out.copy()
        with pytest.raises(failure, match="outside"):
            run_one("pool_scatter" if out is x else "pool_gather", inputs, [out])
        same(out, before)


@given(pools(), st.sampled_from(("float32", "float64", "int32", "uint8")), st.integers(0, 99))
@settings(deadline=None, max_examples=300)
def test_sums(pool: tuple[tuple[int, ...], dict[str, Any]], dtype: str, seed: int) -> None:
    shape, attrs = pool
    rng = np.random.default_rng(seed)
    x = values(rng, dtype, *shape, nan=True)
    check(pool_sum, x, close=near("reduction"), **attrs)
    y: Any = pool_sum.reference(x, **attrs)
    g = values(rng, dtype, *y.shape)
    check(pool_sum_grad, g, close=near("reduction"), input_shape=x.shape, **attrs)


@pytest.mark.parametrize("primitive", [max_pool, pool_sum])
def test_more_spatial_axes_than_kernels_have_run_by_the_reference(primitive: Primitive) -> None:
    x = np.zeros((1, 2, 2, 2, 2, 1), np.float32)
    attrs = {"window": (2,) * 4, "strides": (2,) * 4, "padding": "valid"}
    assert LOWER[primitive.name](node_of(primitive, (x,), attrs)) is None
