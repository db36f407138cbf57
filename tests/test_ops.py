"""Ops: values, symbolic shapes and dtypes, tracing, gradients, promotion, operators, messages.

Every file `tests/samples/ops_*.py` holds rows; each row goes through all of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest

from cornu import ops
from cornu.backends import current
from cornu.errors import (
    ArgumentError,
    DtypeError,
    NotSupportedError,
    ShapeError,
    TracedValueError,
)
from cornu.graph.array import Array, as_array
from cornu.graph.dtypes import dtype_name, is_float, numpy_dtype
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.primitive import run_reference
from cornu.graph.spec import spec_of
from cornu.graph.trace import close_over, interpret
from cornu.keras_names import NAMES
from tests import samples
from tests.samples.op_sample import OpSample
from tests.tolerances import tolerance

SAMPLES: list[OpSample] = [
    sample
    for info in pkgutil.iter_modules(samples.__path__)
    if info.name.startswith("ops_")
    for sample in importlib.import_module(f"tests.samples.{info.name}").SAMPLES
]
TRACEABLE = [s for s in SAMPLES if s.traceable and s.operands]
DIFFERENTIABLE = [
    s for s in TRACEABLE if s.gradient and any(o.dtype == np.float64 for o in s.draw())
]

# Ops whose rows stand elsewhere, or whose result is a function.
WITHOUT_ROW = {"einsum", "get_item", "select", "slogdet", "vectorize", "view"}


def tensors(operands: list[Any]) -> list[Any]:
    """Return arrays whose dtype is kept (plain float64 would become `floatx`)."""
    return [ops.convert_to_tensor(o, dtype_name(np.asarray(o).dtype)) for o in operands]


def flat(x: Any) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x]


def run(sample: OpSample, operands: list[Any]) -> list[Any]:
    namespace = ops if hasattr(ops, sample.name) else ops.image
    return flat(sample.call(getattr(namespace, sample.name), operands))


def assert_close(y: Any, expected: Any, name: str, message: str = "") -> None:
    y = np.asarray(y)
    bound = tolerance(name, dtype_name(y.dtype))
    rounded = np.asarray(expected).astype(y.dtype)
    if y.dtype.kind == "V":  # bfloat16, which NumPy's comparisons don't know
        y, rounded = y.astype(np.float32), rounded.astype(np.float32)
    np.testing.assert_allclose(y, rounded, bound.rtol, bound.atol, err_msg=message)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_value_agrees_with_an_independent_reference(sample: OpSample) -> None:
    has_floats = any(np.asarray(o).dtype.kind == "f" for o in sample.draw())
    for dtype in [d for d in sample.dtypes if d in ("float32", "float64")] if has_floats else [""]:
        operands = sample.draw(dtype) if dtype else sample.draw()
        results = run(sample, tensors(operands))
        expected = flat(sample.expected(operands))
        assert len(results) == len(expected)
        for y, e in zip(results, expected, strict=True):
            assert np.shape(y) == np.shape(e)
            if np.asarray(e).dtype.kind in "ib":
                assert np.asarray(y).dtype.kind == np.asarray(e).dtype.kind
            assert_close(y, e, sample.tolerance, dtype)


@pytest.mark.parametrize("sample", TRACEABLE, ids=str)
def test_symbolic_call_tells_shape_and_dtype(sample: OpSample) -> None:
    for dtype in ("float32", "bfloat16"):
        operands = tensors(sample.draw(dtype))
        eager = run(sample, operands)
        symbols = [KerasTensor(o.shape, spec_of(o).dtype) for o in operands]
        for s, y in zip(run(sample, symbols), eager, strict=True):
            if isinstance(s, KerasTensor):
                assert (s.shape, s.dtype) == (y.shape, spec_of(y).dtype)
            else:  # `ndim`, and `size` where it is known
                assert s == y


@pytest.mark.parametrize("sample", [s for s in TRACEABLE if s.known], ids=str)
def test_symbolic_call_works_with_unknown_sizes(sample: OpSample) -> None:
    operands = tensors(sample.draw("float32"))
    shapes: list[list[int | None]] = [list(o.shape) for o in operands]
    places = sample.unknown
    if places is None:
        places = tuple((i, 0) for i, s in enumerate(shapes) if s and s[0] != 1)
    for operand, axis in places:
        shapes[operand][axis] = None
    symbols = [KerasTensor(s, spec_of(o).dtype) for s, o in zip(shapes, operands, strict=True)]
    eager = run(sample, operands)
    found = run(sample, symbols)
    assert len(found) == len(eager)
    for s, y in zip(found, eager, strict=True):
        if not isinstance(s, KerasTensor):
            assert s == y
            continue
        assert s.dtype == spec_of(y).dtype
        assert len(s.shape) == len(y.shape)
        assert all(d is None or d == n for d, n in zip(s.shape, y.shape, strict=True))


@pytest.mark.parametrize("sample", TRACEABLE, ids=str)
def test_traced_call_computes_the_same(sample: OpSample) -> None:
    operands = tensors(sample.draw("float32"))

    def f(*xs: Any) -> list[Any]:
        return [y for y in run(sample, list(xs)) if not isinstance(y, int)]

    graph, captured = close_over(f, [spec_of(o) for o in operands])
    found = interpret(graph, [*operands, *captured])
    eager = [y for y in run(sample, operands) if not isinstance(y, int)]
    # A backend's fast path, which only the eager call takes, rounds in its own way.
    bound = sample.tolerance if current().fast else "exact"
    for y, e in zip(found, eager, strict=True):
        assert_close(y, e, bound)


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_gradient_agrees_with_finite_differences(sample: OpSample) -> None:
    operands = sample.draw("float64")
    which = [i for i, o in enumerate(operands) if o.dtype == np.float64]
    xs = [ops.convert_to_tensor(operands[i], "float64") for i in which]
    rng = np.random.default_rng(7)
    weights = [rng.uniform(0.5, 1.5, y.shape) for y in run(sample, tensors(operands))]

    def f(values: list[Any]) -> tuple[Any, list[Any]]:
        mixed = tensors(operands)
        for i, v in zip(which, values, strict=True):
            mixed[i] = v
        loss = ops.zeros((), "float64")
        for y, w in zip(run(sample, mixed), weights, strict=True):
            if is_float(spec_of(y).dtype):
                loss = ops.add(loss, ops.sum(ops.multiply(y, ops.array(w, "float64"))))
        return loss, []

    _, _, grads = current().value_and_grad(f, xs)
    direction = [rng.uniform(-1, 1, x.shape) for x in xs]
    # jax has no float64 unless it is told to.
    precise = spec_of(xs[0]).dtype == "float64"
    h = 1e-6 if precise else 1e-2

    def along(t: float) -> float:
        moved = [
            ops.array(np.asarray(x) + t * d, "float64") for x, d in zip(xs, direction, strict=True)
        ]
        return float(f(moved)[0])

    expected = (along(h) - along(-h)) / (2 * h)
    got = sum(
        float((np.asarray(g) * d).sum())
        for g, d in zip(grads, direction, strict=True)
        if g is not None
    )
    rel, absolute = (1e-5, 1e-7) if precise else (0.05, 0.02)
    assert got == pytest.approx(expected, rel=rel, abs=absolute)


def test_every_numpy_like_name_is_there_and_has_a_row() -> None:
    names = set(NAMES["ops.numpy"].split())
    rows = {s.name for s in SAMPLES}
    assert {n for n in names if not hasattr(ops, n)} <= {"slogdet"}
    assert names - rows - WITHOUT_ROW == set()
    assert ops.numpy.add is ops.add


# Promotion

PROMOTED = [
    ("int32", "float32", "float32"),
    ("int32", "bfloat16", "bfloat16"),
    ("float16", "bfloat16", "float32"),
    ("int8", "uint8", "int16"),
    ("bool", "int8", "int8"),
    ("uint32", "int32", "int32"),
]


@pytest.mark.parametrize(("a", "b", "expected"), PROMOTED)
def test_operands_meet_in_the_dtype_of_the_lattice(a: str, b: str, expected: str) -> None:
    x, y = ops.ones((2,), a), ops.ones((2,), b)
    assert spec_of(ops.multiply(x, y)).dtype == expected
    left, right = (as_array(np.ones(2, numpy_dtype(dtype))) for dtype in (a, b))
    assert spec_of(left * right).dtype == expected
    assert ops.multiply(KerasTensor((2,), a), KerasTensor((2,), b)).dtype == expected


def test_python_numbers_are_weak(backend_name: str) -> None:
    x = ops.ones((2,), "float16")
    assert {spec_of(y).dtype for y in (x + 1, 2.5 * x, x / 3, x**2, 1 - x)} == {"float16"}
    n = ops.ones((2,), "int8")
    assert spec_of(n + 1).dtype == "int8"
    # Operators of JAX arrays are JAX's own, whose fractions have 64 bits in this lane.
    wide = "float64" if backend_name == "jax" else "float32"
    assert [spec_of(n + 0.5).dtype, spec_of(n / 2).dtype] == [wide, "float32"]


def test_narrow_integers_are_summed_in_32_bits() -> None:
    x = ops.full((300,), 100, "int8")
    assert (int(ops.sum(x)), spec_of(ops.sum(x)).dtype) == (30000, "int32")
    assert spec_of(ops.sum(ops.ones((2,), "uint8"))).dtype == "uint32"


def test_mean_of_many_float16_does_not_overflow() -> None:
    assert float(ops.mean(ops.full((1000,), 1000.0, "float16"))) == 1000.0
    assert float(ops.var(ops.full((1000,), 1000.0, "float16"))) == 0.0


# Operators and NumPy's functions


def test_operators_are_ops() -> None:
    plain, ints = np.array([1.0, -2.0, 3.0], "float32"), np.array([6, 3, 1], "int32")
    x, n = as_array(plain), as_array(ints)
    for found, expected in [
        (2 - x, 2 - plain), (x @ x, plain @ plain), (x // 2, plain // 2), (7 % n, 7 % ints),
        (-x, -plain), (abs(x), abs(plain)), (+x, plain), (2**n, 2**ints), (n & 3, ints & 3),
        (n | 8, ints | 8), (n ^ 1, ints ^ 1), (~n, ~ints), (n << 1, ints << 1), (n >> 1, ints >> 1),
        (x > 0, plain > 0), (x == x, plain == plain), (x != 1, plain != 1), (x <= 1, plain <= 1),
        ((x > 0) & (x < 2), (plain > 0) & (plain < 2)), (~(x > 0), ~(plain > 0)),
        (round(x), plain), (divmod(n, 2)[1], ints % 2),
    ]:  # fmt: skip
        assert isinstance(found, Array) or current().is_native(found)
        np.testing.assert_array_equal(np.asarray(found), expected)


def test_numpy_functions_on_arrays_and_symbols_are_ops() -> None:
    x = as_array(np.array([1.0, 4.0], "float32"))
    assert isinstance(np.sqrt(x), Array)
    assert spec_of(np.float64(2.0) * x).dtype == "float32"
    s = KerasTensor((None, 3))
    assert np.exp(s).shape == (None, 3)
    assert np.concatenate([s, s], axis=1).shape == (None, 6)
    assert (np.float32(2) * s).dtype == "float32"
    with pytest.raises(TracedValueError, match="right:"):
        np.fft.fftshift(s)


def test_operators_of_symbols_record_ops() -> None:
    s = KerasTensor((None, 4))
    y = (2 * s - s / 3) @ KerasTensor((4, 5))
    assert (y.shape, y.dtype) == ((None, 5), "float32")
    assert y._keras_history.operation.name.startswith("matmul")


# Indexing

X = np.arange(60, dtype="float32").reshape(3, 4, 5)
MASK = X[:, :, 0] % 2 == 0
KEYS = {
    "integer": 1,
    "last": -1,
    "integers": (2, -3),
    "slice": slice(1, None),
    "steps": (slice(None, None, 2), slice(1, 4, 2)),
    "backwards": (slice(None), slice(None, None, -1)),
    "backwards part": (Ellipsis, slice(4, 0, -2)),
    "empty": slice(2, 1),
    "new axes": (None, 0, Ellipsis, None),
    "ellipsis": (Ellipsis, 2),
    "array": np.array([[0, 2], [1, 1]]),
    "list": [0, -1],
    "array of an axis": (slice(None), np.array([0, 3])),
    "arrays side by side": (slice(None), np.array([0, 1]), np.array([2, -1])),
    "arrays apart": (np.array([0, 1]), slice(None), np.array([2, 3])),
    "arrays that broadcast": (np.array([[0], [1]]), np.array([1, 2, 3])),
    "integer beside an array": (0, slice(None), np.array([1, 2])),
    "integer beside an array, adjacent": (slice(None), 1, np.array([0, 2])),
    "new axis and array": (slice(None), None, np.array([0, 1]), slice(1, 3)),
    "array of no axes": (np.array(1), slice(None), np.array(2)),
    "mask": X > 20,
    "mask of two axes": MASK,
    "mask of one axis": (slice(None), np.array([True, False, True, True])),
}


@pytest.mark.parametrize("name", KEYS)
def test_indexing_is_that_of_numpy(name: str) -> None:
    key = KEYS[name]
    x = ops.array(X)
    np.testing.assert_array_equal(np.asarray(ops.get_item(x, key)), X[key])
    np.testing.assert_array_equal(np.asarray(as_array(X)[key]), X[key])


@pytest.mark.parametrize("name", [k for k in KEYS if "mask" not in k])
def test_indexing_of_traced_and_symbolic_values_agrees(name: str) -> None:
    key = KEYS[name]
    x = ops.array(X)
    graph, captured = close_over(lambda x: [x[key]], [spec_of(x)])
    np.testing.assert_array_equal(np.asarray(interpret(graph, [x, *captured])[0]), X[key])
    assert KerasTensor(X.shape)[key].shape == X[key].shape


def test_a_traced_integer_is_an_index() -> None:
    x, i = ops.array(X), ops.array(2)
    graph, captured = close_over(lambda x, n: [x[n], x[:, n]], [spec_of(x), spec_of(i)])
    first, second = interpret(graph, [x, i, *captured])
    np.testing.assert_array_equal(np.asarray(first), X[2])
    np.testing.assert_array_equal(np.asarray(second), X[:, 2])


def test_slices_of_an_unknown_axis() -> None:
    s = KerasTensor((None, 4, 5))
    assert s[0].shape == (4, 5)
    assert s[-1].shape == (4, 5)
    assert s[1:, :2].shape == (None, 2, 5)
    assert s[:5].shape == (None, 4, 5)
    assert s[::-1, ::2].shape == (None, 2, 5)
    assert s[:, None, [0, 1]].shape == (None, 1, 2, 5)


def test_gradient_of_indexing_adds_up_repeated_places() -> None:
    def f(xs: list[Any]) -> tuple[Any, list[Any]]:
        return ops.sum(xs[0][np.array([0, 0, 2])] * ops.array([1.0, 2.0, 4.0])), []

    _, _, (g,) = current().value_and_grad(f, [ops.ones((3,))])
    np.testing.assert_array_equal(np.asarray(g), [3.0, 0.0, 4.0])


def test_an_index_out_of_range_is_named() -> None:
    with pytest.raises(IndexError, match=r"index 3 .* axis 0 .* float32\[3, 4, 5\]"):
        ops.get_item(ops.array(X), 3)
    with pytest.raises(IndexError, match="4 indices are too many"):
        ops.get_item(ops.array(X), (0, 0, 0, 0))
    with pytest.raises(ArgumentError, match="integer or a boolean"):
        ops.get_item(ops.array(X), np.array([0.5]))


def test_a_mask_can_not_be_compiled() -> None:
    with pytest.raises(TracedValueError, match="depends on the data"):
        close_over(lambda x: [x[x > 0]], [spec_of(X)])


# einsum

EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("bij,jk", (2, 3, 4), (4, 5)),
    ("bhid,bhjd->bhij", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("...ij,...jk->...ik", (1, 3, 4), (2, 4, 5)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->ji", (2, 3)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("i,j->ij", (2,), (3,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 5)),
    ("ij,j->ij", (2, 3), (3,)),
    ("ijk,k->i", (2, 3, 4), (4,)),
    ("b...,b...->...", (3, 2, 2), (3, 2, 2)),
    ("iij,jk->ik", (3, 3, 2), (2, 4)),
]


@pytest.mark.parametrize("case", EINSUMS, ids=lambda case: case[0])
def test_einsum_agrees_with_numpy(case: Any) -> None:
    text, *shapes = case
    rng = np.random.default_rng(0)
    operands = [rng.uniform(-1, 1, s).astype("float32") for s in shapes]
    expected = np.einsum(text, *[o.astype("float64") for o in operands])
    found = ops.einsum(text, *operands)
    assert_close(found, expected, "reduction")
    assert ops.einsum(text, *[KerasTensor(s) for s in shapes]).shape == expected.shape


def test_einsum_with_an_unknown_batch() -> None:
    a, b = KerasTensor((None, 3, 4)), KerasTensor((4, 5))
    assert ops.einsum("bij,jk->bik", a, b).shape == (None, 3, 5)
    assert ops.einsum("bij,bkj->bik", a, a).shape == (None, 3, 3)


# Messages


def test_bad_input_gives_the_op_the_rule_and_what_was_received() -> None:
    x = ops.ones((2, 3))
    with pytest.raises(ShapeError, match=r"(?s)matmul: the last axis .*x1  float32\[2, 3\]"):
        ops.matmul(x, x)
    with pytest.raises(ShapeError, match=r"sum: there is no axis 2; there are axes from -2 to 1"):
        ops.sum(x, axis=2)
    with pytest.raises(ShapeError, match="an axis is named twice"):
        ops.mean(x, axis=(0, -2))
    with pytest.raises(ShapeError, match="6 elements can't be divided into groups of 4"):
        ops.reshape(x, (4, -1))
    with pytest.raises(ArgumentError, match="only one size may be -1"):
        ops.reshape(x, (-1, -1))
    with pytest.raises(ArgumentError, match="zeros: a size must not be negative"):
        ops.zeros((2, -1))
    with pytest.raises(ShapeError, match="2 equal parts"):
        ops.split(x, 2, axis=1)
    with pytest.raises(DtypeError, match="logical_xor"):
        ops.subtract(ops.array([True]), ops.array([False]))
    with pytest.raises(ShapeError, match="no elements to choose from"):
        ops.max(ops.zeros((0, 2)), axis=0)
    with pytest.raises(ArgumentError, match="doesn't describe an operand of 2 axes"):
        ops.einsum("ijk,k->i", x, ops.ones((3,)))
    with pytest.raises(IndexError, match="index 5 is out of range for axis 0"):
        ops.take(x, [5], axis=0)


def test_select_takes_the_first_condition_that_holds() -> None:
    x = np.array([-2.0, -0.5, 0.5, 2.0], "float32")
    found = ops.select([x > 1, x < 0], [x, -x], 9.0)
    np.testing.assert_array_equal(np.asarray(found), [2.0, 0.5, 9.0, 2.0])


def test_meshgrid_agrees_with_numpy_for_unknown_sizes_too() -> None:
    grids = ops.meshgrid(KerasTensor((None,)), KerasTensor((4,)))
    assert [g.shape for g in grids] == [(4, None), (4, None)]


def test_sizes_of_symbolic_shapes_serve_as_arguments() -> None:
    s = KerasTensor((None, 6))
    n = ops.size(s)
    assert n.shape == ()
    assert ops.reshape(s, (-1, 2, 3)).shape == (None, 2, 3)
    assert ops.zeros_like(s).shape == (None, 6)
    assert ops.tile(s, (2, 1)).shape == (None, 6)


def test_vectorize_broadcasts_and_keeps_the_axes_of_the_signature() -> None:
    x = np.arange(6, dtype="float32").reshape(2, 3)
    scaled = ops.vectorize(lambda a, b: a * b + 1)
    np.testing.assert_array_equal(np.asarray(scaled(x, 2.0)), x * 2 + 1)
    summed = ops.vectorize(lambda a, b: ops.sum(a * b), signature="(n),(n)->()")
    np.testing.assert_array_equal(np.asarray(summed(x, x[0])), x @ x[0])
    with pytest.raises(ArgumentError, match="a signature looks like"):
        ops.vectorize(lambda a: a, signature="n->n")


def test_view_reads_bytes() -> None:
    x = np.array([[1.0, -2.0]], "float32")
    for dtype in ("int32", "uint8", "int16"):
        np.testing.assert_array_equal(np.asarray(ops.view(x, dtype)), x.view(dtype))
    with pytest.raises(ShapeError, match="don't make whole int64"):
        ops.view(np.zeros((2, 3), "int32"), "int64")
    with pytest.raises(NotSupportedError, match="traced"):
        ops.view(KerasTensor((2,)), "int32")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_nextafter_steps_through_the_smallest_numbers(dtype: str) -> None:
    tiny = float(np.finfo(dtype).smallest_subnormal)
    a = np.array([0.0, 0.0, 3 * tiny, 1.0, np.inf, np.nan], dtype)
    b = np.array([1.0, -1.0, 0.0, 0.0, 1.0, 1.0], dtype)
    # By the references: a library may round what is so small to zero.
    graph, captured = close_over(lambda x, y: [ops.nextafter(x, y)], [spec_of(a), spec_of(b)])
    with np.errstate(all="ignore"):
        (found,) = interpret(graph, [a, b, *map(np.asarray, captured)], run_reference)
    np.testing.assert_array_equal(found, np.nextafter(a, b))


def test_integers_have_no_negative_powers() -> None:
    with pytest.raises(ArgumentError, match="floating dtype"):
        ops.power(ops.array([1, 2]), -1)
