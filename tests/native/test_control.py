"""Loops and branches: plans inside an instruction, against the same loop in NumPy."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

from cornu.backends.native.loader import core
from tests.native.plans import Draft

RNG = np.random.default_rng(0)


def real(*shape: int) -> Any:
    return RNG.normal(size=shape).astype("f")


def scan_plan(length: int, *, reverse: bool, stacked: bool) -> Any:
    """Return s -> s * k + x, y = s + x (of the new s), with the carries before each step."""
    draft = Draft()
    start, k = draft.external(0, (3,)), draft.external(1, (3,))
    xs = draft.external(2, (length, 3))
    body = draft.nested()
    s, factor, x = (body.external(i, (3,)) for i in range(3))
    after, y = body.external(3, (3,), write=True), body.external(4, (3,), write=True)
    product = body.arena((3,))
    body.call(np.multiply, [s, factor], product)
    body.call(np.add, [product, x], after)
    # The carry is read once more after its successor was written: they must not share memory.
    body.call(lambda a, b, c: a + b - c, [after, s, x], y)
    outputs = [draft.external(3, (3,), write=True), draft.external(4, (length, 3), write=True)]
    if stacked:
        outputs.append(draft.external(5, (length, 3), write=True))
    attributes = [1, 1, 1, 1, length, int(reverse), int(stacked)]
    draft.add("scan", [start, k, xs], outputs, attributes, bodies=[body])
    return draft.build()


@pytest.mark.parametrize("length", [0, 1, 2, 5, 8])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("stacked", [False, True])
def test_scan_is_a_loop(length: int, reverse: bool, stacked: bool) -> None:
    start, k, xs = real(3), real(3), real(length, 3)
    final, ys, stack = np.zeros(3, "f"), np.zeros((length, 3), "f"), np.zeros((length, 3), "f")
    plan = scan_plan(length, reverse=reverse, stacked=stacked)
    for _ in range(2):
        plan.run([start, k, xs, final, ys, stack], True)
    state, wanted, before = start, np.zeros_like(ys), np.zeros_like(stack)
    for i in reversed(range(length)) if reverse else range(length):
        before[i] = state
        after = state * k + xs[i]
        wanted[i] = after + state - xs[i]
        state = after
    np.testing.assert_array_equal(final, state)
    np.testing.assert_array_equal(ys, wanted)
    if stacked:
        np.testing.assert_array_equal(stack, before)


def test_scan_without_carry_maps() -> None:
    draft = Draft()
    body = draft.nested()
    body.call(np.square, [body.external(0, (2,))], body.external(1, (2,), write=True))
    xs, ys = draft.external(0, (4, 2)), draft.external(1, (4, 2), write=True)
    draft.add("scan", [xs], [ys], [0, 0, 1, 1, 4, 0, 0], bodies=[body])
    x, y = real(4, 2), np.zeros((4, 2), "f")
    draft.build().run([x, y], True)
    np.testing.assert_array_equal(y, x * x)


def test_scan_in_scan() -> None:
    """Sums of rows, then of the sums."""
    draft = Draft()
    outer = draft.nested()
    inner = outer.nested()
    inner.call(
        np.add, [inner.external(0, ()), inner.external(1, ())], inner.external(2, (), write=True)
    )
    outer.add(
        "scan",
        [outer.external(0, ()), outer.external(1, (3,))],
        [outer.external(2, (), write=True)],
        [1, 0, 1, 0, 3, 0, 0],
        bodies=[inner],
    )
    draft.add(
        "scan",
        [draft.external(0, ()), draft.external(1, (4, 3))],
        [draft.external(2, (), write=True)],
        [1, 0, 1, 0, 4, 0, 0],
        bodies=[outer],
    )
    start, xs, total = np.zeros((), "f"), np.arange(12, dtype="f").reshape(4, 3), np.zeros((), "f")
    draft.build().run([start, xs, total], True)
    assert total == 66


def test_a_product_inside_of_a_loop() -> None:
    """A recurrent step: s -> s w, many times, by a kernel with work space of its own."""
    draft = Draft()
    body = draft.nested()
    body.add(
        "gemm",
        [body.external(0, (8, 8)), body.external(1, (8, 8))],
        [body.external(2, (8, 8), write=True)],
        [0, 0, 0],
    )
    draft.add(
        "scan",
        [draft.external(0, (8, 8)), draft.external(1, (8, 8))],
        [draft.external(2, (8, 8), write=True)],
        [1, 1, 0, 0, 7, 0, 0],
        bodies=[body],
    )
    s, w, y = real(8, 8), real(8, 8) / 3, np.zeros((8, 8), "f")
    draft.build().run([s, w, y], True)
    wanted = s.astype("d") @ np.linalg.matrix_power(w.astype("d"), 7)
    np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("predicate", [True, False])
def test_cond_runs_one_branch(predicate: bool) -> None:
    draft = Draft()
    seen: list[str] = []

    def branch(name: str, function: Any) -> Draft:
        body = draft.nested()

        def noted(*args: Any) -> Any:
            seen.append(name)
            return function(*args)

        x, y = body.external(0, (3,)), body.external(1, (3,), write=True)
        body.call(noted, [x], y)
        return body

    bodies = [branch("true", np.sin), branch("false", np.cos)]
    flag, x = draft.external(0, (), "bool"), draft.external(1, (3,))
    draft.add("cond", [flag, x], [draft.external(2, (3,), write=True)], [1, 1], bodies=bodies)
    a, y = real(3), np.zeros(3, "f")
    draft.build().run([np.array(predicate), a, y], True)
    np.testing.assert_array_equal(y, np.sin(a) if predicate else np.cos(a))
    assert seen == [str(predicate).lower()]


def while_plan(maximum: int) -> Any:
    """Return (x, n) -> doubled while x < limit, counting."""
    draft = Draft()
    x, n, limit = draft.external(0, ()), draft.external(1, ()), draft.external(2, ())
    condition, body = draft.nested(), draft.nested()
    inputs = [condition.external(i, ()) for i in range(3)]
    answer = condition.external(3, (), "bool", write=True)

    def below(*views: memoryview) -> None:
        a, _, most, out = views
        value = np.frombuffer(a, "f") < np.frombuffer(most, "f")
        np.frombuffer(out, "bool")[:] = value

    draft.callbacks.append(below)
    condition.add("python", inputs, [answer], [len(draft.callbacks) - 1])
    body.call(lambda a: 2 * a, [body.external(0, ())], body.external(3, (), write=True))
    body.call(lambda a: a + 1, [body.external(1, ())], body.external(4, (), write=True))
    outputs = [draft.external(3, (), write=True), draft.external(4, (), write=True)]
    draft.add("while", [x, n, limit], outputs, [2, 1, maximum], bodies=[condition, body])
    return draft.build()


@pytest.mark.parametrize(
    ("start", "maximum", "value", "steps"),
    [
        (1, -1, 128, 7),
        (1, 6, 64, 6),
        (1, 5, 32, 5),
        (200, -1, 200, 0),
        (1, 0, 1, 0),
        (64, -1, 128, 1),
    ],
)
def test_while_runs_until_its_condition_fails(
    start: float, maximum: int, value: float, steps: int
) -> None:
    plan = while_plan(maximum)
    y, n = np.zeros((), "f"), np.zeros((), "f")
    scalars = [np.array(v, "f") for v in (start, 0, 100)]
    for _ in range(2):
        plan.run([*scalars, y, n], True)
        assert (y, n) == (value, steps)


def test_an_endless_loop_can_be_interrupted() -> None:
    draft = Draft()
    flag = draft.external(0, (1,), "bool")
    condition, body = draft.nested(), draft.nested()
    condition.add(
        "copy",
        [condition.external(0, (1,), "bool")],
        [condition.external(1, (1,), "bool", write=True)],
    )
    body.add("copy", [body.external(0, (1,), "bool")], [body.external(1, (1,), "bool", write=True)])
    out = draft.external(1, (1,), "bool", write=True)
    draft.add("while", [flag], [out], [1, 0, -1], bodies=[condition, body])
    plan = draft.build()
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        plan.run([np.ones(1, "?"), np.zeros(1, "?")], True)
    assert time.monotonic() - begin < 60
    timer.join()


def test_where_a_nested_failure_happened() -> None:
    draft = Draft()
    x = draft.external(0, (3, 2))
    draft.add("copy", [x], [draft.arena((3, 2))])
    body = draft.nested()
    body.add("copy", [body.external(0, (2,))], [body.arena((2,))])

    def fail(*views: memoryview) -> None:
        if np.frombuffer(views[0], "f")[0] == 2:
            raise LookupError("step")

    draft.callbacks.append(fail)
    body.add("python", [body.external(0, (2,))], [body.external(1, (2,), write=True)], [0])
    draft.add("scan", [x], [draft.arena((3, 2))], [0, 0, 1, 1, 3, 0, 0], bodies=[body])
    plan = draft.build()
    values = np.arange(6, dtype="f").reshape(3, 2)
    with pytest.raises(LookupError, match="step") as caught:
        plan.run([values], True)
    path = (1, 0, 1)  # instruction 1, its nested plan 0, instruction 1 of that
    assert caught.value.cornu_instruction == path  # type: ignore[attr-defined]
    (inputs,) = plan.operands(path)
    assert np.frombuffer(inputs, "f").tolist() == [2, 3]
    with pytest.raises(ValueError, match="failed last"):
        plan.operands(1)


def test_opcodes_have_control_flow() -> None:
    assert {"scan", "cond", "while", "python"} <= core().opcodes().keys()
