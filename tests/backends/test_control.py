"""Control flow, custom gradients and gradients on the tensor backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import cornu.primitives  # noqa: F401  fills PRIMITIVES
from cornu.backends import load
from cornu.errors import CornuError
from cornu.graph.primitive import PRIMITIVES
from cornu.graph.spec import Spec
from cornu.graph.trace import Graph, close_over
from tests.backends.libraries import LIBRARIES

P = PRIMITIVES


@pytest.fixture(params=LIBRARIES, scope="module")
def backend(request: pytest.FixtureRequest) -> Any:
    """A tensor backend."""
    return load(request.param)


def _graph(
    f: Callable[..., Sequence[Any]], *shapes: tuple[int, ...], dtype: str = "float32"
) -> Graph:
    graph, captured = close_over(f, [Spec(s, dtype) for s in shapes])
    assert not captured
    return graph


def _run(backend: Any, name: str, *args: Any, **attrs: Any) -> list[Any]:
    return [backend.to_numpy(y) for y in backend.run(P[name], args, attrs)]


@pytest.mark.parametrize("predicate", [True, False])
def test_cond_takes_one_branch(backend: Any, predicate: bool) -> None:
    true = _graph(lambda x: [P["add"](x, x)], (3,))
    false = _graph(lambda x: [P["negate"](x)], (3,))
    x = np.arange(3, dtype="float32")
    (y,) = _run(backend, "cond", np.bool_(predicate), x, true=true, false=false)
    np.testing.assert_array_equal(y, x + x if predicate else -x)


def test_branch_may_return_a_constant(backend: Any) -> None:
    constant = _graph(lambda x: [np.float32(7)], ())
    (y,) = _run(backend, "cond", np.bool_(True), np.float32(1), true=constant, false=constant)
    assert y == 7
    assert y.shape == ()


def _doubling(maximum: int | None) -> dict[str, Any]:
    return {
        "condition": _graph(lambda x, limit: [P["less"](x, limit)], (), ()),
        "body": _graph(lambda x, limit: [P["add"](x, x)], (), ()),
        "carry": 1,
        "maximum": maximum,
    }


@pytest.mark.parametrize(("maximum", "expected"), [(None, 128.0), (3, 8.0), (0, 1.0), (20, 128.0)])
def test_while_loop_stops(backend: Any, maximum: int | None, expected: float) -> None:
    (x,) = _run(backend, "while_loop", np.float32(1), np.float32(100), **_doubling(maximum))
    assert x == expected


def _scan(reverse: bool, stacked: bool, length: int) -> dict[str, Any]:
    body = _graph(
        lambda c, k, x: [P["add"](P["multiply"](c, k), x), P["subtract"](c, x)], (2,), (2,), (2,)
    )
    return {
        "body": body, "carry": 1, "constants": 1, "length": length, "reverse": reverse,
        "stacked": stacked,
    }  # fmt: skip


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("length", [0, 1, 4])
def test_scan_agrees_with_reference(
    backend: Any, reverse: bool, stacked: bool, length: int
) -> None:
    random = np.random.default_rng(0)
    args = [random.standard_normal(s).astype("float32") for s in ((2,), (2,), (length, 2))]
    attrs = _scan(reverse, stacked, length)
    results = _run(backend, "scan", *args, **attrs)
    expected = P["scan"].reference(*args, **attrs)
    assert [r.shape for r in results] == [e.shape for e in expected]
    for r, e in zip(results, expected, strict=True):
        np.testing.assert_allclose(r, e, rtol=1e-6, atol=1e-6)


def _gradient(backend: Any, f: Callable[..., Any], *args: Any) -> list[Any]:
    values = [backend.to_native(a) for a in args]
    _, _, grads = backend.value_and_grad(lambda vs: (f(*vs), []), values)
    return [None if g is None else backend.to_numpy(g) for g in grads]


def _total(backend: Any, x: Any) -> Any:
    return backend.run(P["reduce_sum"], [x], {"axes": tuple(range(len(x.shape)))})


def test_scan_is_differentiable(backend: Any) -> None:
    random = np.random.default_rng(1)
    args = [random.standard_normal(s).astype("float32") for s in ((2,), (2,), (3, 2))]
    attrs = _scan(reverse=False, stacked=False, length=3)
    grads = _gradient(
        backend, lambda *vs: _total(backend, backend.run(P["scan"], vs, attrs)[0]), *args
    )
    c, k, xs = args
    # ((c k + x0) k + x1) k + x2
    np.testing.assert_allclose(grads[0], k**3, rtol=1e-5)
    np.testing.assert_allclose(grads[1], 3 * k**2 * c + 2 * k * xs[0] + xs[1], rtol=1e-5)
    np.testing.assert_allclose(grads[2], [k**2, k, np.ones(2)], rtol=1e-5)


def test_bounded_while_loop_is_differentiable(backend: Any) -> None:
    attrs = _doubling(20)
    grads = _gradient(
        backend,
        lambda x: backend.run(P["while_loop"], [x, np.float32(100)], attrs)[0],
        np.float32(3),
    )
    assert grads[0] == 64.0


def test_custom_gradient_replaces_the_gradient_of_its_value(backend: Any) -> None:
    def f(x: Any, w: Any) -> Any:
        y = backend.run(P["multiply"], [x, x], {})

        def backward(g: Any) -> tuple[Any, Any]:
            return backend.run(P["multiply"], [g, w], {}), None

        return _total(backend, backend.run(P["custom_gradient"], [y, x, w], {"backward": backward}))

    x, w = np.array([1, 2], "float32"), np.array([5, 7], "float32")
    gx, gw = _gradient(backend, f, x, w)
    np.testing.assert_array_equal(gx, w)
    assert gw is None or not gw.any()


def test_custom_gradient_is_differentiable_through_what_it_closes_over(backend: Any) -> None:
    def slope(w: Any) -> Any:
        def f(x: Any) -> Any:
            def backward(g: Any) -> tuple[Any]:
                return (
                    backend.run(P["multiply"], [g, backend.run(P["multiply"], [w, w], {})], {}),
                )

            return backend.run(P["custom_gradient"], [x, x], {"backward": backward})

        _, _, (g,) = backend.value_and_grad(
            lambda vs: (f(*vs), []), [backend.to_native(np.float32(1))]
        )
        return g

    (g,) = _gradient(backend, slope, np.float32(3))
    assert g == 6.0


def test_custom_gradient_gets_its_residuals(backend: Any) -> None:
    def f(x: Any, w: Any) -> Any:
        def backward(g: Any, kept: Any) -> tuple[Any]:
            return (P["multiply"](g, kept),)

        return _total(backend, P["custom_gradient"](x, x, w, backward=backward, residuals=1))

    gx, gw = _gradient(backend, f, np.ones(2, "float32"), np.array([5, 7], "float32"))
    np.testing.assert_array_equal(gx, [5, 7])
    assert gw is None or not gw.any()


def test_gradient_of_a_gradient(backend: Any) -> None:
    def cube(x: Any) -> Any:
        return backend.run(P["multiply"], [x, backend.run(P["multiply"], [x, x], {})], {})

    def slope(x: Any) -> Any:
        _, _, (g,) = backend.value_and_grad(lambda vs: (cube(*vs), []), [x])
        return g

    (g,) = _gradient(backend, slope, np.float32(2))
    assert g == 12.0


def test_gradient_counts_only_uses_inside(backend: Any) -> None:
    x = backend.to_native(np.float32(3))

    def outer(vs: list[Any]) -> tuple[Any, list[Any]]:
        (outside,) = vs
        _, _, (g,) = backend.value_and_grad(
            lambda us: (backend.run(P["multiply"], [us[0], outside], {}), []), [outside]
        )
        return g, []

    _, _, (g,) = backend.value_and_grad(outer, [x])
    assert float(g) == 1.0  # d/dx of (d/du of u x) = d/dx of x


def test_value_that_does_not_matter_has_no_gradient(backend: Any) -> None:
    gx, gy = _gradient(backend, lambda x, y: x, np.float32(2), np.float32(3))
    assert gx == 1.0
    assert gy is None or gy == 0.0


def test_gradient_results_are_detached_and_aux_is_returned(backend: Any) -> None:
    def f(vs: list[Any]) -> tuple[Any, list[Any]]:
        y = backend.run(P["exp"], vs, {})
        return y, [y, vs[0]]

    loss, further, _ = backend.value_and_grad(f, [np.float32(0)])
    assert float(loss) == 1.0
    assert [float(backend.to_numpy(x)) for x in further] == [1.0, 0.0]
    assert not getattr(loss, "requires_grad", False)
    assert not any(getattr(x, "requires_grad", False) for x in further)


# Gradients through the library of what is easily got wrong


def _of(name: str, **attrs: Any) -> Callable[..., Callable[..., Any]]:
    def bind(backend: Any) -> Callable[..., Any]:
        def f(*vs: Any) -> Any:
            y = P[name](*vs, **attrs)
            y = y[0] if P[name].multiple else y
            weights = np.cos(np.arange(np.prod(y.shape))).reshape(y.shape).astype("float32")
            return P["reduce_sum"](P["multiply"](y, weights), axes=tuple(range(len(y.shape))))

        return f

    return bind


_TIES = np.array([[1, 3, 3], [2, 2, 0]], "float32")
_X = np.linspace(-1, 1, 2 * 5 * 5 * 2).reshape(2, 5, 5, 2).astype("float32")
_K = np.cos(np.arange(3 * 2 * 2 * 3)).reshape(3, 2, 2, 3).astype("float32")
_WINDOW = {"strides": (2, 2), "padding": "same"}
_CONV = {**_WINDOW, "dilation": (1, 1), "groups": 1}
_G = np.sin(np.arange(2 * 3 * 3 * 3)).reshape(2, 3, 3, 3).astype("float32")

_CASES = {
    "reduce_max-ties": (_of("reduce_max", axes=(1,)), (_TIES,)),
    "maximum-ties": (_of("maximum"), (_TIES, np.full((2, 3), 3, "float32"))),
    "conv": (_of("conv", **_CONV), (_X, _K)),
    "conv_grad_input": (_of("conv_grad_input", input_shape=_X.shape, **_CONV), (_G, _K)),
    "conv_grad_kernel": (_of("conv_grad_kernel", kernel_shape=_K.shape, **_CONV), (_X, _G)),
    "max_pool": (_of("max_pool", window=(2, 2), **_WINDOW), (np.round(3 * _X),)),
    "pool_sum": (_of("pool_sum", window=(2, 2), **_WINDOW), (_X,)),
    "pool_sum_grad": (
        _of("pool_sum_grad", input_shape=(2, 5, 5, 3), window=(2, 2), **_WINDOW),
        (_G,),
    ),
    "cumprod": (_of("cumprod", axis=1, reverse=True), (_TIES + 1,)),
    "pad": (_of("pad", low=(-1, 1), high=(1, 0), interior=(1, 0)), (_TIES, np.float32(2))),
    "dot": (_of("dot", contract=((1, 1),), batch=((0, 0),)), (_G[0], _G[1])),
    "dynamic_update_slice": (
        lambda backend: (
            lambda x, u: _of("dynamic_update_slice")(backend)(x, u, np.int32(9), np.int32(1))
        ),
        (_TIES, _TIES[:1, :2]),
    ),
    "take": (
        lambda backend: lambda x: _of("take", axis=0)(backend)(x, np.array([0, -1, 0], "int32")),
        (_TIES,),
    ),
    "scatter_nd-multiply": (
        lambda backend: (
            lambda x, u: _of("scatter_nd", mode="multiply")(backend)(
                x, np.array([[0, 1], [1, 0]], "int32"), u
            )
        ),
        (_TIES, np.array([2, 5], "float32")),
    ),
    "top_k": (_of("top_k", k=2), (_TIES,)),
    "lgamma": (_of("lgamma"), (_TIES + 0.5,)),
    "erfinv": (_of("erfinv"), (_TIES / 4,)),
}


@pytest.mark.parametrize("case", _CASES)
def test_gradient_agrees_with_that_of_the_primitives(case: str, backend: Any) -> None:
    bind, args = _CASES[case]
    expected = _gradient(load("numpy"), bind(load("numpy")), *args)
    actual = _gradient(backend, bind(backend), *args)
    for a, e in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, e, rtol=2e-5, atol=1e-5)


# Errors


def test_index_out_of_range_names_index_and_bound(backend: Any) -> None:
    x = np.zeros((3, 4), "float32")
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
        ("take", (x, np.array([0, 4], "int32")), {"axis": 1}),
        ("take_along_axis", (x, np.array([[0, -5], [0, 0], [0, 0]], "int32")), {"axis": 1}),
        ("gather_nd", (x, np.array([[0, 4]], "int32")), {}),
        ("scatter_nd", (x, np.array([[0, 4]], "int32"), np.ones(1, "float32")), {"mode": "add"}),
        ("scatter_nd", (x, np.array([[0, 4]], "int32"), np.ones(1, "float32")), {"mode": "max"}),
        (
            "scatter_along_axis",
            (x, np.array([[4], [0], [0]], "int32"), np.ones((3, 1), "float32")),
            {"axis": 1, "mode": "add"},
        ),
    ]
    for name, args, attrs in calls:
        with pytest.raises(IndexError, match=r"index (4|-5) .* axis 1 .* size 4"):
            backend.run(P[name], args, attrs)


def test_wrong_shapes_give_the_rule_s_message(backend: Any) -> None:
    a, b = np.zeros((2, 3), "float32"), np.zeros((4, 5), "float32")
    with pytest.raises(CornuError, match="dot"):
        backend.run(P["dot"], [a, b], {"contract": ((1, 0),), "batch": ()})


# State in compiled steps


class _Cell:
    """A cell as the backend sees a Variable."""

    def __init__(self, backend: Any, value: Any, trainable: bool = False) -> None:
        self.backend = backend
        self._cornu_spec = Spec(value.shape, value.dtype.name)
        self._cornu_storage = backend.make_storage(value, trainable)

    def _cornu_load(self) -> Any:
        return self.backend.read(self._cornu_storage)

    def _cornu_store(self, value: Any) -> None:
        self._cornu_storage = self.backend.write(self._cornu_storage, value)


def _cell(backend: Any, *values: float) -> _Cell:
    return _Cell(backend, np.array(values, "float32"))


@pytest.mark.parametrize("hint", [False, True])
def test_compiled_step_reads_and_writes_cells(backend: Any, hint: bool) -> None:
    from cornu.graph import effects

    weight, count = _cell(backend, 1, 2), _cell(backend, 0)

    def step(args: list[Any]) -> list[Any]:
        old = effects.read(weight)
        effects.write(weight, P["add"](old, args[0]))
        effects.write(count, P["add"](effects.read(count), np.float32(1)))
        return [P["multiply"](old, args[0])]

    x = np.array([10, 20], "float32")
    compiled = backend.compile(step, [Spec((2,), "float32")], [weight] if hint else [])
    before = weight._cornu_load()
    for _ in range(2):
        (y,) = compiled([x])
    np.testing.assert_array_equal(backend.to_numpy(y), [110, 440])
    np.testing.assert_array_equal(backend.to_numpy(weight._cornu_load()), [21, 42])
    np.testing.assert_array_equal(backend.to_numpy(count._cornu_load()), [2])
    np.testing.assert_array_equal(backend.to_numpy(before), [1, 2])  # a snapshot stays


def test_failed_step_changes_no_state(backend: Any) -> None:
    from cornu.graph import effects

    weight = _cell(backend, 1)

    def step(args: list[Any]) -> list[Any]:
        effects.write(weight, args[0])
        raise RuntimeError("on the way")

    compiled = backend.compile(step, [Spec((1,), "float32")])
    with pytest.raises(RuntimeError, match="on the way"):
        compiled([np.zeros(1, "float32")])
    assert float(weight._cornu_load()[0]) == 1.0


def test_cell_written_from_another_one_shares_no_memory(backend: Any) -> None:
    from cornu.graph import effects

    a, b = _cell(backend, 1), _cell(backend, 2)
    compiled = backend.compile(lambda args: [effects.write(b, effects.read(a)) or args[0]], [])
    compiled([np.zeros(1, "float32")])
    a._cornu_store(backend.to_native(np.array([5], "float32")))
    assert float(b._cornu_load()[0]) == 1.0


def test_cell_first_read_inside_a_loop_becomes_an_input(backend: Any) -> None:
    from cornu.graph import effects

    weight = _cell(backend, 3)

    def step(args: list[Any]) -> list[Any]:
        def loss(vs: list[Any]) -> tuple[Any, list[Any]]:
            return _total(backend, P["multiply"](vs[0], effects.read(weight))), []

        _, _, grads = backend.value_and_grad(loss, args)
        return [*grads, effects.read(weight)]

    compiled = backend.compile(step, [Spec((1,), "float32")])
    g, w = compiled([np.ones(1, "float32")])
    assert float(g[0]) == 3.0
    assert float(w[0]) == 3.0
    weight._cornu_store(backend.to_native(np.array([4], "float32")))
    assert float(compiled([np.ones(1, "float32")])[0][0]) == 4.0


def test_dtypes_travel_both_ways(backend: Any) -> None:
    from cornu.graph.dtypes import numpy_dtype

    for name in [
        "bool",
        "uint8",
        "int8",
        "int16",
        "int32",
        "uint32",
        "bfloat16",
        "float16",
        "float32",
        "float8_e4m3fn",
    ]:
        x = np.array([0, 1, 1]).astype(numpy_dtype(name))
        back = backend.to_numpy(backend.to_native(x))
        assert back.dtype == x.dtype
        np.testing.assert_array_equal(back.astype("float32"), x.astype("float32"))
        back[0] = 1  # writable, and its own


def test_read_only_and_reversed_arrays_are_taken(backend: Any) -> None:
    x = np.arange(4, dtype="float32")
    x.flags.writeable = False
    np.testing.assert_array_equal(backend.to_numpy(backend.to_native(x)), x)
    np.testing.assert_array_equal(backend.to_numpy(backend.to_native(x[::-1])), x[::-1])
