"""Plans are verified when they are built: a wrong one is refused, and never a crash."""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cornu.backends.native.loader import core
from cornu.backends.native.plan import Operand
from tests.native.plans import Draft


def straight() -> Draft:
    """Copies and a product, through the arena, with a constant."""
    draft = Draft()
    x = draft.external(0, (4, 3))
    y = draft.external(1, (4, 5), write=True)
    w = draft.constant(np.arange(15, dtype=np.float32).reshape(3, 5))
    h = draft.arena((4, 3))
    draft.add("copy", [x], [h])
    draft.add("gemm", [h, w], [y], [0, 0, 0])
    draft.call(lambda a: a + 1, [x], draft.arena((4, 3)))
    return draft


def looping() -> Draft:
    """A sum over steps, and a branch."""
    draft = Draft()
    xs = draft.external(0, (5, 3))
    start = draft.external(1, (3,))
    total = draft.external(2, (3,), write=True)
    flag = draft.external(3, (), "bool")
    body = draft.nested()
    s, x = body.external(0, (3,)), body.external(1, (3,))
    body.call(np.add, [s, x], body.external(2, (3,), write=True))
    summed = draft.arena((3,))
    draft.add("scan", [start, xs], [summed], [1, 0, 1, 0, 5, 0, 0], bodies=[body])
    true, false = draft.nested(), draft.nested()
    true.add("copy", [true.external(0, (3,))], [true.external(1, (3,), write=True)])
    false.call(np.negative, [false.external(0, (3,))], false.external(1, (3,), write=True))
    draft.add("cond", [flag, summed], [total], [1, 1], bodies=[true, false])
    return draft


def test_a_plan_computes_through_its_arena() -> None:
    x, y = np.random.default_rng(0).normal(size=(4, 3)).astype("f"), np.zeros((4, 5), "f")
    plan = straight().build()
    plan.run([x, y], True)
    np.testing.assert_allclose(y, x @ np.arange(15, dtype="f").reshape(3, 5), rtol=1e-5)
    assert plan.instructions == 3
    assert plan.arena == 128


def test_late_instructions_run_only_when_asked() -> None:
    draft = Draft()
    x, y = draft.external(0, (2,)), draft.external(1, (2,), write=True)
    draft.add("copy", [x], [y], late=True)
    plan = draft.build()
    a, b = np.ones(2, "f"), np.zeros(2, "f")
    plan.run([a, b], False)
    assert b.tolist() == [0, 0]
    plan.run([a, b], True)
    assert b.tolist() == [1, 1]


# One thing wrong with a plan of x (4, 3) -> y (4, 3), and words of the message.


def _operand(**changes: Any) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        operand = draft.plan.instructions[0].inputs[0]
        for name, value in changes.items():
            setattr(operand, name, value)

    return change


def _output(**changes: Any) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        operand = draft.plan.instructions[0].outputs[0]
        for name, value in changes.items():
            setattr(operand, name, value)

    return change


def _buffer(number: int, **changes: Any) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        for name, value in changes.items():
            setattr(draft.plan.buffers[number], name, value)

    return change


def _write_to_constant(draft: Draft) -> None:
    c = draft.constant(np.zeros((4, 3), "f"))
    draft.plan.instructions[0].outputs = [c]


def _share_arena(draft: Draft) -> None:
    a, b = draft.arena((4, 3)), draft.arena((4, 3))
    a.buffer.place = b.buffer.place = 64
    b.offset, b.shape, b.strides = 3, (3, 3), (3, 1)
    a.shape = (3, 3)
    draft.add("copy", [a], [b])


def _constant_of_another_size(draft: Draft) -> None:
    draft.add("copy", [draft.constant(np.zeros(12, "f"))], [draft.arena((12,))])
    draft.constants[0] = np.zeros(11, "f")


def _strange_callback(draft: Draft) -> None:
    x = draft.external(0, (4, 3))
    draft.add("python", [Operand(x.buffer, (3, 4), (1, 3))], [draft.arena((12,))], [0])


