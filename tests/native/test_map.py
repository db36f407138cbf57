"""`map`: a body for steps that don't need one another, shared by threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cornu.backends.native.loader import core
from tests.native.plans import Draft

RNG = np.random.default_rng(0)
N = 48


def real(*shape: int) -> Any:
    return RNG.normal(size=shape).astype("f")


@pytest.fixture(params=[1, 2, 3])
def _threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = core().get_threads()
    core().set_threads(request.param)
    yield
    core().set_threads(before)


def product(body: Draft, a: Any, b: Any, to: Any) -> None:
    body.add("gemm", [a, b], [to], [0, 0, 0])


def map_plan(length: int, attributes: list[int] | None = None) -> Any:
    """Return x -> (x w) w for each step, and the product on the way turned over."""
    draft = Draft()
    w, xs = draft.external(0, (N, N)), draft.external(1, (length, N, N))
    body = draft.nested()
    inner, x = body.external(0, (N, N)), body.external(1, (N, N))
    on_the_way = body.arena((N, N))
    product(body, x, inner, on_the_way)
    product(body, on_the_way, inner, body.external(2, (N, N), write=True))
    body.add("copy", [on_the_way], [body.external(3, (N, N), write=True)])
    outputs = [draft.external(i, (length, N, N), write=True) for i in (2, 3)]
    draft.add("map", [w, xs], outputs, attributes or [1, 1, 2, length], bodies=[body])
    return draft.build()


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("length", [0, 1, 2, 7, 40])
def test_every_step_is_done(length: int) -> None:
    w, xs = real(N, N), real(length, N, N)
    ys, halves = np.full_like(xs, 7), np.full_like(xs, 7)
    plan = map_plan(length)
    for _ in range(2):
        plan.run([w, xs, ys, halves], True)
    np.testing.assert_allclose(halves, xs @ w, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ys, xs @ w @ w, rtol=1e-4, atol=1e-3)


@pytest.mark.usefixtures("_threads")
def test_steps_may_be_loops() -> None:
    length, steps = 9, 20
    draft = Draft()
    body = draft.nested()
    inner = body.nested()
    product(
        inner,
        inner.external(0, (8, N)),
        inner.external(1, (N, N)),
        inner.external(2, (8, N), write=True),
    )
    state, w = body.external(1, (8, N)), body.external(0, (N, N))
    body.add(
        "scan",
        [state, w],
        [body.external(2, (8, N), write=True)],
        [1, 1, 0, 0, steps, 0, 0],
        bodies=[inner],
    )
    inputs = [draft.external(0, (N, N)), draft.external(1, (length, 8, N))]
    outputs = [draft.external(2, (length, 8, N), write=True)]
    draft.add("map", inputs, outputs, [1, 1, 1, length], bodies=[body])
    w_data, xs = real(N, N) / 7, real(length, 8, N)
    ys = np.empty_like(xs)
    draft.build().run([w_data, xs, ys], True)
    wanted = xs.astype("d") @ np.linalg.matrix_power(w_data.astype("d"), steps)
    np.testing.assert_allclose(ys, wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.usefixtures("_threads")
def test_wrong_data_in_a_step_stop_it() -> None:
    draft = Draft()
    body = draft.nested()
    places = body.external(1, (4,), "int32")
    body.add(
        "take", [body.external(0, (5, 3)), places], [body.external(2, (4, 3), write=True)], [0]
    )
    inputs = [draft.external(0, (5, 3)), draft.external(1, (6, 4), "int32")]
    outputs = [draft.external(2, (6, 4, 3), write=True)]
    draft.add("map", inputs, outputs, [1, 1, 1, 6], bodies=[body])
    plan = draft.build()
    table, rows = real(5, 3), RNG.integers(0, 5, (6, 4)).astype("int32")
    ys = np.empty((6, 4, 3), "f")
    plan.run([table, rows, ys], True)
    np.testing.assert_array_equal(ys, table[rows])
    rows[4, 2] = 5
    with pytest.raises(core().PlanFailure) as caught:
        plan.run([table, rows, ys], True)
    assert caught.value.args[0] == (0,)
    assert len(plan.operands(0)) == 2


def test_a_profile_looks_into_steps() -> None:
    rows = map_plan(5).profile([real(N, N), real(5, N, N), real(5, N, N), real(5, N, N)])
    ((seconds, flops, _, nested),) = rows
    assert flops == 5 * sum(row[1] for row in nested) == 5 * 2 * 2 * N**3
    assert len(nested) == 3
    assert seconds > 0


@pytest.mark.parametrize(
    "attributes",
    [
        [1, 1, 2],
        [1, 1, 2, 5],
        [1, 1, 2, -4],
        [0, 2, 2, 4],
        [2, 0, 2, 4],
        [1, 1, 1, 4],
        [-1, 3, 2, 4],
    ],
)
def test_attributes_that_do_not_fit_are_refused(attributes: list[int]) -> None:
    with pytest.raises(ValueError, match="map"):
        map_plan(4, attributes)


def nested_in(opcode: str) -> Draft:
    """Return a plan of a map whose steps do something that only the caller's thread can do."""
    draft = Draft()
    body = draft.nested()
    x, y = body.external(0, (3,)), body.external(1, (3,), write=True)
    if opcode == "python":
        body.call(np.negative, [x], y)
    else:
        condition, step = body.nested(), body.nested()
        condition.add("full", [], [condition.external(1, (), "bool", write=True)], [0])
        step.add("copy", [step.external(0, (3,))], [step.external(1, (3,), write=True)])
        body.add("while", [x], [y], [1, 0, -1], bodies=[condition, step])
    draft.add(
        "map",
        [draft.external(0, (4, 3))],
        [draft.external(1, (4, 3), write=True)],
        [0, 1, 1, 4],
        bodies=[body],
    )
    return draft


@pytest.mark.parametrize("opcode", ["python", "while"])
def test_what_needs_the_caller_is_refused(opcode: str) -> None:
    with pytest.raises(ValueError, match="turn to who started it"):
        nested_in(opcode).build()
