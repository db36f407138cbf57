"""What is added to a product, and cut off, becomes part of its instruction."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu import ops
from cornu.backends.native.compiled import NativeCompiled
from cornu.graph.compiled import trace_step
from cornu.graph.spec import spec_of
from cornu.state.variable import Variable
from tests.marks import own_traces
from tests.tolerances import tolerance

pytestmark = own_traces

Array = np.ndarray[Any, Any]
Function = Callable[..., Any]


def draw_values(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(s).astype("float32") for s in shapes]


def close(got: Any, wanted: Any) -> None:
    bound = tolerance("reduction", "float32")
    np.testing.assert_allclose(np.asarray(got), wanted, bound.rtol, 4 * bound.atol)


def compiled(function: Function, *arrays: Array) -> NativeCompiled:
    def listed(values: list[Any]) -> list[Any]:
        result = function(*values)
        return list(result) if isinstance(result, tuple) else [result]

    return NativeCompiled(trace_step(listed, [spec_of(x) for x in arrays]))


def run(function: Function, *arrays: Array) -> tuple[list[str], list[Array]]:
    """Return what the plan's instructions compute, and the function's results."""
    step = compiled(function, *arrays)
    return [i.what for i in step.plan.instructions], step(arrays)


RESIDUALS: dict[str, Function] = {
    "after the bias": lambda a, b, c, d: ops.relu(a @ b + c + d),
    "before the bias": lambda a, b, c, d: ops.relu(a @ b + d + c),
    "first": lambda a, b, c, d: ops.relu(d + (c + a @ b)),
}


@pytest.mark.parametrize("function", RESIDUALS.values(), ids=RESIDUALS.keys())
def test_a_product_adds_bias_and_residual(function: Function) -> None:
    a, b, c, d = draw_values((2, 9, 20), (20, 30), (30,), (2, 9, 30))
    what, (y,) = run(function, a, b, c, d)
    assert what == ["dot add add relu"]
    close(y, np.maximum(a @ b + c + d, 0))


def test_sums_of_products_accumulate() -> None:
    a, b, c, d = draw_values((20, 30), (20, 40), (20, 50), (20, 17))
    u, v, w = draw_values((30, 17), (40, 17), (50, 17))

    def function(a: Any, b: Any, c: Any, d: Any, u: Any, v: Any, w: Any) -> Any:
        return a @ u + b @ v + c @ w + d

    what, (y,) = run(function, a, b, c, d, u, v, w)
    # The sum goes from the left: the last product has taken its one addend.
    assert what == ["dot", "dot add", "dot add", "add"]
    close(y, a @ u + b @ v + c @ w + d)


def test_batches_of_products_add_too() -> None:
    a, b, d = draw_values((3, 4, 9, 7), (3, 4, 7, 20), (3, 4, 9, 20))
    what, (y,) = run(lambda a, b, d: a @ b + d, a, b, d)
    assert what == ["dot add"]
    close(y, a @ b + d)


@pytest.mark.parametrize("axes", [(1, 0), (0, 1)])
def test_a_result_read_transposed_takes_any_addend(axes: tuple[int, int]) -> None:
    a, b, d = draw_values((30, 20), (20, 40), (40, 30))
    turned = axes == (1, 0)

    def function(a: Any, b: Any, d: Any) -> Any:
        e = ops.transpose(d) if turned else ops.reshape(d, (30, 40))
        return ops.exp(ops.transpose(a @ b + e))

    _, (y,) = run(function, a, b, d)
    close(y, np.exp((a @ b + (d.T if turned else d.reshape(30, 40))).T))


def test_an_addend_may_have_gaps_between_its_rows() -> None:
    a, b, d = draw_values((9, 20), (20, 8), (9, 24))
    what, (y,) = run(lambda a, b, d: a @ b + d[:, 8:16], a, b, d)
    assert what == ["dot add"]
    close(y, a @ b + d[:, 8:16])


def test_other_shapes_are_no_addends() -> None:
    a, b, d, e = draw_values((3, 9, 20), (20, 8), (9, 8), (9, 1))
    _, (y, z) = run(lambda a, b, d, e: (a @ b + d, (a + 1) @ b + e), a, b, d, e)
    close(y, a @ b + d)
    close(z, (a + 1) @ b + e)


def test_a_product_that_others_read_stays_as_it_is() -> None:
    a, b, d = draw_values((9, 20), (20, 8), (9, 8))

    def function(a: Any, b: Any, d: Any) -> Any:
        product = a @ b
        return product + d, product, (a + 1) @ b + (a + 1) @ b

    _, (y, z, w) = run(function, a, b, d)
    close(y, a @ b + d)
    close(z, a @ b)
    close(w, 2 * ((a + 1) @ b))


def test_a_chain_that_ends_in_the_sum_is_not_stored_for_it() -> None:
    a, b, d = draw_values((9, 20), (20, 8), (9, 8))
    what, (y,) = run(lambda a, b, d: ops.tanh(ops.exp(d) * 2) + a @ b, a, b, d)
    assert what == ["dot", "exp multiply tanh add"]
    close(y, np.tanh(np.exp(d) * 2) + a @ b)


def test_an_addend_that_is_an_operand_too_keeps_its_values() -> None:
    a, b = draw_values((8, 8), (8, 8))

    def function(a: Any, b: Any) -> Any:
        x = ops.exp(a)
        return x @ b + x

    what, (y,) = run(function, a, b)
    assert what == ["exp", "dot add"]
    close(y, np.exp(a) @ b + np.exp(a))


def test_state_that_grows_by_a_product_is_updated_in_place() -> None:
    total = Variable(np.ones((6, 5), "float32"))
    a, b = draw_values((6, 7), (7, 5))

    def function(a: Any, b: Any) -> Any:
        total.assign(total + a @ b)
        return ops.sum(a)

    step = compiled(function, a, b)
    grown = next(i for i in step.plan.instructions if i.opcode == "gemm")
    assert grown.what == "dot add"
    assert grown.inputs[2].buffer is grown.outputs[0].buffer
    for times in (1, 2):
        step([a, b])
        close(total.value, 1 + times * (a @ b))


def test_a_recurrent_cell_is_a_product_and_a_chain() -> None:
    xs, h, u = draw_values((5, 3, 8), (3, 8), (8, 8))

    def function(xs: Any, h: Any, u: Any) -> Any:
        def cell(carry: Any, x: Any) -> Any:
            carry = ops.tanh(carry @ u + x)
            return carry, carry

        return ops.scan(cell, h, xs)[1]

    step = compiled(function, xs, h, u)
    (scan,) = (i for i in step.plan.instructions if i.opcode == "scan")
    what = [i.what for i in scan.nested[0].instructions]
    assert what == ["dot add", "tanh", "copy"]  # to the next step, and to all of them
    (ys,) = step([xs, h, u])
    for x, y in zip(xs, ys, strict=True):
        h = np.tanh(h @ u + x)
        close(y, h)


SIZES = st.sampled_from((0, 1, 2, 5, 8, 17))


@given(st.data())
@settings(deadline=None, max_examples=100)
def test_any_sizes_and_orders(data: st.DataObject) -> None:
    m, n, k = (data.draw(SIZES) for _ in range(3))
    shapes: list[tuple[int, ...]] = [(m, k), (k, n), (n,), (m, n), (n, m)]
    arrays = draw_values(*shapes)
    order = data.draw(st.permutations(range(4)))
    relu, turned = data.draw(st.booleans()), data.draw(st.booleans())

    def function(xp: Any, a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
        terms = [xp.matmul(a, b), c, d, xp.transpose(e)]
        y = sum((terms[i] for i in order[1:]), terms[order[0]])
        y = xp.maximum(y, 0) if relu else y
        return xp.transpose(y) * 2 if turned else y

    _, (y,) = run(partial(function, ops), *arrays)
    close(y, function(np, *arrays))
