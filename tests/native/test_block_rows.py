"""Rows of every length around a vector's: reductions, copies along rows, columns, in place too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.native.blocks import ALL, COLUMN, ROW, Block
from tests.tolerances import tolerance

Array = np.ndarray[Any, Any]

COLS = [*range(1, 20), 24, 31, 32, 33, 40, 63, 65, 100]
ROWS = [1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 100, 531]


def _values(rows: int, cols: int) -> Array:
    rng = np.random.default_rng(rows * 1000 + cols)
    return rng.normal(size=(rows, cols)).round(1).astype(np.float32)  # rounded: there are ties


@pytest.mark.parametrize("cols", COLS)
def test_places_and_extremes_of_rows_with_ties_and_nan(cols: int) -> None:
    for rows in ROWS:
        x = _values(rows, cols)
        x.reshape(-1)[::7] = np.nan
        x.reshape(-1)[3::11] = np.inf
        x.reshape(-1)[4::13] = -np.inf
        expected = [x.max(1), x.min(1), x.argmax(1), x.argmin(1)]
        found = [np.full(rows, 9, t) for t in ("float32", "float32", "int32", "int32")]
        block = Block(rows, cols)
        source = block.input(x)
        for name, y in zip(("max", "min", "argmax", "argmin"), found, strict=True):
            block.op(f"row_{name}", block.output(y, ROW), source)
        block.run()
        for y, e in zip(found, expected, strict=True):
            np.testing.assert_array_equal(y, e)


@pytest.mark.parametrize("cols", COLS)
def test_sums_of_rows_and_columns(cols: int) -> None:
    rtol, atol = tolerance("reduction", "float32")
    for rows in [*ROWS, 5000]:
        x = _values(rows, cols)
        sums, columns, total = (np.full(n, 9, np.float32) for n in (rows, cols, 1))
        block = Block(rows, cols)
        source = block.input(x)
        block.op("row_sum", block.output(sums, ROW), source)
        block.result("column sum", source, columns)
        block.result("sum", source, total)
        block.run(times=2)
        wide, size = x.astype(np.float64), np.abs(x).astype(np.float64)
        for y, axis in ((sums, 1), (columns, 0), (total, None)):
            scale = float(np.max(size.sum(axis)))
            np.testing.assert_allclose(y, wide.sum(axis).reshape(y.shape), rtol, atol * scale)


@pytest.mark.parametrize("dtype", ["bool", "int16", "int32", "float32", "float64"])
def test_an_element_of_a_row_is_copied_along_it(dtype: str) -> None:
    for cols in COLS:
        for rows in ROWS:
            x = np.random.default_rng(rows).integers(0, 2, rows).astype(dtype)
            y = np.empty((rows, cols), dtype)
            block = Block(rows, cols)
            block.op("expand", block.output(y), block.input(x, ROW))
            block.run()
            np.testing.assert_array_equal(y, np.repeat(x, cols).reshape(rows, cols))


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide"])
def test_arithmetic_with_an_element_of_the_row_has_the_bits_of_numpy(name: str) -> None:
    function = getattr(np, name)
    for cols in COLS:
        for rows in ROWS:
            x, r, c = _values(rows, cols), _values(rows, 1)[:, 0], _values(1, cols)[0]
            left, right, both = (np.empty_like(x) for _ in range(3))
            block = Block(rows, cols)
            source, row, column = block.input(x), block.input(r, ROW), block.input(c, ALL, COLUMN)
            copies = block.op("expand", block.scratch(slot=0), row)
            block.op(name, block.output(left), source, copies)
            block.op(name, block.output(right), copies, source)
            # The result takes its operand's memory: the end of a row is done apart.
            scratch = block.op("add", block.scratch(slot=1), source, column)
            again = block.op(name, block.scratch(slot=1), scratch, copies)
            block.op("identity", block.output(both), again)
            block.run()
            with np.errstate(all="ignore"):
                np.testing.assert_array_equal(left, function(x, r[:, None]))
                np.testing.assert_array_equal(right, function(r[:, None], x))
                np.testing.assert_array_equal(both, function(x + c, r[:, None]))