def _callback_without_number(draft: Draft) -> None:
    draft.add("python", [draft.external(0, (4, 3))], [draft.arena((12,))], [])


WRONG = {
    "operand past the end": (_operand(offset=1), "leaves its buffer"),
    "stride past the end": (_operand(strides=(4, 1)), "leaves its buffer"),
    "negative stride before the start": (_operand(strides=(-3, 1)), "leaves its buffer"),
    "shape past the end": (_operand(shape=(5, 3)), "leaves its buffer"),
    "huge shape": (_operand(shape=(1 << 40, 3), strides=(0, 0)), "equal|shape|differ|size"),
    "huge stride": (_operand(strides=(1 << 44, 1)), "leaves its buffer"),
    "too many axes": (_operand(shape=(1,) * 9, strides=(1,) * 9), "too many axes"),
    "negative length": (_operand(shape=(-1, 3)), "out of range"),
    "output on itself": (_output(strides=(0, 1)), "one address"),
    "output overlapping itself": (_output(strides=(2, 1)), "one address"),
    "output in a constant": (_write_to_constant, "nothing may be written"),
    "output without permission": (_buffer(1, flags=0), "nothing may be written"),
    "unknown flags": (_buffer(1, flags=2), "flags"),
    "unknown kind": (_buffer(0, kind=3), "kind"),
    "flags of the arena": (_buffer(1, kind=2), "flags"),
    "arena too small": (_buffer(0, kind=2), "leaves the arena"),
    "external out of range": (_buffer(0, place=1 << 30), "out of range"),
    "shared memory": (_share_arena, "shares memory"),
    "constant of another size": (_constant_of_another_size, "another size"),
    "strided callback": (_strange_callback, "contiguous"),
    "callback without number": (_callback_without_number, "needs the number of a callback"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_plan_is_refused(name: str) -> None:
    draft = Draft()
    draft.add("copy", [draft.external(0, (4, 3))], [draft.external(1, (4, 3), write=True)])
    draft.build()
    change, message = WRONG[name]
    change(draft)
    with pytest.raises(ValueError, match=message):
        draft.build()


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, 1, "aren't a plan"),
        (1, 2, "another version"),
        (2, 1 << 40, "too many buffers"),
        (2, -1, "too many buffers"),
        (4, 13, "dtype"),
        (4, -1, "dtype"),
        (5, -1, "number of elements"),
        (5, 1 << 50, "number of elements"),
    ],
)
def test_a_wrong_word_is_refused(place: int, value: int, message: str) -> None:
    words = straight().words()
    words[place] = value
    with pytest.raises(ValueError, match=message):
        core().Plan(words, straight().constants, [])


def test_words_that_are_no_plan() -> None:
    words = straight().words()
    for wrong in (array("q"), words[:-1], words[:3], array("q", [*words, 0]), b"\0" * 12):
        with pytest.raises(ValueError, match=r"words|too many"):
            core().Plan(wrong, [], [])
    with pytest.raises(TypeError):
        core().Plan(3, [], [])
    with pytest.raises(TypeError):
        core().Plan(words, 3, [])


def test_a_nested_plan_may_not_be_longer_than_the_words() -> None:
    empty = [0x636F726E75, 1, 0, 0, 0]
    for length in (7, 1 << 40, -1):  # 6 are there
        words = array("q", [*empty, 1, length, *empty, 0])
        with pytest.raises(ValueError, match="longer than the words"):
            core().Plan(words, [], [])
    assert core().Plan(array("q", [*empty, 1, 6, *empty, 0]), [], []).instructions == 0


