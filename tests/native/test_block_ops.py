"""Each operation of block programs against the primitive's reference, in every dtype and form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  (fills PRIMITIVES)
from cornu.backends.native.loader import core
from cornu.backends.native.plan import DTYPES
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.primitive import PRIMITIVES
from tests.native.blocks import ALL, ONE, ROW, Block
from tests.tolerances import FUNCTION_ULPS

Array = np.ndarray[Any, Any]

inf, nan = np.inf, np.nan
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 2.0, 3.5, inf, -inf, nan, 1e-3, 100.0, -100.0]
# Where single bits can't be asked for: results of polynomials.
FUNCTIONS = {
    *("exp", "expm1", "log", "log1p", "rsqrt", "sin", "cos", "tan", "asin", "acos", "atan"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "sigmoid", "erf", "erfinv", "lgamma"),
    *("digamma", "power", "atan2"),
}
NOT_PRIMITIVES = {
    *("expand", "row_sum", "row_max", "row_min", "row_argmax", "row_argmin", "iota_flat"),
    "random_bits",
}
SELECT_DTYPES = ("bool", "int16", "float32", "float64")


def _ops() -> dict[str, tuple[int, set[int]]]:
    found: dict[str, tuple[int, set[int]]] = core().block_ops()
    return found


def _rows() -> list[tuple[str, str]]:
    separate = NOT_PRIMITIVES | {"cast", "select", "identity"}
    return [
        (name, DTYPES[d])
        for name, (_, dtypes) in _ops().items()
        if name not in separate
        for d in sorted(dtypes)
    ]


def _values(dtype: str, count: int, seed: int) -> Array:
    rng = np.random.default_rng(seed)
    if dtype == "bool":
        return rng.integers(0, 2, count).astype(bool)
    if dtype in ("float32", "float64"):
        x: Array = rng.normal(size=count) * rng.choice([0.3, 1.0, 20.0], count)
        x[rng.integers(0, count, count // 4)] = rng.choice(EDGES, count // 4)
        return np.asarray(x, dtype)
    info = np.iinfo(dtype)
    x = rng.integers(-20 if info.min < 0 else 0, 40, count).astype(dtype)
    x[::7] = rng.choice(np.array([info.min, info.max, 0, 1, info.max - 1], dtype), x[::7].size)
    return x


def _expected(name: str, *operands: Array) -> Array:
    """The reference; functions of float32 in float64, so that its own rounding doesn't matter."""
    if name in FUNCTIONS:
        with np.errstate(invalid="ignore"):  # signalling NaN among random bits
            operands = tuple(x.astype(np.float64) for x in operands)
    with np.errstate(all="ignore"):
        return np.asarray(PRIMITIVES[name].reference(*operands))


def assert_equals(name: str, y: Array, expected: Array) -> None:
    """Same bits (NaN is NaN), or for functions a few units in the last place."""
    if name not in FUNCTIONS:
        assert y.dtype == expected.dtype
        np.testing.assert_array_equal(y, expected)
        if y.dtype.kind == "f" and name not in ("maximum", "minimum"):  # equal zeros: either one
            real = ~np.isnan(y)
            np.testing.assert_array_equal(np.signbit(y)[real], np.signbit(expected)[real])
        return
    with np.errstate(over="ignore"):
        rounded = expected.astype(y.dtype)
    tiny = (rounded != 0) & (np.abs(rounded) < np.finfo(y.dtype).tiny)
    assert np.all(np.abs(y[tiny]) <= np.finfo(y.dtype).tiny)  # subnormal: may be flushed to zero
    y, expected, rounded = y[~tiny], expected[~tiny], rounded[~tiny]
    finite = np.isfinite(rounded)
    np.testing.assert_array_equal(y[~finite], rounded[~finite])
    unit = np.spacing(np.abs(rounded[finite]))
    if y.dtype == np.float64:  # the reference has units of its own
        unit = 64 * unit + 1e-14
    error = np.abs(y[finite].astype(np.float64) - expected[finite]) / unit
    assert error.max(initial=0) <= FUNCTION_ULPS


def _run(
    name: str, out: str, operands: list[Array], kinds: list[int], rows: int, cols: int
) -> Array:
    block = Block(rows, cols)
    target = ROW if ALL not in kinds else ALL
    y = np.empty(rows if target == ROW else (rows, cols), out)
    registers = [block.input(x, kind) for x, kind in zip(operands, kinds, strict=True)]
    block.op(name, block.output(y, target), *registers)
    block.run()
    return y


