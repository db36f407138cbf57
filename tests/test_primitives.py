"""Primitives: values, shapes known and unknown, dtypes, gradients of first and second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

import cornu.primitives  # noqa: F401  (fills PRIMITIVES)
from cornu.errors import ArgumentError, CornuError, DtypeError, ShapeError
from cornu.graph.autodiff import value_and_grad
from cornu.graph.dim import Dim, evaluate
from cornu.graph.dtypes import dtype_name, is_float, numpy_dtype
from cornu.graph.primitive import PRIMITIVES, zero
from cornu.graph.spec import Spec, spec_of
from tests.samples.primitives import SAMPLES
from tests.samples.sample import Sample
from tests.tolerances import tolerance

pytestmark = pytest.mark.usefixtures("reference_runs")

# Tested elsewhere: they need graphs as attributes.
CONTROL = {"cond", "while_loop", "scan", "custom_gradient", "stop_gradient", "identity"}

DIFFERENTIABLE = [s for s in SAMPLES if s.gradient]


def typed(sample: Sample) -> list[tuple[str, list[Any]]]:
    """Return the operands in each dtype; once where none of them is floating."""
    if any(o.dtype.kind == "f" for o in sample.draw("float64")):
        return [(dtype, sample.draw(dtype)) for dtype in sample.dtypes]
    return [("", sample.draw())]


def run(name: str, *operands: Any, **attrs: Any) -> Any:
    """Run the NumPy reference."""
    primitive = PRIMITIVES[name]
    with np.errstate(all="ignore"):
        result = primitive.reference(*operands, **attrs)
    return result if primitive.multiple else np.asarray(result)


def as_tuple(x: Any) -> tuple[Any, ...]:
    return x if isinstance(x, tuple) else (x,)


def test_every_primitive_has_a_row() -> None:
    assert set(PRIMITIVES) - {s.name for s in SAMPLES} == CONTROL


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_values_agree_with_an_independent_reference(sample: Sample) -> None:
    for dtype, operands in typed(sample):
        results = as_tuple(run(sample.name, *operands, **sample.attrs))
        for y, e in zip(results, as_tuple(sample.expected(operands)), strict=True):
            bound = tolerance(sample.tolerance, dtype_name(y.dtype))
            rounded = np.asarray(e).astype(y.dtype)
            if y.dtype.kind == "V":  # bfloat16, which NumPy's comparisons don't know
                y, rounded = y.astype(np.float32), rounded.astype(np.float32)
            np.testing.assert_allclose(y, rounded, bound.rtol, bound.atol, err_msg=dtype)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_rule_tells_shape_and_dtype(sample: Sample) -> None:
    primitive = PRIMITIVES[sample.name]
    for _, operands in typed(sample):
        results = as_tuple(run(sample.name, *operands, **sample.attrs))
        specs = as_tuple(primitive.rule(*map(spec_of, operands), **sample.attrs))
        assert [s.dtype for s in specs] == [dtype_name(y.dtype) for y in results]
        if not primitive.dynamic:
            assert [s.shape for s in specs] == [y.shape for y in results]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_rule_holds_for_unknown_dimensions(sample: Sample) -> None:
    operands = sample.draw("float32")
    sizes: dict[Dim, int] = {}
    shapes = [list(o.shape) for o in operands]
    places = sample.unknown
    if places is None:
        places = tuple((i, 0) for i, s in enumerate(shapes) if s and s[0] != 1)
    for operand, axis in places:
        d = Dim.fresh()
        sizes[d] = shapes[operand][axis]
        shapes[operand][axis] = d
    specs = [Spec(tuple(s), dtype_name(o.dtype)) for s, o in zip(shapes, operands, strict=True)]
    found = as_tuple(PRIMITIVES[sample.name].rule(*specs, **sample.attrs))
    results = as_tuple(run(sample.name, *operands, **sample.attrs))
    if PRIMITIVES[sample.name].dynamic:
        assert any(isinstance(d, Dim) for spec in found for d in spec.shape)
        return
    for spec, y in zip(found, results, strict=True):
        assert tuple(evaluate(d, sizes) for d in spec.shape) == y.shape


# Gradients


def split(sample: Sample) -> tuple[list[Any], list[int]]:
    """Return the operands and the positions of those that are differentiated."""
    operands = sample.draw("float64")
    return operands, [i for i, o in enumerate(operands) if o.dtype == np.float64]


def scalar(sample: Sample, operands: list[Any], which: list[int]) -> Any:
    """Return f: values of the differentiated operands -> a weighted sum of the float results."""
    primitive = PRIMITIVES[sample.name]
    total, weights = PRIMITIVES["reduce_sum"], np.random.default_rng(7)
    shapes = [np.shape(y) for y in as_tuple(run(sample.name, *operands, **sample.attrs))]
    random = [weights.uniform(0.5, 1.5, s) for s in shapes]

    def f(xs: list[Any]) -> tuple[Any, list[Any]]:
        mixed = list(operands)
        for i, x in zip(which, xs, strict=True):
            mixed[i] = symmetric(x) if sample.name in ("eigh", "cholesky") else x
        loss: Any = np.zeros(())
        for y, w in zip(as_tuple(primitive(*mixed, **sample.attrs)), random, strict=True):
            if is_float(spec_of(y).dtype):
                part = total(PRIMITIVES["multiply"](y, w), axes=tuple(range(w.ndim)))
                loss = PRIMITIVES["add"](loss, part)
        return loss, []

    return f


def symmetric(x: Any) -> Any:
    """These read one triangle only: step in symmetric matrices."""
    turned = PRIMITIVES["transpose"](x, axes=(0, 2, 1))
    return PRIMITIVES["multiply"](PRIMITIVES["add"](x, turned), np.asarray(0.5))


def directional(f: Any, xs: list[Any], direction: list[Any], h: float) -> float:
    """Return the central difference of f."""
    ahead = f([x + h * d for x, d in zip(xs, direction, strict=True)])
    back = f([x - h * d for x, d in zip(xs, direction, strict=True)])
    return float(ahead - back) / (2 * h)


def inner(grads: list[Any], direction: list[Any]) -> float:
    return float(sum((g * d).sum() for g, d in zip(grads, direction, strict=True) if g is not None))


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_gradient_agrees_with_finite_differences(sample: Sample) -> None:
    operands, which = split(sample)
    xs = [operands[i] for i in which]
    f = scalar(sample, operands, which)
    _, _, grads = value_and_grad(f, xs)
    assert all(g is None or g.shape == x.shape for g, x in zip(grads, xs, strict=True))
    rng = np.random.default_rng(3)
    direction = [rng.uniform(-1, 1, x.shape) for x in xs]
    expected = directional(lambda v: f(v)[0], xs, direction, 1e-5)
    np.testing.assert_allclose(inner(grads, direction), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("sample", DIFFERENTIABLE, ids=str)
def test_second_gradient_agrees_with_finite_differences(sample: Sample) -> None:
    operands, which = split(sample)
    xs = [operands[i] for i in which]
    f = scalar(sample, operands, which)
    rng = np.random.default_rng(5)
    along = [rng.uniform(-1, 1, x.shape) for x in xs]

    def slope(values: list[Any]) -> tuple[Any, list[Any]]:
        _, _, grads = value_and_grad(f, values)
        total: Any = np.zeros(())
        for g, d in zip(grads, along, strict=True):
            if g is not None:
                product = PRIMITIVES["multiply"](g, d)
                total = PRIMITIVES["add"](
                    total, PRIMITIVES["reduce_sum"](product, axes=tuple(range(d.ndim)))
                )
        return total, []

    _, _, grads = value_and_grad(slope, xs)
    direction = [rng.uniform(-1, 1, x.shape) for x in xs]
    expected = directional(lambda v: slope(v)[0], xs, direction, 1e-5)
    np.testing.assert_allclose(inner(grads, direction), expected, rtol=1e-5, atol=1e-6)


def gradient(name: str, *operands: Any, **attrs: Any) -> list[Any]:
    """Return the gradients of the sum of the result."""
    xs = [np.asarray(o, np.float64) for o in operands]

    def f(values: list[Any]) -> tuple[Any, list[Any]]:
        y = as_tuple(PRIMITIVES[name](*values, **attrs))[0]
        return PRIMITIVES["reduce_sum"](y, axes=tuple(range(len(y.shape)))), []

    with np.errstate(all="ignore"):
        return value_and_grad(f, xs)[2]


def test_ties_share_the_gradient_of_an_extreme() -> None:
    for name in ("maximum", "minimum"):
        a, b = gradient(name, [1.0, 2.0], [1.0, 2.0])
        np.testing.assert_array_equal([a, b], [[0.5, 0.5], [0.5, 0.5]])
    (g,) = gradient("reduce_max", [3.0, 1.0, 3.0, 3.0], axes=(0,))
    np.testing.assert_allclose(g, [1 / 3, 0, 1 / 3, 1 / 3])


def test_select_gives_no_gradient_to_the_branch_not_taken() -> None:
    condition = np.array([True, False])

    def f(values: list[Any]) -> tuple[Any, list[Any]]:
        safe = PRIMITIVES["log"](values[0])
        y = PRIMITIVES["select"](condition, safe, np.zeros(2))
        return PRIMITIVES["reduce_sum"](y, axes=(0,)), []

    np.testing.assert_array_equal(value_and_grad(f, [np.array([2.0, 1.0])])[2][0], [0.5, 0.0])


def test_power_has_finite_gradients_at_a_base_of_zero() -> None:
    a, b = gradient("power", [0.0, 0.0, 0.0], [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(a, [0.0, 1.0, 0.0])
    np.testing.assert_array_equal(b, [0.0, 0.0, 0.0])


def test_sqrt_has_an_infinite_slope_at_zero() -> None:
    np.testing.assert_array_equal(gradient("sqrt", [0.0])[0], [np.inf])


def test_atan2_has_a_zero_gradient_at_the_origin() -> None:
    np.testing.assert_array_equal(gradient("atan2", [0.0], [0.0]), [[0.0], [0.0]])


def test_abs_has_a_zero_gradient_at_zero() -> None:
    np.testing.assert_array_equal(gradient("abs", [0.0, -2.0])[0], [0.0, -1.0])


def test_products_with_zeros_have_exact_gradients() -> None:
    (g,) = gradient("reduce_prod", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0]], axes=(1,))
    np.testing.assert_array_equal(g, [[0.0, 6.0, 0.0], [0.0, 0.0, 0.0]])
    (g,) = gradient("cumprod", [2.0, 0.0, 3.0], axis=0, reverse=False)
    np.testing.assert_array_equal(g, [1.0, 2.0 + 2.0 * 3.0, 0.0])


def test_running_extreme_gives_its_gradient_to_the_first_of_ties() -> None:
    (g,) = gradient("cummax", [1.0, 3.0, 3.0, 2.0], axis=0, reverse=False)
    np.testing.assert_array_equal(g, [1.0, 3.0, 0.0, 0.0])


def test_scatter_set_gives_its_gradient_to_the_update_that_stays() -> None:
    indices = np.array([[0], [0], [1]])

    def f(values: list[Any]) -> tuple[Any, list[Any]]:
        y = PRIMITIVES["scatter_nd"](values[0], indices, values[1], mode="set")
        return PRIMITIVES["reduce_sum"](y, axes=(0,)), []

    gx, gu = value_and_grad(f, [np.ones(3), np.array([5.0, 6.0, 7.0])])[2]
    np.testing.assert_array_equal(gx, [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(gu, [0.0, 1.0, 1.0])


def test_determinant_and_qr_say_where_they_have_no_gradient() -> None:
    with pytest.raises(CornuError, match="complete"):
        gradient("qr", np.ones((4, 2)) + np.eye(4, 2), full=True)
    with pytest.raises(CornuError, match="full SVD"):
        gradient("svd", np.ones((4, 2)) + np.eye(4, 2), full=True)


def test_zero_gradients_are_of_primitives_without_a_slope() -> None:
    named = {n for n, p in PRIMITIVES.items() if p.gradient is zero}
    assert {"floor", "sign", "argmax", "equal", "iota", "random_bits"} <= named
    assert not named & {"add", "exp", "conv", "dot", "sort"}


# Errors


@pytest.mark.parametrize("bound", [-6, 5])
@pytest.mark.parametrize("name", ["take", "take_along_axis", "gather_nd", "scatter_nd"])
def test_an_index_out_of_range_raises_naming_index_and_bound(name: str, bound: int) -> None:
    x, i = np.zeros(5), np.array([0, bound])
    operands: dict[str, tuple[Any, ...]] = {
        "take": (x, i),
        "take_along_axis": (x, i),
        "gather_nd": (x, i[:, None]),
        "scatter_nd": (x, i[:, None], np.zeros(2)),
    }
    attrs: dict[str, dict[str, Any]] = {
        "take": {"axis": 0},
        "take_along_axis": {"axis": 0},
        "gather_nd": {},
        "scatter_nd": {"mode": "add"},
    }
    with pytest.raises(IndexError, match=rf"^{name}: index {bound} is .* of size 5"):
        PRIMITIVES[name](*operands[name], **attrs[name])


def f32(*shape: int) -> Spec:
    return Spec(shape, "float32")


def i32(*shape: int) -> Spec:
    return Spec(shape, "int32")


POOL = {"window": (2,), "strides": (1,), "padding": "valid"}
CONV = {"strides": (1,), "padding": "valid", "dilation": (1,), "groups": 1}

WRONG: list[tuple[str, tuple[Spec, ...], dict[str, Any], type[Exception]]] = [
    ("add", (f32(2, 3), f32(2, 4)), {}, ShapeError),
    ("add", (f32(2), i32(2)), {}, DtypeError),
    ("add", (Spec((2,), "bool"), Spec((2,), "bool")), {}, DtypeError),
    ("exp", (i32(2),), {}, DtypeError),
    ("logical_and", (f32(2), f32(2)), {}, DtypeError),
    ("bitwise_and", (f32(2), f32(2)), {}, DtypeError),
    ("select", (f32(2), f32(2), f32(2)), {}, DtypeError),
    ("select", (Spec((2,), "bool"), f32(2), i32(2)), {}, DtypeError),
    ("reduce_sum", (Spec((2,), "bool"),), {"axes": (0,)}, DtypeError),
    ("reduce_sum", (f32(2),), {"axes": (1,)}, ShapeError),
    ("reduce_max", (f32(2, 2),), {"axes": (0, 0)}, ShapeError),
    ("argmax", (f32(2, 0),), {"axis": 1}, ShapeError),
    ("cumsum", (f32(2),), {"axis": 1, "reverse": False}, ShapeError),
    ("reshape", (f32(2, 3),), {"shape": (5,)}, ShapeError),
    ("transpose", (f32(2, 3),), {"axes": (0, 0)}, ShapeError),
    ("broadcast_to", (f32(2, 3),), {"shape": (2, 4)}, ShapeError),
    ("slice", (f32(4),), {"start": (0,), "stop": (5,), "step": (1,)}, ShapeError),
    ("pad", (f32(4), f32(1)), {"low": (0,), "high": (0,), "interior": (0,)}, ShapeError),
    ("pad", (f32(4), f32()), {"low": (-3,), "high": (-3,), "interior": (0,)}, ShapeError),
    ("concatenate", (f32(2, 3), f32(3, 3)), {"axis": 1}, ShapeError),
    ("split", (f32(5),), {"sizes": (2, 2), "axis": 0}, ShapeError),
    ("dynamic_slice", (f32(5), i32()), {"sizes": (6,)}, ShapeError),
    ("dynamic_slice", (f32(5), f32()), {"sizes": (2,)}, DtypeError),
    ("take", (f32(5), f32(2)), {"axis": 0}, DtypeError),
    ("take_along_axis", (f32(5, 2), i32(5)), {"axis": 0}, ShapeError),
    ("gather_nd", (f32(5), i32(3, 2)), {}, ShapeError),
    ("scatter_nd", (f32(5), i32(3, 1), f32(2)), {"mode": "add"}, ShapeError),
    ("scatter_nd", (f32(5), i32(3, 1), f32(3)), {"mode": "sum"}, ArgumentError),
    ("top_k", (f32(5),), {"k": 6}, ShapeError),
    ("searchsorted", (f32(5), f32(2)), {"side": "middle"}, ArgumentError),
    ("dot", (f32(2, 3), f32(4, 2)), {"contract": ((1, 0),), "batch": ()}, ShapeError),
    ("dot", (f32(2, 3), f32(3)), {"contract": ((2, 0),), "batch": ()}, ShapeError),
    ("cholesky", (f32(2, 3),), {}, ShapeError),
    ("solve", (f32(3, 3), f32(3)), {}, ShapeError),
    ("det", (i32(3, 3),), {}, DtypeError),
    ("conv", (f32(1, 5, 3), f32(2, 4, 1)), CONV, ShapeError),
    ("conv", (f32(1, 5, 3), f32(6, 3, 1)), CONV, ShapeError),
    ("conv", (f32(1, 5, 3), f32(2, 1, 4)), CONV | {"groups": 3}, ArgumentError),
    ("conv", (f32(1, 5, 3), f32(2, 3, 4)), CONV | {"padding": "full"}, ArgumentError),
    (
        "conv_grad_input",
        (f32(1, 5, 1), f32(2, 3, 1)),
        CONV | {"input_shape": (1, 5, 3)},
        ShapeError,
    ),
    ("max_pool", (f32(1, 1, 3),), POOL, ShapeError),
    ("max_pool", (f32(1, 3),), POOL, ShapeError),
    ("pool_scatter", (f32(1, 2, 3), i32(1, 3, 3)), {"spatial": (4,)}, ShapeError),
    ("random_bits", (i32(2),), {"size": 2}, DtypeError),
    ("random_bits", (Spec((3,), "uint32"),), {"size": 2}, ShapeError),
]


@pytest.mark.parametrize(
    ("name", "specs", "attrs", "error"), WRONG, ids=[f"{i}-{w[0]}" for i, w in enumerate(WRONG)]
)
def test_wrong_operands_give_a_clear_error(
    name: str, specs: tuple[Spec, ...], attrs: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"^{name}: ") as raised:
        PRIMITIVES[name].rule(*specs, **attrs)
    assert str(raised.value).splitlines()[0].endswith(".")


EAGER_WRONG = [w for w in WRONG if w[3] is ShapeError and w[0] not in ("slice", "argmax")]


@pytest.mark.parametrize(
    ("name", "specs", "attrs", "error"),
    EAGER_WRONG,
    ids=[f"{i}-{w[0]}" for i, w in enumerate(EAGER_WRONG)],
)
def test_wrong_shapes_raise_the_same_error_when_run(
    name: str, specs: tuple[Spec, ...], attrs: dict[str, Any], error: type[Exception]
) -> None:
    operands = [np.zeros(s.shape, s.dtype) for s in specs]
    with pytest.raises(error, match=f"^{name}: "):
        PRIMITIVES[name](*operands, **attrs)


def test_an_unknown_dimension_takes_the_known_one_it_meets() -> None:
    n = Dim.fresh()
    rule = PRIMITIVES["add"].rule
    assert rule(Spec((n, 3), "float32"), f32(5, 1)).shape == (5, 3)
    assert rule(Spec((n, 3), "float32"), f32(1, 1)).shape == (n, 3)


# What the references promise beyond values


@pytest.mark.parametrize(
    "sample", [s for s in SAMPLES if PRIMITIVES[s.name].elementwise and s.name != "cast"], ids=str
)
def test_elementwise_references_write_into_out(sample: Sample) -> None:
    operands = sample.draw("float32")
    expected = run(sample.name, *operands)
    out = np.empty(expected.shape, expected.dtype)
    with np.errstate(all="ignore"):
        returned = PRIMITIVES[sample.name].reference(*operands, out=out)
    assert returned is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("position", [1, 2])
def test_select_may_write_into_its_operands(position: int) -> None:
    condition = np.array([True, False])
    operands = [condition, np.array([1.0, 2.0]), np.array([3.0, 4.0])]
    out = operands[position]
    PRIMITIVES["select"].reference(*operands, out=out)
    np.testing.assert_array_equal(out, [1.0, 4.0])


def test_sums_of_narrow_floats_are_rounded_once() -> None:
    for dtype in ("float16", "bfloat16"):
        x = np.full(4096, 0.25, numpy_dtype(dtype))
        assert float(run("reduce_sum", x, axes=(0,))) == 1024.0
        assert float(run("cumsum", x, axis=0, reverse=False)[-1]) == 1024.0
        assert float(run("dot", x, x, contract=((0, 0),), batch=())) == 256.0


def test_special_functions_are_accurate_in_float32() -> None:
    x = np.linspace(-5, 5, 10001, dtype=np.float32)
    inner_part = np.linspace(-0.99999, 0.99999, 10001, dtype=np.float32)
    right = np.linspace(0.01, 40, 10001, dtype=np.float32)
    for name, points, oracle in (
        ("erf", x, special.erf),
        ("erfinv", inner_part, special.erfinv),
        ("lgamma", right, special.gammaln),
        ("digamma", right, special.digamma),
    ):
        expected = oracle(points.astype(np.float64))
        np.testing.assert_allclose(run(name, points), expected, rtol=1e-6, atol=1e-12, err_msg=name)


def test_random_bits_of_a_shorter_draw_are_a_prefix() -> None:
    key = np.array([7, 9], np.uint32)
    long = run("random_bits", key, size=200_001)
    np.testing.assert_array_equal(run("random_bits", key, size=1001), long[:1001])
    assert long.shape == (200_001,)


def test_random_bits_are_threefry_by_its_definition() -> None:
    """A second implementation, on Python's integers, word by word."""

    def threefry(k0: int, k1: int, x0: int, x1: int) -> tuple[int, int]:
        mask = 0xFFFFFFFF
        keys = (k0, k1, k0 ^ k1 ^ 0x1BD11BDA)
        x0, x1 = (x0 + k0) & mask, (x1 + k1) & mask
        turns = (13, 15, 26, 6, 17, 29, 16, 24)
        for i in range(20):
            x0 = (x0 + x1) & mask
            r = turns[i % 8]
            x1 = ((x1 << r | x1 >> (32 - r)) & mask) ^ x0
            if i % 4 == 3:
                s = i // 4 + 1
                x0 = (x0 + keys[s % 3]) & mask
                x1 = (x1 + keys[(s + 1) % 3] + s) & mask
        return x0, x1

    # The authors' third known answer (Random123) checks this implementation first.
    assert threefry(0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3) == (0xC4923A9C, 0x483DF7A0)
    key = np.array([0xDEADBEEF, 0xFFFFFFFF], np.uint32)
    words = run("random_bits", key, size=140_000)
    for j in (0, 1, 2, 65_535, 65_536, 69_999):
        expected = threefry(0xDEADBEEF, 0xFFFFFFFF, j, 0)
        assert tuple(int(w) for w in words[2 * j : 2 * j + 2]) == expected


def test_scatter_add_of_many_equal_rows_sums_all() -> None:
    rng = np.random.default_rng(0)
    x, u = rng.normal(size=(7, 5)), rng.normal(size=(300, 5))
    i = rng.integers(-7, 7, (300, 1))
    expected = x.copy()
    np.add.at(expected, i[:, 0], u)
    np.testing.assert_allclose(run("scatter_nd", x, i, u, mode="add"), expected, rtol=1e-12)
