"""Control flow: values, gradients, and what bodies write to state, on cells without Variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from cornu import ops
from cornu.backends import current
from cornu.errors import ArgumentError, ShapeError, StateError
from cornu.graph import effects
from cornu.graph.dtypes import numpy_dtype
from cornu.graph.kerastensor import KerasTensor
from cornu.graph.spec import Spec, spec_of


class Cell:
    """The least that effects ask of state."""

    def __init__(self, value: Any, dtype: str = "float32") -> None:
        array = np.asarray(value, numpy_dtype(dtype))
        self._cornu_storage = current().make_storage(array, False)
        self._cornu_spec = spec_of(array)

    @property
    def value(self) -> Any:
        return self._cornu_load()

    def _cornu_load(self) -> Any:
        return current().read(self._cornu_storage)

    def _cornu_store(self, value: Any) -> None:
        value = current().to_native(value)
        self._cornu_storage = current().write(self._cornu_storage, value)

    def _cornu_read(self) -> Any:
        return current().wrap(effects.read(self))

    def add(self, x: Any) -> None:
        effects.write(self, ops.add(self, x))


def number(x: Any) -> Any:
    found = np.asarray(current().to_numpy(x))
    return found.item() if found.ndim == 0 else found.tolist()


def compiled(f: Callable[..., Any], *args: Any) -> list[Any]:
    """Run a function as one compiled step, which traces it on abstract values."""
    arrays = [np.asarray(a) for a in args]
    specs = [Spec(a.shape, a.dtype.name) for a in arrays]
    step = current().compile(lambda xs: list(f(*xs)), specs)
    return [current().to_numpy(y) for y in step(arrays)]


def eager(f: Callable[..., Any], *args: Any) -> list[Any]:
    return [current().to_numpy(y) for y in f(*(ops.convert_to_tensor(a) for a in args))]


def traced(f: Callable[[Any], Any]) -> None:
    """Run a function on a value that is known on no backend: a slice inside the body of a scan."""
    ops.scan(lambda carry, x: (carry, f(x)), (), ops.ones(3))


RUNS = pytest.mark.parametrize("run", [eager, compiled])
F = np.float32


def gradient(f: Callable[..., Any], *values: Any) -> list[Any]:
    given = [ops.convert_to_tensor(np.asarray(v, "float32")) for v in values]
    _, _, grads = current().value_and_grad(lambda xs: (f(*xs), []), given)
    return [None if g is None else current().to_numpy(g) for g in grads]


def compiled_gradient(f: Callable[..., Any], *values: Any) -> list[Any]:
    def step(*xs: Any) -> Sequence[Any]:
        return current().value_and_grad(lambda v: (f(*v), []), xs)[2]

    return compiled(step, *(np.asarray(v, "float32") for v in values))


GRADIENTS = pytest.mark.parametrize("grad", [gradient, compiled_gradient])


# Branches


@RUNS
@pytest.mark.parametrize(("x", "expected"), [(2.0, 4.0), (-2.0, 2.0)])
def test_cond_runs_the_branch_that_its_predicate_chooses(
    run: Any, x: float, expected: float
) -> None:
    (y,) = run(lambda x: [ops.cond(x > 0, lambda: x * 2, lambda: -x)], F(x))
    assert y == expected


@RUNS
@pytest.mark.parametrize("x", [1.0, -1.0])
def test_cond_writes_what_the_branch_that_ran_wrote(run: Any, x: float) -> None:
    a, b = Cell(10.0), Cell(20.0)

    def body(x: Any) -> list[Any]:
        def yes() -> Any:
            a.add(x)
            return x

        def no() -> Any:
            b.add(x)
            b.add(x)
            return x

        return [ops.cond(x > 0, yes, no), ops.convert_to_tensor(a), ops.convert_to_tensor(b)]

    _, seen_a, seen_b = run(body, F(x))
    expected = (11.0, 20.0) if x > 0 else (10.0, 18.0)
    assert (number(a.value), number(b.value)) == expected
    assert (seen_a, seen_b) == expected


@RUNS
def test_cond_nests_and_returns_structures(run: Any) -> None:
    seen = Cell(0.0)

    def body(x: Any) -> list[Any]:
        def inner() -> Any:
            seen.add(1.0)
            return {"a": x, "b": (x + 1, None)}

        def outer() -> Any:
            seen.add(10.0)
            return ops.cond(x > 5, inner, lambda: {"a": -x, "b": (x, None)})

        found = ops.cond(x > 0, outer, lambda: {"a": x * 0, "b": (x * 0, None)})
        assert found["b"][1] is None
        return [found["a"], found["b"][0]]

    assert run(body, F(7.0)) == [7.0, 8.0]
    assert run(body, F(2.0)) == [-2.0, 2.0]
    assert run(body, F(-1.0)) == [0.0, 0.0]
    assert number(seen.value) == 21.0


def test_cond_with_a_known_predicate_runs_only_that_branch() -> None:
    def never() -> Any:
        raise AssertionError("this branch must not run")

    assert number(ops.cond(True, lambda: 1.0, never)) == 1.0


def test_branches_of_different_dtypes_are_refused_by_name() -> None:
    with pytest.raises(ShapeError, match="same shape and dtype, which \\['a'\\]\\[0\\] has not"):
        traced(lambda x: ops.cond(x > 0, lambda: {"a": [x]}, lambda: {"a": [1]}))
    with pytest.raises(ArgumentError, match="both branches must have the same structure"):
        traced(lambda x: ops.cond(x > 0, lambda: (x, x), lambda: x))


def test_cond_of_symbolic_tensors_infers_its_result() -> None:
    x = KerasTensor((None, 3))
    y = ops.cond(ops.sum(x) > 0, lambda: x * 2, lambda: -x)
    assert y.shape == (None, 3)
    assert y.dtype == "float32"


@RUNS
@pytest.mark.parametrize(("index", "expected"), [(-1, 1), (0, 1), (1, 20), (2, 300), (9, 300)])
def test_switch_clamps_its_index(run: Any, index: int, expected: int) -> None:
    branches = [lambda x: x, lambda x: x * 10, lambda x: x * 100]
    (y,) = run(lambda i: [ops.switch(i, branches, ops.clip(i, 0, 2) + 1)], np.int32(index))
    assert y == expected


@GRADIENTS
def test_cond_has_a_gradient_through_the_branch_that_ran(grad: Any) -> None:
    def f(x: Any, w: Any) -> Any:
        return ops.cond(x > 0, lambda: x * x * w, lambda: -x)

    np.testing.assert_allclose(grad(f, 3.0, 2.0), [12.0, 9.0])
    np.testing.assert_allclose(grad(lambda x: f(x, 2.0), -3.0), [-1.0])


# Loops


@RUNS
def test_while_loop_carries_variables_and_state(run: Any) -> None:
    steps = Cell(0, "int32")

    def body(limit: Any) -> list[Any]:
        def advance(i: Any, total: Any) -> tuple[Any, Any]:
            steps.add(1)
            return i + 1, total + ops.cast(i, "float32") + ops.cast(steps, "float32")

        return list(ops.while_loop(lambda i, _: i < limit, advance, (0, 0.0)))

    i, total = run(body, np.int32(4))
    assert (i, total) == (4, 0 + 1 + 2 + 3 + 1 + 2 + 3 + 4)
    assert number(steps.value) == 4


@RUNS
def test_while_loop_reads_state_that_its_condition_needs(run: Any) -> None:
    count = Cell(0.0)

    def body(limit: Any) -> list[Any]:
        def advance(x: Any) -> Any:
            count.add(1.0)
            return x * 2

        return [
            ops.while_loop(lambda x: ops.less(count, limit), advance, ops.convert_to_tensor(1.0))
        ]

    assert run(body, F(3.0)) == [8.0]
    assert number(count.value) == 3.0


@RUNS
def test_while_loop_ends_after_its_maximum(run: Any) -> None:
    (i,) = run(lambda n: ops.while_loop(lambda i: i < n, lambda i: i + 1, [0 * n], 3), np.int32(9))
    assert i == 3


def test_a_condition_that_writes_is_refused() -> None:
    cell = Cell(0.0)

    def test(x: Any) -> Any:
        cell.add(1.0)
        return x < 3

    with pytest.raises(StateError, match="the condition writes to a Variable"):
        traced(lambda x: ops.while_loop(test, lambda x: x + 1, x))


def test_loop_variables_that_change_are_refused_by_name() -> None:
    with pytest.raises(ShapeError, match="which \\[1\\] has not"):
        traced(lambda x: ops.while_loop(lambda a, b: a < 3, lambda a, b: (a + 1, a > 0), (x, x)))
    with pytest.raises(ShapeError, match="which \\[1\\] has not"):
        ops.while_loop(lambda a, b: a < 3, lambda a, b: (a + 1, a > 0), (0.0, 0.0))


@GRADIENTS
def test_while_loop_with_a_maximum_has_a_gradient(grad: Any) -> None:
    def f(x: Any) -> Any:
        return ops.while_loop(lambda y: y < 100.0, lambda y: y * y, x, maximum_iterations=10)

    np.testing.assert_allclose(grad(f, 3.0), [8 * 3.0**7], rtol=1e-5)  # 3, 9, 81, 6561


@RUNS
def test_fori_loop_counts_and_carries_state(run: Any) -> None:
    cell = Cell(1.0)

    def body(x: Any) -> list[Any]:
        def step(i: Any, total: Any) -> Any:
            effects.write(cell, ops.multiply(cell, 2.0))
            return total + ops.cast(i, "float32") * cell._cornu_read()

        return [ops.fori_loop(1, 4, step, x)]

    assert run(body, F(0.0)) == [1 * 2 + 2 * 4 + 3 * 8]
    assert number(cell.value) == 8.0


@RUNS
def test_fori_loop_takes_bounds_that_are_data(run: Any) -> None:
    (y,) = run(lambda n: [ops.fori_loop(0, n, lambda i, s: s + i, 0)], np.int32(5))
    assert y == 10


@RUNS
@pytest.mark.parametrize("reverse", [False, True])
def test_scan_stacks_results_where_their_inputs_were(run: Any, reverse: bool) -> None:
    def body(xs: Any) -> list[Any]:
        last, ys = ops.scan(lambda c, x: (c * 2 + x, c), ops.zeros(2), xs, reverse=reverse)
        return [last, ys]

    xs = np.arange(6, dtype="float32").reshape(3, 2)
    c, expected = np.zeros(2), np.zeros((3, 2))
    for i in (2, 1, 0) if reverse else (0, 1, 2):
        expected[i] = c
        c = c * 2 + xs[i]
    last, ys = run(body, xs)
    np.testing.assert_allclose(last, c)
    np.testing.assert_allclose(ys, expected)


@RUNS
def test_scan_carries_state_that_its_body_writes_like_batch_norm(run: Any) -> None:
    mean, seed, factor = Cell(0.0), Cell(5, "int32"), Cell(3.0)

    def body(xs: Any) -> list[Any]:
        def step(carry: Any, x: Any) -> tuple[Any, Any]:
            effects.write(mean, ops.add(ops.multiply(mean, 0.5), x * 0.5))
            seed.add(1)
            return carry + x, {
                "m": mean._cornu_read() * factor._cornu_read(),
                "s": seed._cornu_read(),
            }

        total, ys = ops.scan(step, 0.0, xs)
        return [total, ys["m"], ys["s"]]

    total, m, s = run(body, np.array([2.0, 4.0, 6.0], "float32"))
    assert total == 12.0
    np.testing.assert_allclose(m, [3.0, 7.5, 12.75])
    assert s.tolist() == [6, 7, 8]
    assert number(mean.value) == 4.25
    assert number(seed.value) == 8
    assert number(factor.value) == 3.0


@RUNS
def test_cond_inside_scan_writes_in_some_steps_only(run: Any) -> None:
    hits = Cell(0, "int32")

    def body(xs: Any) -> list[Any]:
        def step(carry: Any, x: Any) -> tuple[Any, Any]:
            ops.cond(x > 0, lambda: hits.add(1), lambda: None)
            return carry, hits._cornu_read()

        return [ops.scan(step, (), xs)[1]]

    (ys,) = run(body, np.array([1.0, -1.0, 2.0], "float32"))
    assert ys.tolist() == [1, 1, 2]
    assert number(hits.value) == 2


@RUNS
def test_scan_without_inputs_takes_its_length(run: Any) -> None:
    last, ys = run(lambda x: ops.scan(lambda c, _: (c + 1, c), x, length=3), F(5.0))
    assert last == 8.0
    assert ys.tolist() == [5.0, 6.0, 7.0]
    last, ys = run(lambda x: ops.scan(lambda c, _: (c + 1, c), x, length=0), F(5.0))
    assert last == 5.0
    assert ys.shape == (0,)


def test_a_carry_that_changes_is_refused_by_name() -> None:
    with pytest.raises(
        ShapeError, match=r"which \['h'\] has not(.|\n)*float32\[2\](.|\n)*float32\[3\]"
    ):
        ops.scan(lambda c, x: ({"h": ops.zeros(3)}, None), {"h": ops.zeros(2)}, ops.zeros((4, 1)))
    with pytest.raises(ShapeError, match="differ in their number of steps"):
        ops.scan(lambda c, x: (c, None), 0.0, (ops.zeros(3), ops.zeros(4)))
    with pytest.raises(ArgumentError, match="`xs` or a `length`"):
        ops.scan(lambda c, x: (c, None), 0.0)


@GRADIENTS
def test_scan_has_gradients_of_carry_inputs_and_constants(grad: Any) -> None:
    xs = np.array([[0.5, 1.0], [1.5, -1.0], [0.3, 0.2]], "float32")
    w = np.array([0.9, 1.1], "float32")

    def f(init: Any, xs: Any, w: Any) -> Any:
        last, ys = ops.scan(lambda c, x: (ops.tanh(c * w + x), c * x), init, xs)
        return ops.sum(last) + ops.sum(ys)

    def plain(init: Any, xs: Any, w: Any) -> float:
        c, total = init.astype("float64"), 0.0
        for x in xs:
            total += (c * x).sum()
            c = np.tanh(c * w + x)
        return float(c.sum() + total)

    given = [np.array([0.1, -0.2], "float32"), xs, w]
    for i, g in enumerate(grad(f, *given)):
        for place in np.ndindex(given[i].shape):
            step = np.zeros(given[i].shape)
            step[place] = 1e-5
            up, down = (
                plain(
                    *(
                        v.astype("float64") + (sign * step if j == i else 0)
                        for j, v in enumerate(given)
                    )
                )
                for sign in (1, -1)
            )
            assert abs(g[place] - (up - down) / 2e-5) < 1e-4


@GRADIENTS
def test_a_gradient_inside_a_scan_and_a_scan_inside_a_gradient(grad: Any) -> None:
    def f(x: Any) -> Any:
        def step(y: Any, _: Any) -> tuple[Any, None]:
            slope = current().value_and_grad(lambda v: (ops.sum(v[0] * v[0] * v[0]), []), [y])[2][0]
            return y - 0.1 * slope, None

        return ops.sum(ops.scan(step, x, length=2)[0])

    def plain(x: float) -> float:
        for _ in range(2):
            x = x - 0.1 * 3 * x * x
        return x

    (g,) = grad(f, np.array([0.7], "float32"))
    np.testing.assert_allclose(g, [(plain(0.7 + 1e-6) - plain(0.7 - 1e-6)) / 2e-6], rtol=1e-4)


@RUNS
def test_map_and_vectorized_map_apply_to_each_slice(run: Any) -> None:
    xs = np.arange(6, dtype="float32").reshape(3, 2)
    for op in (ops.map, ops.vectorized_map):
        a, b = run(lambda x, op=op: op(lambda v: (ops.sum(v["x"]), v["x"] * 2), {"x": x}), xs)
        np.testing.assert_allclose(a, xs.sum(1))
        np.testing.assert_allclose(b, xs * 2)


@RUNS
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_associative_scan_combines_in_order(run: Any, reverse: bool, n: int) -> None:
    matrices = np.random.default_rng(n).normal(size=(2, n, 2, 2)).astype("float32")
    (y,) = run(lambda x: [ops.associative_scan(ops.matmul, x, reverse=reverse, axis=1)], matrices)
    order = range(n - 1, -1, -1) if reverse else range(n)
    product = np.broadcast_to(np.eye(2), (2, 2, 2))
    for i in order:
        product = product @ matrices[:, i]
        np.testing.assert_allclose(y[:, i], product, rtol=1e-4, atol=1e-5)


def test_loops_of_symbolic_tensors_infer_their_results() -> None:
    x = KerasTensor((None, 5, 3))
    last, ys = ops.scan(lambda c, v: (c + v, v), ops.zeros(3), ops.transpose(x, (1, 0, 2))[:, 0])
    assert (last.shape, ys.shape) == ((3,), (5, 3))
    steps = ops.scan(lambda c, v: (c, v * 2), 0.0, x)[1]
    assert steps.shape == (None, 5, 3)


# Gradients by hand


@ops.custom_gradient
def tenfold(x: Any) -> Any:
    kept = ops.exp(x)
    return ops.multiply(x, 1.0), lambda upstream: ops.multiply(upstream, 10.0 * kept)


@GRADIENTS
def test_custom_gradient_replaces_the_gradient(grad: Any) -> None:
    np.testing.assert_allclose(grad(lambda x: ops.sum(tenfold(x)), 1.0), [10 * np.e], rtol=1e-6)


@GRADIENTS
def test_custom_gradient_works_inside_loops_and_branches(grad: Any) -> None:
    def looped(x: Any) -> Any:
        return ops.scan(lambda c, _: (tenfold(c), None), x, length=2)[0]

    def branched(x: Any) -> Any:
        return ops.cond(x > 0, lambda: tenfold(x), lambda: x)

    np.testing.assert_allclose(grad(looped, 1.0), [100 * np.e**2], rtol=1e-5)
    np.testing.assert_allclose(grad(branched, 1.0), [10 * np.e], rtol=1e-6)


@GRADIENTS
def test_custom_gradient_of_several_arguments_and_values(grad: Any) -> None:
    @ops.custom_gradient
    def f(x: Any, y: Any) -> Any:
        return {"sum": x + y, "product": x * y}, lambda a, b: (a * 2.0, b * 3.0)

    def total(x: Any, y: Any) -> Any:
        found = f(x, y)
        return ops.sum(found["sum"]) * 10.0 + ops.sum(found["product"])

    # Leaves come in the order of their sorted keys: product, sum.
    np.testing.assert_allclose(grad(total, 3.0, 4.0), [2.0, 30.0])


def test_stop_gradient_lets_nothing_through() -> None:
    assert gradient(lambda x: ops.sum(x * ops.stop_gradient(x)), 3.0) == [3.0]