@pytest.mark.parametrize(("name", "dtype"), _rows())
def test_operation_agrees_with_the_reference(name: str, dtype: str) -> None:
    arity = getattr(PRIMITIVES[name].reference, "nin", 1)  # all with two operands are ufuncs
    for rows, cols in [(1, 1), (1, 37), (3, 701), (1, 5000), (5, 33)]:
        n = rows * cols
        operands = [_values(dtype, n, seed).reshape(rows, cols) for seed in range(arity)]
        forms = [[ALL] * arity] if arity == 1 else [[ALL, ALL], [ALL, ONE], [ONE, ALL]]
        for form in forms:
            given = [
                x if kind == ALL else x.reshape(-1)[[n // 2]]
                for x, kind in zip(operands, form, strict=True)
            ]
            expected = _expected(name, *given)
            out = "bool" if expected.dtype == bool else dtype
            y = _run(name, out, given, form, rows, cols)
            assert_equals(name, y, np.broadcast_to(expected, y.shape))
        if cols <= 2048:  # one element per row
            per_row = [np.ascontiguousarray(x[:, 0]) for x in operands]
            expected = _expected(name, *per_row)
            out = "bool" if expected.dtype == bool else dtype
            assert_equals(name, _run(name, out, per_row, [ROW] * arity, rows, cols), expected)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_of_float32_are_right_to_two_units_in_the_last_place(name: str) -> None:
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**32, 60_000, dtype=np.uint64).astype(np.uint32).view(np.float32)
    spread = [rng.uniform(-a, a, 20_000).astype(np.float32) for a in (0.1, 1.0, 10.0, 105.0)]
    x = np.concatenate([bits, *spread])
    x = x[(x == 0) | ~(np.abs(x) < np.finfo(np.float32).tiny)]  # subnormal: may be flushed
    operands = [x]
    if name in ("power", "atan2"):
        operands = [x, rng.permutation(x)]
        operands[0][::2] = np.abs(operands[0][::2])
    expected = _expected(name, *operands)
    y = _run(name, "float32", operands, [ALL] * len(operands), 1, x.size)
    assert_equals(name, y.reshape(-1), expected)


@pytest.mark.parametrize("dtype", SELECT_DTYPES)
@pytest.mark.parametrize("forms", [(c, a, b) for c in (0, 2) for a in (0, 2) for b in (0, 2)])
def test_select_takes_blocks_and_single_elements(dtype: str, forms: tuple[int, ...]) -> None:
    rows, cols = 3, 77
    full = [_values(t, rows * cols, i) for i, t in enumerate(("bool", dtype, dtype))]
    given = [x.reshape(rows, cols) if k == ALL else x[:1] for x, k in zip(full, forms, strict=True)]
    if ALL not in forms:
        with pytest.raises(ValueError, match="single element"):
            _run("select", dtype, given, [*forms, ALL][:3], rows, cols)
        return
    y = _run("select", dtype, given, list(forms), rows, cols)
    np.testing.assert_array_equal(y, np.broadcast_to(np.where(*given), y.shape))


CASTS = [DTYPES[d] for d in sorted(_ops()["cast"][1])]


@pytest.mark.parametrize("source", CASTS)
@pytest.mark.parametrize("target", CASTS)
def test_cast_agrees_with_astype(source: str, target: str) -> None:
    rng = np.random.default_rng(1)
    base = np.concatenate([rng.normal(size=500) * 60, [0, -0.0, 0.5, -0.5, 1.5, 2.5, 127, -1]])
    floats = ("float16", "bfloat16", "float32", "float64")
    with np.errstate(all="ignore"):
        if target in floats and source in floats:  # beyond the narrower one's range and back
            base = np.concatenate([base, 2.0 ** rng.uniform(-30, 20, 500), EDGES, [65519, 65520]])
        if source == "bool":
            base = base > 0
        elif source.startswith("u") or (target.startswith("u") and source in floats):
            base = np.abs(base)
        x = base.astype(numpy_dtype(source))
        expected = x.astype(numpy_dtype(target))
        block = Block(1, x.size)
        y = np.empty(x.size, numpy_dtype(target))
        block.op("cast", block.output(y), block.input(x))
        block.run()
        np.testing.assert_array_equal(y.astype(np.float64), expected.astype(np.float64))


@pytest.mark.parametrize("dtype", DTYPES)
def test_identity_copies_and_fills(dtype: str) -> None:
    rows, cols = 4, 300
    x = np.arange(rows * cols).astype(numpy_dtype(dtype)).reshape(rows, cols)
    block = Block(rows, cols)
    outputs = [np.empty_like(x) for _ in range(3)]
    row = np.ascontiguousarray(x[:, 1])
    block.op("identity", block.output(outputs[0]), block.input(x))
    block.op("identity", block.output(outputs[1]), block.input(row, ROW))
    block.op("identity", block.output(outputs[2]), block.input(x[0, 5:6], ONE))
    block.run()
    for y, expected in zip(outputs, (x, row[:, None], x[0, 5]), strict=True):
        assert y.tobytes() == np.broadcast_to(expected, x.shape).tobytes()


@pytest.mark.parametrize("size", [1, 2, 7, 1024, 1025, 2049, 5001])
def test_random_words_are_those_of_the_reference(size: int) -> None:
    key = np.array([0xDEADBEEF, 7], np.uint32)
    y = np.empty(size, np.uint32)
    block = Block(1, size)
    block.op("random_bits", block.output(y), block.input(key, ONE))
    block.run()
    np.testing.assert_array_equal(y, PRIMITIVES["random_bits"].reference(key, size=size))


def test_random_words_and_indices_go_on_from_block_to_block() -> None:
    rows, cols = 401, 33  # blocks begin at odd elements
    key = np.array([3, 4], np.uint32)
    words, places = np.empty((rows, cols), np.uint32), np.empty((rows, cols), np.int32)
    block = Block(rows, cols)
    block.op("random_bits", block.output(words), block.input(key, ONE))
    block.op("iota_flat", block.output(places))
    block.run()
    expected = PRIMITIVES["random_bits"].reference(key, size=rows * cols)
    np.testing.assert_array_equal(words.reshape(-1), expected)
    np.testing.assert_array_equal(places.reshape(-1), np.arange(rows * cols))


def test_operations_are_named_after_primitives() -> None:
    assert set(_ops()) - NOT_PRIMITIVES <= set(PRIMITIVES)
