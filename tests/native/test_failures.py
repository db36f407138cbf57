"""What goes wrong while a plan runs: said where, with the operands, and the plan lives on."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

from cornu.backends.native.loader import core
from tests.native.plans import Draft


def taking(count: int = 6) -> Any:
    """Return a copy, then rows of a table by indices, which may be wrong."""
    draft = Draft()
    table, indices = draft.external(0, (4, 2)), draft.external(1, (count,), "int32")
    h = draft.arena((4, 2))
    draft.add("copy", [table], [h])
    draft.add("take", [h, indices], [draft.external(2, (count, 2), write=True)], [0])
    return draft.build()


def test_wrong_data_tell_instruction_and_operands() -> None:
    plan = taking()
    table, out = np.arange(8, dtype="f").reshape(4, 2), np.zeros((6, 2), "f")
    wrong = np.array([0, 1, 9, 2, 3, 0], "i4")
    for _ in range(3):
        with pytest.raises(core().PlanFailure) as caught:
            plan.run([table, wrong, out], True)
        path, message = caught.value.args
        assert path == (1,)
        assert "9" in message
        given, indices = plan.operands(1)
        np.testing.assert_array_equal(np.frombuffer(given, "f"), table.ravel())
        np.testing.assert_array_equal(np.frombuffer(indices, "i4"), wrong)
        right = np.array([0, 1, 3, 2, 3, 0], "i4")
        plan.run([table, right, out], True)
        np.testing.assert_array_equal(out, table[right])


def test_operands_that_are_not_contiguous_arrive_in_order() -> None:
    draft = Draft()
    x = draft.external(0, (2, 3))
    x.shape, x.strides = (3, 2), (1, 3)
    indices = draft.external(1, (1,), "int32")
    y = draft.arena((3, 2))
    draft.add("copy", [x], [y])
    draft.add("take", [y, indices], [draft.arena((1, 2))], [0])
    plan = draft.build()
    a = np.arange(6, dtype="f").reshape(2, 3)
    with pytest.raises(core().PlanFailure):
        plan.run([a, np.array([7], "i4")], True)
    given, _ = plan.operands((1,))
    np.testing.assert_array_equal(np.frombuffer(given, "f"), a.T.ravel())


class Trouble(Exception):
    """An exception of the test's own."""


def failing(error: BaseException) -> Any:
    draft = Draft()

    def callback(*views: memoryview) -> None:
        raise error

    draft.callbacks.append(callback)
    x = draft.external(0, (3,))
    h = draft.arena((3,))
    draft.add("copy", [x], [h])
    draft.add("python", [h], [draft.arena((3,))], [0])
    return draft.build()


@pytest.mark.parametrize("error", [Trouble("no"), KeyboardInterrupt(), SystemExit(3)])
def test_the_exception_of_a_callback_arrives_itself(error: BaseException) -> None:
    plan = failing(error)
    x = np.arange(3, dtype="f")
    with pytest.raises(type(error)) as caught:
        plan.run([x], True)
    assert caught.value is error
    assert caught.value.cornu_instruction == (1,)  # type: ignore[attr-defined]
    (copy,) = plan.operands((1,))
    np.testing.assert_array_equal(np.frombuffer(copy, "f"), x)


def test_an_exception_without_attributes_arrives_too() -> None:
    class Closed(Exception):
        def __setattr__(self, name: str, value: Any) -> None:
            raise AttributeError(name)

    plan = failing(Closed("closed"))
    with pytest.raises(Closed, match="closed"):
        plan.run([np.zeros(3, "f")], True)


def test_a_callback_that_does_not_exist() -> None:
    draft = Draft()
    draft.add("python", [draft.external(0, (3,))], [draft.arena((3,))], [5])
    plan = draft.build()
    with pytest.raises(IndexError):
        plan.run([np.zeros(3, "f")], True)


def test_operands_before_any_failure() -> None:
    plan = taking()
    with pytest.raises(ValueError, match="isn't the instruction that failed"):
        plan.operands(0)


def test_inputs_of_a_callback_are_read_only() -> None:
    draft = Draft()

    def callback(given: memoryview, result: memoryview) -> None:
        assert given.readonly
        assert not result.readonly
        with pytest.raises(TypeError):
            given[0] = 1

    draft.callbacks.append(callback)
    draft.add("python", [draft.external(0, (3,))], [draft.arena((3,))], [0])
    draft.build().run([np.zeros(3, "f")], True)


def test_a_plan_lets_go_of_its_callbacks() -> None:
    class Owner:
        plan: Any = None

        def callback(self, *views: memoryview) -> None:
            """Compute nothing."""

    owner = Owner()
    draft = Draft([owner.callback])
    draft.add("python", [draft.external(0, (3,))], [draft.arena((3,))], [0])
    owner.plan = draft.build()  # a circle
    gone = weakref.ref(owner)
    del owner, draft
    gc.collect()
    assert gone() is None


def test_arrays_are_let_go_after_a_run() -> None:
    plan = taking()
    table, out = np.zeros((4, 2), "f"), np.zeros((6, 2), "f")
    indices = np.zeros(6, "i4")
    plan.run([table, indices, out], True)
    indices[0] = 99
    with pytest.raises(core().PlanFailure):
        plan.run([table, indices, out], True)
    gone = weakref.ref(table)
    del table
    gc.collect()
    assert gone() is None
