"""Every allocation of the core fails once: MemoryError, and afterwards all is as before.

Needs a core that was compiled with -DCORNU_TEST_HOOKS=ON; `csrc/sanitize.sh` runs it.
"""

from __future__ import annotations

import numpy as np

from cornu.backends.native.loader import core
from tests.native.plans import Draft


def workload() -> None:
    """Build and run a plan with everything in it that takes memory."""
    draft = Draft()
    xs, start = draft.external(0, (5, 3)), draft.external(1, (3,))
    body = draft.nested()
    s, x = body.external(0, (3,)), body.external(1, (3,))
    body.call(np.add, [s, x], body.external(2, (3,), write=True))
    summed = draft.arena((3,))
    draft.add("scan", [start, xs], [summed], [1, 0, 1, 0, 5, 0, 0], bodies=[body])
    w = draft.constant(np.eye(3, dtype="f"))
    row = draft.external(2, (1, 3), write=True)
    summed.shape, summed.strides = (1, 3), (3, 1)
    draft.add("gemm", [summed, w], [row], [0, 0, 0])
    draft.plan.instructions[0].outputs[0].shape = (1, 3)
    plan = draft.build()
    source, out = np.arange(15, dtype="f").reshape(5, 3), np.zeros((1, 3), "f")
    first = np.zeros(3, "f")
    plan.run([source, first, out], True)
    np.testing.assert_array_equal(out, source.sum(0)[None])
    batches = [(0, source, 12, core().row_kinds()["copy"])]
    plan.run_many([None, first, out], batches, np.arange(4, -1, -1), 5, 1, 0, 60.0, True)
    np.testing.assert_array_equal(out, source.sum(0)[None])
    assert len(plan.profile([source, first, out])) == 2


def test_each_allocation_may_fail() -> None:
    fail = core().fail_allocation
    workload()
    fail(0)
    workload()
    count = fail(0)
    assert count > 50
    for n in range(1, count + 1):
        fail(n)
        try:
            workload()
        except MemoryError:
            failed = True
        else:
            failed = False
        assert failed, f"allocation {n} failed, and nobody noticed"
    fail(0)
    workload()


def test_a_failing_callback_may_fail_to_be_reported() -> None:
    """What goes wrong while an error is kept doesn't hide the error."""
    fail = core().fail_allocation

    def callback(*views: memoryview) -> None:
        raise LookupError("callback")

    draft = Draft([callback])
    draft.add("python", [draft.external(0, (3,))], [draft.external(1, (3,), write=True)], [0])
    plan = draft.build()
    arrays = [np.zeros(3, "f"), np.zeros(3, "f")]

    def run() -> str:
        try:
            plan.run(arrays, True)
        except (LookupError, MemoryError) as error:
            return type(error).__name__
        return "nothing"

    fail(0)
    assert run() == "LookupError"
    count = fail(0)
    for n in range(1, count + 1):
        fail(n)
        assert run() in ("LookupError", "MemoryError")
    fail(0)
    assert run() == "LookupError"
