"""Whole block programs: rows and columns, kinds of registers, reductions over several chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  (fills PRIMITIVES)
from cornu.backends.native.loader import core
from cornu.backends.native.plan import DTYPES
from tests.native.blocks import COLUMN, ONE, ROW, STRIDED, Block
from tests.tolerances import tolerance

Array = np.ndarray[Any, Any]

NUMBERS = ("uint8", "uint32", "int32", "int64", "float32", "float64")
# Rows shorter and longer than a vector; rows that fill a block; blocks that don't come out even.
SHAPES = [(1, 1), (7, 2), (513, 3), (33, 6), (100, 10), (5, 16), (65, 17), (40, 33), (31, 64)]
LONG = [(9, 100), (3, 257), (2, 1024), (3, 1025), (2, 2048)]
MANY = [(5000, 33), (20000, 3), (40, 2048), (3, 20000), (1, 70001), (70001, 1)]


def _values(dtype: str, shape: tuple[int, ...], special: bool = True) -> Array:
    rng = np.random.default_rng(len(shape) + sum(shape))
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.startswith("float"):
        x = rng.normal(size=shape).round(1).astype(dtype)  # rounded: there are ties
        if special and x.size > 20:
            x.reshape(-1)[::17] = np.inf
            x.reshape(-1)[5::29] = np.nan
        return x
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)


def assert_close(y: Array, expected: Array) -> None:
    rtol, atol = tolerance("reduction", y.dtype.name) if y.dtype.kind == "f" else (0, 0)
    np.testing.assert_allclose(y, expected, rtol, atol * max(1.0, float(np.abs(y).max(initial=0))))


ROWS = {
    "row_sum": lambda x: np.add.reduce(x, 1, dtype=x.dtype),
    "row_max": lambda x: np.max(x, 1),
    "row_min": lambda x: np.min(x, 1),
    "row_argmax": lambda x: np.argmax(x, 1).astype(np.int32),
    "row_argmin": lambda x: np.argmin(x, 1).astype(np.int32),
}


@pytest.mark.parametrize("dtype", ["bool", *NUMBERS])
@pytest.mark.parametrize("name", ROWS)
def test_reductions_of_rows(name: str, dtype: str) -> None:
    if name == "row_sum" and dtype == "bool":
        assert DTYPES.index(dtype) not in core().block_ops()[name][1]
        return
    for special in (True, False):
        for rows, cols in SHAPES + LONG:
            x = _values(dtype, (rows, cols), special)
            with np.errstate(invalid="ignore"):
                expected = ROWS[name](x)
            y = np.empty(rows, expected.dtype)
            block = Block(rows, cols)
            block.op(name, block.output(y, ROW), block.input(x))
            block.run()
            assert_close(y, expected)


FOLDS = {"sum": np.add, "max": np.maximum, "min": np.minimum}


@pytest.mark.parametrize("dtype", ["bool", *NUMBERS])
@pytest.mark.parametrize("fold", FOLDS)
@pytest.mark.parametrize("column", [False, True])
def test_results_over_the_domain(fold: str, column: bool, dtype: str) -> None:
    if fold == "sum" and dtype == "bool":
        return
    for rows, cols in SHAPES + LONG + MANY:
        if column and cols > 2048:
            continue
        x = _values(dtype, (rows, cols), special=fold != "sum" and rows < 100)
        y = np.empty(cols if column else 1, dtype)
        block = Block(rows, cols)
        block.result(f"column {fold}" if column else fold, block.input(x), y)
        block.run(times=2)
        wide = np.float64 if dtype == "float32" and fold == "sum" else x.dtype
        axis = 0 if column else None
        with np.errstate(invalid="ignore"):
            expected = FOLDS[fold].reduce(x.astype(wide), axis=axis, dtype=wide)
        rtol, atol = tolerance("reduction", dtype) if dtype.startswith("float") else (0, 0)
        scale = float(np.abs(x.astype(np.float64)).sum(axis).max()) if fold == "sum" else 1.0
        np.testing.assert_allclose(y, expected, rtol, atol * scale)


def test_empty_domains_have_the_identity() -> None:
    for rows, cols in [(0, 3), (3, 0), (0, 0)]:
        x = np.empty((rows, cols), np.float32)
        totals = [np.full(1, 9, np.float32) for _ in range(3)]
        columns = [np.full(cols, 9, np.float32) for _ in range(2)]
        sums = np.full(rows, 9, np.float32)
        y = np.empty_like(x)
        block = Block(rows, cols)
        source = block.input(x)
        block.op("negate", block.output(y), source)
        block.op("row_sum", block.output(sums, ROW), source)
        for fold, total in zip(FOLDS, totals, strict=True):
            block.result(fold, source, total)
        block.result("column sum", source, columns[0])
        block.result("column max", source, columns[1])
        block.run()
        assert [t[0] for t in totals] == [0, -np.inf, np.inf]
        assert not sums.any()
        assert not columns[0].any()
        assert np.all(columns[1] == -np.inf)
    least = np.empty(1, np.int32)
    block = Block(1, 0)
    block.result("max", block.input(np.empty(0, np.int32)), least)
    block.run()
    assert least[0] == np.iinfo(np.int32).min


def test_totals_of_rows() -> None:
    x = _values("float32", (3001, 20), special=False)
    total, largest = np.empty(1, np.float32), np.empty(1, np.float32)
    block = Block(*x.shape)
    sums = block.op("row_sum", block.scratch(kind=ROW), block.input(x))
    block.result("sum", sums, total)
    block.result("max", sums, largest)
    block.run()
    wide = x.astype(np.float64).sum(1)
    np.testing.assert_allclose(total[0], wide.sum(), 0, np.abs(wide).sum() * 1e-6)
    np.testing.assert_allclose(largest[0], wide.max(), 1e-5)


def test_softmax() -> None:
    for shape in SHAPES + LONG + [(5000, 33)]:
        x = _values("float32", shape, special=False)
        y = np.empty_like(x)
        block = Block(*shape)
        source = block.input(x)
        largest = block.op("row_max", block.scratch(kind=ROW), source)
        shifted = block.op("expand", block.scratch(slot=0), largest)
        shifted = block.op("subtract", block.scratch(slot=1), source, shifted)
        powers = block.op("exp", block.scratch(slot=2), shifted)
        sums = block.op("row_sum", block.scratch(kind=ROW), powers)
        block.op("divide", block.output(y), powers, block.op("expand", block.scratch(slot=0), sums))
        block.run()
        e = np.exp(x.astype(np.float64))
        np.testing.assert_allclose(y, e / e.sum(1, keepdims=True), *tolerance("transcendental"))


@pytest.mark.parametrize("shape", [(1, 5), (300, 7), (40, 64), (3, 1500), (4, 5000)])
def test_column_vectors_and_rows_and_single_elements(shape: tuple[int, int]) -> None:
    rows, cols = shape
    x, column = _values("float32", shape), _values("float32", (cols,))
    row, one = _values("float32", (rows,)), _values("float32", (1,))
    y = np.empty_like(x)
    block = Block(rows, cols)
    t = block.op("add", block.scratch(), block.input(x), block.input(column, storage=COLUMN))
    r = block.op("maximum", block.scratch(kind=ROW), block.input(row, ROW), block.input(one, ONE))
    e = block.op("expand", block.scratch(), r)
    block.op("subtract", block.output(y), e, t)
    block.run()
    with np.errstate(invalid="ignore"):
        expected = np.maximum(row, one)[:, None] - (x + column)
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("dtype", ["bool", "float16", "float32", "float64"])
def test_operands_of_any_strides(dtype: str) -> None:
    base = np.arange(2 * 30 * 41 * 3).astype(dtype).reshape(2, 30, 41, 3)
    views = [
        base.transpose(0, 2, 3, 1),
        base.transpose(3, 2, 1, 0),
        base[:, ::-1, ::2],
        np.broadcast_to(base[:, :1, :, 1:2], (2, 5, 41, 7)),
    ]
    for view in views:
        for rows in (1, view.shape[0]):
            contiguous = np.empty(view.shape, dtype)
            block = Block(rows, view.size // rows)
            block.op("identity", block.output(contiguous), block.input(view, storage=STRIDED))
            block.run()
            np.testing.assert_array_equal(contiguous, view)
    for axes in [(0, 2, 3, 1), (3, 2, 1, 0)]:
        target = np.zeros_like(base)
        source = np.ascontiguousarray(base.transpose(axes))
        block = Block(1, base.size)
        block.op(
            "identity", block.output(target.transpose(axes), storage=STRIDED), block.input(source)
        )
        block.run()
        np.testing.assert_array_equal(target, base)


def test_prologue_and_single_elements_that_are_outputs() -> None:
    for shape in [(1, 1), (1, 30), (3, 40000)]:  # one chunk, several
        x, step = _values("float32", shape, special=False), np.array([3.0], np.float32)
        y, following = np.empty_like(x), np.zeros(1, np.float32)
        block = Block(*shape)
        one, count = block.constant(1.0), block.input(step, ONE)
        after = block.op("add", block.output(following, ONE), count, one, first=True)
        rate = block.op("sqrt", block.scratch(kind=ONE), after, first=True)
        block.op("multiply", block.output(y), block.input(x), rate)
        block.run(times=2)
        assert following[0] == 4
        np.testing.assert_array_equal(y, x * np.float32(2))


def test_outputs_may_be_inputs() -> None:
    for n in (1, 1000, 5000, 100_000):
        rng = np.random.default_rng(n)
        w, m, v, g = rng.normal(size=(4, n)).astype(np.float32)
        v = np.abs(v)
        expected_m = m + (g - m) * np.float32(0.1)
        expected_v = v + (g * g - v) * np.float32(0.001)
        expected_w = w - expected_m * np.float32(0.5) / (np.sqrt(expected_v) + np.float32(1e-7))
        block = Block(1, n)
        rw, rm, rv, rg = (block.input(a) for a in (w, m, v, g))
        om, ov, ow = (block.output(a) for a in (m, v, w))
        t = block.op("subtract", block.scratch(slot=0), rg, rm)
        t = block.op("multiply", block.scratch(slot=1), t, block.constant(0.1))
        block.op("add", om, rm, t)
        t = block.op("multiply", block.scratch(slot=0), rg, rg)
        t = block.op("subtract", block.scratch(slot=1), t, rv)
        t = block.op("multiply", block.scratch(slot=0), t, block.constant(0.001))
        block.op("add", ov, rv, t)
        t = block.op("multiply", block.scratch(slot=0), om, block.constant(0.5))
        u = block.op("sqrt", block.scratch(slot=1), ov)
        u = block.op("add", block.scratch(slot=2), u, block.constant(1e-7))
        t = block.op("divide", block.scratch(slot=1), t, u)
        block.op("subtract", ow, rw, t)
        block.run()
        for y, expected in ((m, expected_m), (v, expected_v), (w, expected_w)):
            np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("sum_op", ["add", "subtract"])
@pytest.mark.parametrize("product_first", [True, False])
@pytest.mark.parametrize("single", ["none", "factor", "term", "both"])
def test_sums_of_products_round_twice(sum_op: str, product_first: bool, single: str) -> None:
    rng = np.random.default_rng(5)
    a, b, c = rng.normal(size=(3, 3000)).astype(np.float32)
    y = np.empty_like(a)
    block = Block(1, a.size)
    x = block.input(a)
    factor = block.constant(b[0]) if single in ("factor", "both") else block.input(b)
    term = block.constant(c[0]) if single in ("term", "both") else block.input(c)
    t = block.op("multiply", block.scratch(slot=0), factor, x)
    pair = (t, term) if product_first else (term, t)
    block.op(sum_op, block.output(y), *pair)
    block.run()
    product = a * (b[0] if single in ("factor", "both") else b)
    other = c[0] if single in ("term", "both") else c
    first, second = (product, other) if product_first else (other, product)
    expected = first + second if sum_op == "add" else first - second
    np.testing.assert_array_equal(y, expected)


def test_a_product_that_others_read_too_stays() -> None:
    a, b, c = np.random.default_rng(6).normal(size=(3, 2000)).astype(np.float32)
    outputs = [np.empty_like(a) for _ in range(4)]
    total = np.empty(1, np.float32)
    block = Block(1, a.size)
    ra, rb, rc = (block.input(x) for x in (a, b, c))
    t = block.op("multiply", block.scratch(slot=0), ra, rb)
    block.op("add", block.output(outputs[0]), t, t)
    block.op("add", block.output(outputs[1]), t, rc)
    u = block.op("multiply", block.scratch(slot=1), ra, rc)
    s = block.op("subtract", block.scratch(slot=2), u, ra)
    block.result("max", u, total)
    # The factor's memory is written between the product and the sum.
    d = block.op("negate", block.scratch(slot=3), ra)
    v = block.op("multiply", block.scratch(slot=4), d, rb)
    e = block.op("exp", block.scratch(slot=3), rb)
    block.op("add", block.output(outputs[2]), v, e)
    block.op("identity", block.output(outputs[3]), s)
    block.run()
    np.testing.assert_array_equal(outputs[0], a * b + a * b)
    np.testing.assert_array_equal(outputs[1], a * b + c)
    np.testing.assert_allclose(outputs[2], -a * b + np.exp(b), *tolerance("transcendental"))
    np.testing.assert_array_equal(outputs[3], a * c - a)
    assert total[0] == (a * c).max()


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "maximum"])
@pytest.mark.parametrize("shape", [(70, 3), (70, 40), (3, 5000)])
def test_rows_meet_blocks(name: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    x, row = rng.normal(size=shape).astype(np.float32), rng.normal(size=shape[0]).astype(np.float32)
    left, right, both, copies = (np.empty_like(x) for _ in range(4))
    function = getattr(np, name)
    block = Block(*shape)
    source, one = block.input(x), block.input(row, ROW)
    t = block.op("expand", block.scratch(slot=0), block.op("negate", block.scratch(kind=ROW), one))
    block.op(name, block.output(left), t, source)
    block.op(name, block.output(right), source, t)
    if shape[1] == 40:  # the copies are read in other ways too
        block.op(name, block.output(both), t, t)
        block.op("identity", block.output(copies), t)
    # The row's memory is taken by another value before the copies are read again.
    r = block.op("exp", block.scratch(kind=ROW, slot=9), one)
    t = block.op("expand", block.scratch(slot=1), r)
    block.op("identity", block.scratch(kind=ROW, slot=9), one)
    after = np.empty_like(x)
    block.op(name, block.output(after), source, t)
    block.run()
    e = np.broadcast_to(-row[:, None], shape)
    np.testing.assert_array_equal(left, function(e, x))
    np.testing.assert_array_equal(right, function(x, e))
    if shape[1] == 40:
        np.testing.assert_array_equal(both, function(e, e))
        np.testing.assert_array_equal(copies, e)
    expected = function(x, np.exp(row.astype(np.float64))[:, None])
    np.testing.assert_allclose(after, expected, *tolerance("transcendental"))


def test_power_of_two_is_the_square() -> None:
    x = _values("float32", (1, 3000))
    y = np.empty_like(x)
    block = Block(*x.shape)
    block.op("power", block.output(y), block.input(x), block.constant(2.0))
    block.run()
    np.testing.assert_array_equal(y, x * x)


def test_registers_of_different_sizes_may_share_a_slot() -> None:
    x = _values("float32", (50, 40), special=False)
    y, counts = np.empty_like(x), np.empty(50, np.int32)
    block = Block(*x.shape)
    t = block.op("negate", block.scratch(slot=0), block.input(x))
    is_small = block.op("less", block.scratch("bool", slot=0), t, block.constant(0.5))
    wide = block.op("cast", block.scratch("int32", slot=0), is_small)
    block.op("row_sum", block.output(counts, ROW), wide)
    block.op("cast", block.output(y), wide)
    block.run()
    np.testing.assert_array_equal(y, (-x < 0.5).astype(np.float32))
    np.testing.assert_array_equal(counts, (-x < 0.5).sum(1))


def test_any_number_of_threads_gives_the_same_bits() -> None:
    x = np.random.default_rng(8).normal(size=(30_000, 70)).astype(np.float32)
    before = core().get_threads()
    found = []
    try:
        for threads in (1, 2, 3):
            core().set_threads(threads)
            y = np.empty_like(x)
            total, columns = np.empty(1, np.float32), np.empty(70, np.float32)
            block = Block(*x.shape)
            t = block.op("tanh", block.output(y), block.input(x))
            block.result("sum", t, total)
            block.result("column sum", t, columns)
            block.run(times=3)
            found.append(y.tobytes() + total.tobytes() + columns.tobytes())
    finally:
        core().set_threads(before)
    assert found[0] == found[1] == found[2]