def test_a_nested_plan_must_fit_its_instruction() -> None:
    def scan(change: Callable[[Draft], None]) -> Draft:
        draft = looping()
        change(draft)
        return draft

    def body(draft: Draft) -> Any:
        return draft.plan.instructions[0].nested[0]

    def attributes(*values: int) -> Callable[[Draft], None]:
        return lambda d: setattr(d.plan.instructions[0], "attributes", values)

    looping().build()
    for change in (
        lambda d: setattr(body(d).buffers[0], "count", 4),
        lambda d: setattr(body(d).buffers[0], "dtype", "int32"),
        lambda d: setattr(body(d).buffers[0], "place", 7),
        lambda d: setattr(body(d).buffers[0], "flags", 1),
        lambda d: setattr(d.plan.instructions[0], "nested", []),
        attributes(1, 0, 1, 0, 4, 0, 0),
        attributes(1, 0, 1, 0, -5, 0, 0),
        attributes(2, 0, 0, 0, 5, 0, 0),
        attributes(-1, 2, 1, 0, 5, 0, 0),
        attributes(1, 0, 1, 0, 5, 0, 1),
        attributes(1, 0, 1, 1, 5, 0, 0),
        attributes(1, 0, 1, 0, 5, 0),
        attributes(1 << 62, 1 << 62, 1 << 62, 0, 5, 0, 0),
    ):
        with pytest.raises(ValueError, match=r"Instruction 0 \(scan\)|operand leaves"):
            scan(change).build()


def test_deeply_nested_plans_are_refused() -> None:
    empty = [0x636F726E75, 1, 0, 0, 0]  # no buffer, no arena, no instruction
    words = [*empty, 0]
    for _ in range(1000):
        words = [*empty, 1, len(words), *words]
    with pytest.raises(ValueError, match="nested too deeply"):
        core().Plan(array("q", words), [], [])


def test_externals_are_checked_at_each_run() -> None:
    plan = straight().build()
    x, y = np.zeros((4, 3), "f"), np.zeros((4, 5), "f")
    with pytest.raises(ValueError, match="has 2 externals, but got 1"):
        plan.run([x], True)
    with pytest.raises(ValueError, match="External 0 must have 48 bytes, but has 44"):
        plan.run([np.zeros(11, "f"), y], True)
    with pytest.raises(ValueError, match="External 1 must have 80 bytes"):
        plan.run([x, np.zeros((4, 6), "f")], True)
    unaligned = np.zeros(49, "u1")[1:].view("f")
    with pytest.raises(ValueError, match="External 0 isn't aligned"):
        plan.run([unaligned, y], True)
    y.flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        plan.run([x, y], True)
    with pytest.raises((ValueError, BufferError)):
        plan.run([np.zeros((3, 4), "f").T, y.copy()], True)
    with pytest.raises(TypeError):
        plan.run([x, 3], True)
    with pytest.raises(TypeError):
        plan.run(3, True)


def test_an_arena_larger_than_memory_is_an_error() -> None:
    draft = straight()
    draft.plan.arena_bytes = 1 << 44
    with contextlib.suppress(MemoryError):  # the system may promise it
        draft.build()


# Fuzzing

INTERESTING = st.sampled_from(
    [*range(-1, 10), 63, 64, 1 << 20, 1 << 31, 1 << 44, (1 << 44) + 1, (1 << 63) - 1, -(1 << 63)]
)
NUMBER = INTERESTING | st.integers(-8, 80) | st.integers(-(1 << 63), (1 << 63) - 1)
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), NUMBER), min_size=1, max_size=4)


@settings(max_examples=1500, deadline=None)
@given(changes=CHANGES, loops=st.booleans(), cut=st.integers(0, 40))
def test_any_words_are_a_plan_or_a_value_error(
    changes: list[tuple[int, int]], loops: bool, cut: int
) -> None:
    draft = looping() if loops else straight()
    words = draft.words()
    for place, value in changes:
        words[place % len(words)] = value
    if cut > 30:
        words = words[: -(cut - 30)]
    try:
        plan = core().Plan(words, draft.constants, draft.callbacks)
    except (ValueError, MemoryError):
        return
    if loops:
        return  # it may have become a loop of a trillion empty steps
    externals = [np.ones((4, 3), "f"), np.ones((4, 5), "f")]
    try:
        plan.run(externals, True)
    except (ValueError, IndexError, core().PlanFailure):
        pass  # such as a callback that doesn't exist, or got another size
