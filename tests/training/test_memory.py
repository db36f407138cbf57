"""What is done over and over doesn't let the process grow."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cornu import settings

WARM_UP = 500  # rounds that aren't measured: imports, caches, and the allocator's own memory
MOST_KB = 1024

PROGRAM = """
import sys
from collections import deque
import numpy as np
import cornu
from cornu import layers, ops

x = np.random.default_rng(0).standard_normal((8, 5)).astype("float32")
y = x[:, :1]
alive = deque(maxlen=5)


def resident_kb():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1])


def make(optimizer="sgd"):
    model = cornu.Sequential(
        [cornu.Input((5,)), layers.Dense(7, activation="relu"), layers.Dense(1)]
    )
    model.compile(optimizer, "mse")
    return model


def models():
    model = make()
    model.fit(x, y, verbose=0)
    model.predict(x, verbose=0)


def several_models():
    alive.append(make())
    for model in alive:
        model.fit(x, y, verbose=0)


def clear_session():
    models()
    cornu.utils.clear_session()


def functions():
    square = cornu.jit(lambda a: ops.sum(a * a) + 1.0)
    square(x)
    square(y)
    cornu.jit(cornu.grad(lambda a: ops.sum(ops.exp(a))))(x)


def generators():
    model = make("adam")
    model.fit(((x, y) for _ in range(3)), verbose=0)
    model.predict(((x,) for _ in range(2)), verbose=0)


def failures():
    model = make()
    try:
        model.fit(((x[:, :n], y) for n in (5, 3)), verbose=0)
    except ValueError:
        return
    raise AssertionError("the second batch fits")


run, warm_up, times = globals()[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])
for _ in range(warm_up):
    run()
before = resident_kb()
for _ in range(times):
    run()
print("grown by", resident_kb() - before)
"""


CASES = [
    ("models", 10_000),
    ("several_models", 1000),
    ("clear_session", 1000),
    ("functions", 1000),
    ("generators", 1000),
    ("failures", 1000),
]


@pytest.mark.slow
@pytest.mark.parametrize(("case", "times"), CASES)
def test_memory_stays_what_it_is(case: str, times: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, case, str(WARM_UP), str(times)],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "CORNU_BACKEND": settings.chosen_backend().name,
            "OMP_NUM_THREADS": "1",
        },
    )
    assert done.returncode == 0, done.stderr
    grown = int(done.stdout.removeprefix("grown by"))
    assert grown < MOST_KB, f"{grown} KB after {times} times"
