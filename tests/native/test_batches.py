"""Many steps in one call, on batches gathered from the caller's arrays."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from cornu.backends.native.loader import core
from tests.native.plans import Draft

RNG = np.random.default_rng(0)


def summing(batch: int, width: int, dtype: str = "float32", *, late: bool = False) -> Any:
    """Return total += sum of the batch over its rows; last = the batch (late, if asked)."""
    draft = Draft()
    x = draft.external(0, (batch, width), dtype)
    before = draft.external(1, (width,), dtype)
    after = draft.external(1, (width,), dtype, write=True)
    total = draft.arena((width,), dtype)
    draft.call(lambda a, t: t + a.reshape(batch, width).sum(0), [x, before], total)
    draft.add("copy", [total], [after])
    draft.add("copy", [x], [draft.external(2, (batch, width), dtype, write=True)], late=late)
    return draft.build()


def kind(name: str) -> int:
    number: int = core().row_kinds()[name]
    return number


@pytest.mark.parametrize("shuffled", [False, True])
def test_each_step_gets_its_rows(shuffled: bool) -> None:
    source = RNG.normal(size=(20, 3)).astype("f")
    order = RNG.permutation(20) if shuffled else np.arange(20)
    total, last = np.zeros(3, "f"), np.zeros((4, 3), "f")
    plan = summing(4, 3)
    batches = [(0, source, 12, kind("copy"))]
    done = plan.run_many([None, total, last], batches, order, 4, 3, 1, 60.0, True)
    assert done == 3
    np.testing.assert_allclose(total, source[order[4:16]].sum(0), rtol=1e-5)
    np.testing.assert_array_equal(last, source[order[12:16]])


def test_order_may_repeat_rows() -> None:
    source = np.eye(3, dtype="f")
    total, last = np.zeros(3, "f"), np.zeros((2, 3), "f")
    order = np.array([2, 2, 0, 2])
    summing(2, 3).run_many([None, total, last], [(0, source, 12, 0)], order, 2, 2, 0, 60.0, True)
    assert total.tolist() == [1, 0, 3]


@pytest.mark.parametrize("name", sorted(set(core().row_kinds()) - {"copy"}))
def test_rows_are_converted(name: str) -> None:
    source_dtype, _, dtype = name.partition("->")
    high = 2 if source_dtype == "bool" else 100
    source = RNG.integers(0, high, size=(10, 3)).astype(source_dtype)
    total, last = np.zeros(3, dtype), np.zeros((2, 3), dtype)
    order = RNG.permutation(10)
    batches = [(0, source, source[0].nbytes, kind(name))]
    summing(2, 3, dtype).run_many([None, total, last], batches, order, 2, 5, 0, 60.0, True)
    np.testing.assert_array_equal(total, source.astype(dtype).sum(0))
    np.testing.assert_array_equal(last, source[order[8:]].astype(dtype))


def test_integers_that_do_not_fit_are_an_error() -> None:
    source = np.array([[1], [5_000_000_000]])
    total, last = np.zeros(1, "i4"), np.zeros((1, 1), "i4")
    with pytest.raises(ValueError, match="5000000000 of a batch doesn't fit in int32") as caught:
        summing(1, 1, "int32").run_many(
            [None, total, last],
            [(0, source, 8, kind("int64->int32"))],
            np.arange(2),
            *(1, 2, 0, 60.0, True),
        )
    assert total.tolist() == [1]
    assert not hasattr(caught.value, "cornu_instruction")


def test_late_instructions_run_in_the_last_step_alone() -> None:
    source = np.arange(12, dtype="f").reshape(6, 2)
    plan = summing(2, 2, late=True)
    for late in (True, False):
        total, last = np.zeros(2, "f"), np.zeros((2, 2), "f")
        plan.run_many([None, total, last], [(0, source, 8, 0)], np.arange(6), 2, 3, 0, 60.0, late)
        assert total.tolist() == [30, 36]
        np.testing.assert_array_equal(last, source[4:] if late else np.zeros((2, 2)))


def test_it_stops_when_the_budget_is_over() -> None:
    draft = Draft()
    x, y = draft.external(0, (1, 1)), draft.external(1, (1, 1), write=True)

    def slow(a: Any) -> Any:
        time.sleep(0.02)
        return a

    h = draft.arena((1, 1))
    draft.call(slow, [x], h)
    draft.add("copy", [h], [y], late=True)
    plan = draft.build()
    source, out = np.arange(1000, dtype="f").reshape(1000, 1), np.zeros((1, 1), "f")
    done = plan.run_many([None, out], [(0, source, 4, 0)], np.arange(1000), 1, 1000, 0, 0.1, True)
    assert 1 <= done <= 6
    assert out == done - 1  # the late instruction ran in the step that turned out to be the last
    done = plan.run_many([None, out], [(0, source, 4, 0)], np.arange(1000), 1, 9, 7, 0.0, True)
    assert done == 1
    assert out == 7


def test_no_steps_and_no_batches() -> None:
    draft = Draft()
    x, y = draft.external(0, (2,)), draft.external(1, (2,), write=True)
    draft.add("copy", [x], [y])
    plan = draft.build()
    a, b = np.ones(2, "f"), np.zeros(2, "f")
    assert plan.run_many([a, b], [], np.arange(0), 1, 0, 0, 1.0, True) == 0
    assert b.tolist() == [0, 0]
    assert plan.run_many([a, b], [], np.arange(5), 1, 5, 0, 60.0, True) == 5
    assert b.tolist() == [1, 1]


def test_after_batches_an_ordinary_run_sees_its_own_arrays() -> None:
    plan = summing(2, 2)
    total, last = np.zeros(2, "f"), np.zeros((2, 2), "f")
    source = np.ones((4, 2), "f")
    plan.run_many([None, total, last], [(0, source, 8, 0)], np.arange(4), 2, 2, 0, 60.0, True)
    x = np.full((2, 2), 5, "f")
    plan.run([x, total, last], True)
    assert total.tolist() == [14, 14]


def test_wrong_batches_are_refused() -> None:
    plan = summing(2, 3)
    source, total, last = np.zeros((6, 3), "f"), np.zeros(3, "f"), np.zeros((2, 3), "f")
    externals, order = [None, total, last], np.arange(6)

    def run(
        batches: Any = ((0, source, 12, 0),),
        rows: Any = order,
        batch: int = 2,
        steps: int = 3,
        first: int = 0,
    ) -> int:
        done: int = plan.run_many(externals, batches, rows, batch, steps, first, 60.0, True)
        return done

    assert run() == 3
    for wrong, message in [
        ({"batches": [(7, source, 12, 0)]}, "external doesn't exist"),
        ({"batches": [(-1, source, 12, 0)]}, "external doesn't exist"),
        ({"batches": [(0, source, 12, 99)]}, "kind is unknown"),
        ({"batches": [(0, source, 8, 0)]}, "another size"),
        ({"batches": [(0, source, 10, 0)]}, "whole number of rows"),
        ({"batches": [(0, source, -12, 0)]}, "out of range"),
        ({"batches": [(0, source, 12, kind("uint8->float32"))]}, "another size"),
        ({"batches": [(0, source, 24, kind("int64->int32"))]}, "dtype"),
        ({"rows": np.arange(1, 7)}, "Row 6 of a batch isn't one of the 6 rows"),
        ({"rows": -np.arange(6)}, "Row -1 of a batch"),
        ({"rows": order.astype("i4")}, "fewer batches"),
        ({"batch": 0}, "must have rows"),
        ({"batch": 3}, "another size"),
        ({"steps": 4}, "fewer batches"),
        ({"steps": -1}, "fewer batches"),
        ({"first": 1}, "fewer batches"),
        ({"first": 1 << 62}, "fewer batches"),
    ]:
        with pytest.raises(ValueError, match=message):
            run(**wrong)  # type: ignore[arg-type]
    for wrong in ({"batches": [3]}, {"batches": [(0, source)]}, {"batches": 3}, {"rows": 3}):
        with pytest.raises(TypeError):
            run(**wrong)  # type: ignore[arg-type]


def test_a_failure_tells_how_many_steps_were_done() -> None:
    draft = Draft()
    x = draft.external(0, (1,))

    def fail(a: Any) -> Any:
        if a[0] == 2:
            raise LookupError("two")
        return a

    draft.call(fail, [x], draft.external(1, (1,), write=True))
    plan = draft.build()
    source, out = np.arange(5, dtype="f"), np.zeros(1, "f")
    with pytest.raises(LookupError) as caught:
        plan.run_many([None, out], [(0, source, 4, 0)], np.arange(5), 1, 5, 0, 60.0, True)
    assert caught.value.cornu_steps == 2  # type: ignore[attr-defined]
    assert caught.value.cornu_instruction == (0,)  # type: ignore[attr-defined]
    assert out == 1


def test_a_profile_has_each_instruction() -> None:
    draft = Draft()
    a, b = draft.external(0, (64, 64)), draft.external(1, (64, 64), write=True)
    h = draft.arena((64, 64))
    draft.add("copy", [a], [h])
    draft.add("gemm", [a, h], [b], [0, 0, 0])
    x, y = np.eye(64, dtype="f"), np.zeros((64, 64), "f")
    rows = draft.build().profile([x, y])
    assert len(rows) == 2
    assert all(seconds >= 0 for seconds, _, _, _ in rows)
    assert rows[1][1] == 2 * 64**3
    assert rows[0][2] > 0
    np.testing.assert_array_equal(x, y)
