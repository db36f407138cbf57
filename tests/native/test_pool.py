"""Threads: the same bits on any number of them, and nothing that can hang."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cornu.backends.native.loader import core
from tests.native.plans import Draft

RNG = np.random.default_rng(0)
N = 192


@pytest.fixture(autouse=True)
def _threads_as_before() -> Iterator[None]:
    before = core().get_threads()
    yield
    core().set_threads(before)


def products(count: int = 4) -> Any:
    """Return y = x w w w .., each product large enough for several threads."""
    draft = Draft()
    x, w = draft.external(0, (N, N)), draft.external(1, (N, N))
    for i in range(count):
        last = i == count - 1
        y = draft.external(2, (N, N), write=True) if last else draft.arena((N, N))
        draft.add("gemm", [x, w], [y], [0, 0, 0])
        x = y
    return draft.build()


def inputs(seed: int = 0) -> list[Any]:
    rng = np.random.default_rng(seed)
    x, w = (rng.normal(size=(N, N)).astype("f") for _ in range(2))
    return [x, w / np.float32(np.sqrt(N)), np.zeros((N, N), "f")]


def run(plan: Any, seed: int = 0) -> Any:
    arrays = inputs(seed)
    plan.run(arrays, True)
    return arrays[2]


def test_bits_are_equal_on_any_number_of_threads() -> None:
    plan = products()
    core().set_threads(1)
    wanted = run(plan)
    x, w, _ = inputs()
    np.testing.assert_allclose(wanted, x @ w @ w @ w @ w, rtol=1e-3, atol=1e-4)
    for threads in (2, 3, 2, 1, 5):
        core().set_threads(threads)
        assert core().get_threads() == threads
        for _ in range(20):
            np.testing.assert_array_equal(run(plan), wanted)


def test_workers_do_a_part() -> None:
    plan = products()
    core().set_threads(2)
    end = time.monotonic() + 60
    others = 0.0
    while others < 0.01:
        assert time.monotonic() < end, "nobody else did anything"
        process, thread = time.process_time(), time.thread_time()
        for _ in range(20):
            run(plan)
        others += (time.process_time() - process) - (time.thread_time() - thread)


def test_many_small_regions() -> None:
    """Workers fall asleep and are woken over and over."""
    plan = products(2)
    core().set_threads(3)
    wanted = run(plan)
    for i in range(300):
        if i % 50 == 0:
            time.sleep(0.002)
        np.testing.assert_array_equal(run(plan), wanted)


def test_the_number_of_threads_is_checked() -> None:
    for wrong in (0, -1, 100_000):
        with pytest.raises(ValueError, match="number of threads must be 1 to"):
            core().set_threads(wrong)
    with pytest.raises(TypeError):
        core().set_threads("two")


def in_threads(functions: list[Any]) -> None:
    """Run functions at the same time, and raise what they raised."""
    errors: list[BaseException] = []

    def guarded(function: Any) -> None:
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


@pytest.mark.parametrize("shared", [True, False])
def test_two_callers(shared: bool) -> None:
    """On one plan they take turns; of two plans one has the workers."""
    core().set_threads(2)
    plans = [products()] * 2 if shared else [products(), products()]
    wanted = [run(plan, seed) for seed, plan in enumerate(plans)]

    def work(seed: int) -> None:
        for _ in range(100):
            np.testing.assert_array_equal(run(plans[seed], seed), wanted[seed])

    in_threads([lambda: work(0), lambda: work(1)])


def test_threads_may_be_set_while_plans_run() -> None:
    plan = products()
    wanted = run(plan)
    stop = threading.Event()

    def work() -> None:
        try:
            for _ in range(200):
                np.testing.assert_array_equal(run(plan), wanted)
        finally:
            stop.set()

    def change() -> None:
        while not stop.is_set():
            for threads in (1, 3, 2):
                core().set_threads(threads)
                time.sleep(0.001)

    in_threads([work, change])


def test_a_callback_may_run_another_plan_but_not_its_own() -> None:
    inner = products(1)
    arrays = inputs()
    wanted = run(products(1))
    draft = Draft()
    x = draft.external(0, (N, N))
    seen: list[BaseException] = []

    def callback(a: Any) -> Any:
        inner.run(arrays, True)
        try:
            outer.run([a, np.zeros((N, N), "f")], True)
        except RuntimeError as error:
            seen.append(error)
        return arrays[2].ravel()

    draft.call(callback, [x], draft.external(1, (N, N), write=True))
    outer = draft.build()
    y = np.zeros((N, N), "f")
    outer.run([arrays[0], y], True)
    np.testing.assert_array_equal(y, wanted)
    assert "can't run the plan itself" in str(seen[0])


def test_denormals_are_flushed_in_plans_but_not_in_callbacks() -> None:
    draft = Draft()
    x, h, y = draft.external(0, (N, N)), draft.arena((N, N)), draft.external(1, (N, N), write=True)
    small = np.full(1, 1e-39, "f")  # a denormal number
    seen: list[float] = []

    def look(a: Any) -> Any:
        seen.append(float((small * np.float32(1))[0]))
        return a

    draft.add("gemm", [x, x], [h], [0, 0, 0])
    draft.call(look, [h], y)
    plan = draft.build()
    for threads in (1, 2):
        core().set_threads(threads)
        out = np.ones((N, N), "f")
        plan.run([np.full((N, N), 1e-21, "f"), out], True)  # each of the sums' terms is 1e-42
        assert not out.any()
        assert (small * np.float32(1))[0] != 0
    assert len(seen) == 2
    assert all(seen)


FORK = """
import os, sys, threading, warnings
import numpy as np
from tests.native.test_pool import core, inputs, products, run
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: that's the test
core().set_threads(2)
plan, other = products(), products(40)
wanted, other_wanted = run(plan), run(other)
stop = threading.Event()
def work():
    while not stop.is_set():
        run(other)
thread = threading.Thread(target=work, daemon=True)
thread.start()
for _ in range(ROUNDS):
    child = os.fork()
    if child == 0:
        # `other` was running in a thread that is gone here, and perhaps in a region.
        same = (run(plan) == wanted).all() and (run(other) == other_wanted).all()
        core().set_threads(3)
        same = same and (run(plan) == wanted).all()
        os._exit(0 if same else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    assert (run(plan) == wanted).all()
stop.set()
thread.join()
print("forked")
"""


if hasattr(os, "fork"):

    def test_the_child_of_a_fork_has_threads_of_its_own() -> None:
        code = FORK.replace("ROUNDS", "8")
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
        )
        assert done.stdout == "forked\n", done.stderr


DAEMON = """
import threading, time
from tests.native.test_pool import inputs, products
plans = [products(), products()]
def work(plan):
    arrays = inputs()
    while True:
        plan.run(arrays, True)
for plan in plans:
    threading.Thread(target=work, args=(plan,), daemon=True).start()
time.sleep(0.05)
print("the end")
"""


def test_a_program_may_end_while_plans_run() -> None:
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", DAEMON], capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "the end\n", "")


def test_the_environment_says_how_many_threads() -> None:
    code = "from cornu.backends.native.loader import core; print(core().get_threads())"
    for asked, wanted in (("1", "1"), ("7", "7")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "CORNU_NUM_THREADS": asked},
        )
        assert done.stdout.strip() == wanted
