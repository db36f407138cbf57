"""Products of matrices and convolutions of the core, beside NumPy in float64."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.backends.native.loader import core
from tests.native.plans import Draft
from tests.native.single import run_one
from tests.tolerances import tolerance

Array = np.ndarray[Any, Any]

SIZES = st.sampled_from((0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65, 70))


def draw_values(rng: np.random.Generator, dtype: str, *shape: int) -> Array:
    return np.asarray(rng.standard_normal(shape)).astype(dtype)


def close(got: Array, wanted: Array, terms: int) -> None:
    """Assert that got is a sum of so many terms of size one, rounded after each."""
    bound = tolerance("reduction", got.dtype.name)
    np.testing.assert_allclose(
        got.astype(np.float64), wanted, bound.rtol, bound.atol * (1 + terms / 16)
    )


# Products


def laid_out(x: Array, layout: str) -> Array:
    """Return a view with the values of x in memory that is laid out otherwise."""
    if layout == "columns":
        return x.swapaxes(-1, -2).copy().swapaxes(-1, -2)
    if layout == "gaps":
        wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1] + 3), x.dtype)
        view = wide[..., 1 : 2 * x.shape[-1] + 1 : 2]
        view[...] = x
        return view
    if layout == "margin":
        wide = np.zeros((*x.shape[:-1], x.shape[-1] + 5), x.dtype)
        view = wide[..., 2 : x.shape[-1] + 2]
        view[...] = x
        return view
    return x


def multiply(
    a: Array,
    b: Array,
    bias: Array | None = None,
    relu: bool = False,
    addend: Array | None = None,
    layout: str = "rows",
    in_place: bool = False,
) -> tuple[Array, Array]:
    """Return what gemm gives, in memory of such a layout, and what it should give."""
    c = laid_out(np.full((*a.shape[:-1], b.shape[-1]), 7, a.dtype), layout)
    wanted = np.matmul(a.astype(np.float64), b.astype(np.float64))
    if bias is not None:
        wanted = wanted + bias.astype(np.float64)
    if addend is not None:
        wanted = wanted + addend.astype(np.float64)
    if in_place and addend is not None:
        c[...] = addend
        addend = c
    more = [x for x in (bias, addend) if x is not None]
    run_one("gemm", [a, b, *more], [c], [bias is not None, relu, addend is not None])
    return c, np.maximum(wanted, 0) if relu else wanted


@given(st.data())
@settings(deadline=None, max_examples=500)
def test_gemm_takes_any_strides(data: st.DataObject) -> None:
    m, n, k = (data.draw(SIZES) for _ in range(3))
    batch = tuple(data.draw(st.lists(st.integers(0, 3), max_size=2)))
    dtype = data.draw(st.sampled_from(("float32", "float64")))
    layouts = st.sampled_from(("rows", "rows", "columns", "gaps", "margin"))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    a = laid_out(draw_values(rng, dtype, *batch, m, k), data.draw(layouts))
    b = laid_out(draw_values(rng, dtype, *batch, k, n), data.draw(layouts))
    if data.draw(st.booleans()) and m * k:  # one matrix for all of the batch
        a = np.broadcast_to(draw_values(rng, dtype, m, k), a.shape)
    if data.draw(st.booleans()) and n * k:
        b = np.broadcast_to(draw_values(rng, dtype, k, n), b.shape)
    bias = draw_values(rng, dtype, n) if data.draw(st.booleans()) else None
    relu = data.draw(st.booleans())
    layout = data.draw(st.sampled_from(("rows", "columns", "margin")))
    if min((*batch, m, n, k)) == 0:  # NumPy's address of nothing may lie outside of all memory
        a, b = a.copy(), b.copy()
        layout = "rows"
    addend, in_place = None, data.draw(st.booleans())
    if data.draw(st.booleans()):
        free = layout != "columns" and n > 1
        other = data.draw(st.sampled_from(("rows", "margin"))) if free else layout
        addend = laid_out(draw_values(rng, dtype, *batch, m, n), other)
        if m and free and not in_place and data.draw(st.booleans()):
            addend = np.broadcast_to(draw_values(rng, dtype, n), addend.shape)
    got, wanted = multiply(a, b, bias, relu, addend, layout, in_place)
    close(got, wanted, k)


LARGE = [  # several blocks of rows, of columns and of the reduced axis; few columns; copies of a
    (300, 200, 500),
    (1100, 520, 400),
    (64, 64, 2048),
    (700, 10, 1600),
    (700, 1, 900),
    (1, 700, 900),
    (9, 300, 1),
    (6, 90, 500),  # few rows, dot products in blocks where both operands lie along the sum
    (13, 75, 260),
    (1, 40, 800),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", LARGE, ids=str)
def test_gemm_of_large_matrices(size: tuple[int, int, int], dtype: str) -> None:
    m, n, k = size
    rng = np.random.default_rng(0)
    a, b = draw_values(rng, dtype, m, k), draw_values(rng, dtype, k, n)
    bias, addend = draw_values(rng, dtype, n), draw_values(rng, dtype, m, n)
    wanted = np.maximum(a.astype(np.float64) @ b.astype(np.float64) + bias + addend, 0)
    kinds = ("rows", "columns")
    for layout_a, layout_b, layout_c in itertools.product(kinds, kinds, kinds):
        c = laid_out(np.zeros((m, n), dtype), layout_c)
        inputs = [laid_out(a, layout_a), laid_out(b, layout_b), bias, laid_out(addend, layout_c)]
        run_one("gemm", inputs, [c], [1, 1, 1])
        close(c, wanted, k)


@pytest.mark.parametrize("dtype", ["float16", "int32"])
def test_gemm_refuses_what_it_does_not_multiply(dtype: str) -> None:
    x = np.zeros((2, 2), dtype)
    with pytest.raises(ValueError, match="float32 or float64"):
        run_one("gemm", [x, x], [x.copy()], [0, 0, 0])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("shape", [(33, 17, 9), (4, 10, 700), (5, 1, 80), (40, 6, 5), (4, 50, 90)])
def test_gemm_carries_nan_and_infinity(bad: float, shape: tuple[int, int, int]) -> None:
    m, n, k = shape
    rng = np.random.default_rng(0)
    a, b = draw_values(rng, "float32", m, k), draw_values(rng, "float32", k, n)
    a[2, k // 2] = bad
    b = laid_out(b, "columns") if m < n else b
    c = np.zeros((m, n), np.float32)
    run_one("gemm", [a, b], [c], [0, 1, 0])
    with np.errstate(invalid="ignore"):  # infinity less infinity
        wanted = a.astype(np.float64) @ b.astype(np.float64)
    np.testing.assert_array_equal(np.isnan(c), np.isnan(wanted))
    np.testing.assert_array_equal(np.isposinf(c), np.isposinf(wanted))
    assert np.isfinite(np.delete(c, 2, axis=0)).all()


REFUSED: list[tuple[list[tuple[int, ...]], tuple[int, ...], list[int]]] = [
    ([(2, 3), (4, 5)], (2, 5), [0, 0, 0]),
    ([(2, 3), (3, 5)], (2, 4), [0, 0, 0]),
    ([(2, 3), (3, 5)], (2, 5), [0, 0]),
    ([(2, 3), (3, 5)], (2, 5), [0, 2, 0]),
    ([(2, 3), (3, 5)], (2, 5), [1, 0, 0]),
    ([(2, 3), (3, 5), (4,)], (2, 5), [1, 0, 0]),
    ([(3,), (3,)], (1,), [0, 0, 0]),
    ([(2, 2, 3), (1, 3, 5)], (2, 2, 5), [0, 0, 0]),
    ([(2, 3), (3, 5)], (2, 5), [0, 0, 1]),
    ([(2, 3), (3, 5), (2, 4)], (2, 5), [0, 0, 1]),
    ([(2, 3), (3, 5), (5,)], (2, 5), [0, 0, 1]),
    ([(2, 3), (3, 5), (2, 5), (5,)], (2, 5), [1, 0, 1]),
]


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_gemm_refuses_what_does_not_fit(
    case: tuple[list[tuple[int, ...]], tuple[int, ...], list[int]],
) -> None:
    inputs, output, attributes = case
    with pytest.raises(ValueError, match="gemm"):
        run_one("gemm", [np.zeros(s) for s in inputs], [np.zeros(output)], attributes)


def test_gemm_refuses_an_addend_that_goes_the_other_way() -> None:
    a, b, addend = np.zeros((2, 3)), np.zeros((3, 5)), laid_out(np.zeros((2, 5)), "columns")
    with pytest.raises(ValueError, match="along the same axis"):
        run_one("gemm", [a, b, addend], [np.zeros((2, 5))], [0, 0, 1])


@pytest.mark.parametrize("place", range(3))
def test_only_the_addend_gives_its_memory_to_the_result(place: int) -> None:
    draft = Draft()
    inputs = [draft.external(i, (4, 4), write=True) for i in range(3)]
    draft.add("gemm", inputs, [inputs[place]], [0, 0, 1])
    arrays = [np.full((4, 4), i + 1, np.float32) for i in range(3)]
    if place == 2:
        draft.build().run(arrays, True)
        np.testing.assert_array_equal(arrays[2], 4 * 1 * 2 + 3)
    else:
        with pytest.raises(ValueError, match="shares memory"):
            draft.build()


# Convolutions


class Geometry:
    """A convolution's sizes, and its value by definition."""

    def __init__(
        self,
        n: int,
        c: int,
        f: int,
        axes: list[tuple[int, int, int, int, int, int]],
        groups: int = 1,
    ) -> None:
        self.c, self.f, self.groups = c, f, groups
        self.axes = axes  # size, window, stride, low pad, high pad, dilation
        self.x = (n, *(a[0] for a in axes), c)
        self.w = (*(a[1] for a in axes), c // groups, f)
        sizes = ((s + lo + hi - (w - 1) * d - 1) // t + 1 for s, w, t, lo, hi, d in axes)
        self.y = (n, *sizes, f)

    def __repr__(self) -> str:
        return f"{self.x} {self.w} {self.axes}"

    @property
    def attributes(self) -> list[int]:
        strides, low, dilation = ([a[i] for a in self.axes] for i in (2, 3, 5))
        return [len(self.axes), *strides, *low, *dilation, self.groups]

    def taps(self) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...], tuple[Any, ...]]]:
        """Yield each tap's place, the results it has a part in, and what it reads for them."""
        for place in itertools.product(*(range(a[1]) for a in self.axes)):
            reads, writes = [], []
            for (size, _, stride, low, _, dilation), at, out in zip(
                self.axes, place, self.y[1:-1], strict=True
            ):
                inside = [
                    (i, i * stride + at * dilation - low)
                    for i in range(out)
                    if 0 <= i * stride + at * dilation - low < size
                ]
                writes.append([i for i, _ in inside])
                reads.append([j for _, j in inside])
            n = range(self.x[0])
            yield place, np.ix_(n, *writes), np.ix_(n, *reads)

    def grouped(self, x: Array) -> Array:
        return x.reshape(*x.shape[:-1], self.groups, x.shape[-1] // self.groups)

    def run(self, x: Array, w: Array, g: Array) -> tuple[Array, Array, Array]:
        """Return y, and the gradients by x and w, in float64."""
        x, g = self.grouped(x.astype(np.float64)), self.grouped(g.astype(np.float64))
        w = self.grouped(w.astype(np.float64))  # (*window, c, groups, f)
        y, dx, dw = np.zeros(g.shape), np.zeros(x.shape), np.zeros(w.shape)
        for place, writes, reads in self.taps():
            xs, gs = x[reads], g[writes]
            y[writes] += np.einsum("...gc,cgf->...gf", xs, w[place])
            dx[reads] += np.einsum("...gf,cgf->...gc", gs, w[place])
            xs, gs = (v.reshape(math.prod(v.shape[:-2]), *v.shape[-2:]) for v in (xs, gs))
            dw[place] = np.einsum("pgc,pgf->cgf", xs, gs)
        return y.reshape(self.y), dx.reshape(self.x), dw.reshape(self.w)


@st.composite
def geometries(draw: Any) -> Geometry:
    rank = draw(st.integers(1, 3))
    axes: list[tuple[int, int, int, int, int, int]] = []
    for _ in range(rank):
        window, stride, dilation = (draw(st.integers(1, most)) for most in (4, 3, 2))
        low, high = draw(st.integers(-1, 3)), draw(st.integers(-1, 3))
        least = max(1, (window - 1) * dilation + 1 - low - high)
        axes.append((draw(st.integers(least, least + 9)), window, stride, low, high, dilation))
    groups = draw(st.sampled_from((1, 1, 1, 2, 3, 5)))
    channels = st.sampled_from((1, 1, 2, 3, 6, 16, 17))
    c, f = groups * draw(channels), groups * draw(st.sampled_from((1, 2, 3, 8, 16, 33, 70)))
    return Geometry(draw(st.integers(0, 4)), c, f, axes, groups)


def check_geometry(geometry: Geometry, dtype: str, bias: bool, relu: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, w, g = (draw_values(rng, dtype, *s) for s in (geometry.x, geometry.w, geometry.y))
    b = draw_values(rng, dtype, geometry.f)
    y, dx, dw = (np.full(s.shape, np.nan, dtype) for s in (g, x, w))
    run_one("conv", [x, w, b] if bias else [x, w], [y], [*geometry.attributes, bias, relu])
    run_one("conv_grad_input", [g, w], [dx], [*geometry.attributes, 0, 0])
    run_one("conv_grad_kernel", [x, g], [dw], [*geometry.attributes, 0, 0])
    wanted, by_x, by_w = geometry.run(x, w, g)
    wanted = wanted + b.astype(np.float64) if bias else wanted
    taps = int(np.prod(geometry.w[:-1]))
    close(y, np.maximum(wanted, 0) if relu else wanted, taps)
    close(dx, by_x, taps * geometry.f)
    close(dw, by_w, int(np.prod(geometry.y[:-1])))


@given(
    geometries(),
    st.sampled_from(("float32", "float64")),
    st.booleans(),
    st.booleans(),
    st.integers(0, 9),
)
@settings(deadline=None, max_examples=300)
def test_convolution_and_its_gradients(
    geometry: Geometry, dtype: str, bias: bool, relu: bool, seed: int
) -> None:
    check_geometry(geometry, dtype, bias, relu, seed)


SAME = (1, 1, 1, 1)  # stride, pads, dilation
LARGE_IMAGES = [  # one for each way through the kernels
    Geometry(9, 1, 32, [(28, 3, 1, 0, 0, 1)] * 2),
    Geometry(9, 32, 64, [(13, 3, 1, 0, 0, 1)] * 2),
    Geometry(5, 16, 16, [(32, 3, *SAME)] * 2),
    Geometry(5, 16, 32, [(32, 3, 2, 0, 1, 1)] * 2),
    Geometry(5, 16, 32, [(31, 1, 2, 0, 0, 1)] * 2),
    Geometry(5, 16, 100, [(12, 1, 1, 0, 0, 1)] * 2),
    Geometry(2, 256, 130, [(5, 3, *SAME)] * 2),
    Geometry(2, 3, 20, [(70, 7, 2, 3, 3, 1)] * 2),
    Geometry(2, 24, 40, [(14, 3, *SAME)] * 3),
    Geometry(3, 64, 64, [(20, 3, *SAME)] * 2, groups=4),
    Geometry(9, 40, 40, [(30, 3, *SAME)] * 2, groups=40),
    Geometry(9, 40, 80, [(15, 3, 2, 0, 1, 1)] * 2, groups=40),
    Geometry(4, 30, 50, [(2000, 5, 1, 4, 0, 1)]),
]


@pytest.mark.parametrize("geometry", LARGE_IMAGES, ids=repr)
def test_convolution_of_large_images(geometry: Geometry) -> None:
    check_geometry(geometry, "float32", True, True, 0)


def test_convolution_carries_nan() -> None:
    geometry = Geometry(2, 3, 20, [(9, 3, *SAME)] * 2)
    rng = np.random.default_rng(0)
    x, w, g = (draw_values(rng, "float32", *s) for s in (geometry.x, geometry.w, geometry.y))
    x[1, 4, 4, 1] = g[0, 2, 2, 5] = np.nan
    y, dx, dw = np.zeros_like(g), np.zeros_like(x), np.zeros_like(w)
    run_one("conv", [x, w], [y], [*geometry.attributes, 0, 1])
    run_one("conv_grad_input", [g, w], [dx], [*geometry.attributes, 0, 0])
    run_one("conv_grad_kernel", [x, g], [dw], [*geometry.attributes, 0, 0])
    for got, wanted in zip((y, dx, dw), geometry.run(x, w, g), strict=True):
        np.testing.assert_array_equal(np.isnan(got), np.isnan(wanted))


def test_convolution_of_nothing_is_the_bias() -> None:
    x, w = np.zeros((2, 4, 0), np.float32), np.zeros((3, 0, 5), np.float32)
    bias = np.arange(5, dtype=np.float32) - 2
    y = np.full((2, 2, 5), np.nan, np.float32)
    run_one("conv", [x, w, bias], [y], [1, 1, 0, 1, 1, 1, 1])
    np.testing.assert_array_equal(y, np.broadcast_to(np.maximum(bias, 0), y.shape))
    w = np.full((3, 4, 5), np.nan, np.float32)
    run_one("conv_grad_kernel", [np.zeros((0, 6, 4), np.float32), np.zeros((0, 4, 5), np.float32)],
            [w], [1, 1, 0, 1, 1, 0, 0])  # fmt: skip
    np.testing.assert_array_equal(w, 0)


@pytest.mark.parametrize(
    "attributes",
    [[1, 1, 0, 1, 1, 0], [0, 1, 0, 0], [1, 0, 0, 1, 1, 0, 0], [1, 1, 0, 1, 2, 0, 0],
     [1, 1, 0, 1, 0, 0, 0], [1, 1, 0, 1, 1, 2, 0], [1, 1, 0, 1 << 40, 1, 0, 0]],
    ids=str,
)  # fmt: skip
def test_convolution_refuses_wrong_attributes(attributes: list[int]) -> None:
    x, w, y = np.zeros((2, 8, 3)), np.zeros((3, 3, 4)), np.zeros((2, 6, 4))
    for opcode, inputs, output in (
        ("conv", [x, w], y),
        ("conv_grad_input", [y, w], x),
        ("conv_grad_kernel", [x, y], w),
    ):
        with pytest.raises(ValueError, match="conv"):
            run_one(opcode, inputs, [output], attributes)


# Threads


@pytest.fixture
def _threads_as_before() -> Iterator[None]:
    before = core().get_threads()
    yield
    core().set_threads(before)


@pytest.mark.usefixtures("_threads_as_before")
def test_bits_do_not_depend_on_the_number_of_threads() -> None:
    rng = np.random.default_rng(0)
    geometry = Geometry(20, 16, 40, [(24, 3, *SAME)] * 2)
    deep = Geometry(20, 48, 48, [(24, 3, 2, 0, 1, 1)] * 2, groups=48)
    found = []
    a, b = draw_values(rng, "float32", 500, 700), draw_values(rng, "float32", 700, 300)
    images = [[draw_values(rng, "float32", *s) for s in (q.x, q.w, q.y)] for q in (geometry, deep)]
    for threads in (1, 2, 3):
        core().set_threads(threads)
        outputs = [np.zeros((500, 300), np.float32)]
        run_one("gemm", [a, b], outputs, [0, 0, 0])
        for q, (x, w, g) in zip((geometry, deep), images, strict=True):
            y, dx, dw = np.zeros_like(g), np.zeros_like(x), np.zeros_like(w)
            run_one("conv", [x, w], [y], [*q.attributes, 0, 0])
            run_one("conv_grad_input", [g, w], [dx], [*q.attributes, 0, 0])
            run_one("conv_grad_kernel", [x, g], [dw], [*q.attributes, 0, 0])
            outputs += [y, dx, dw]
        found.append(outputs)
    for other in found[1:]:
        for one, another in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(one, another)
