"""A trained model goes on in the child of a fork, while another thread trains too."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import os, threading, warnings
import numpy as np
import cornu
from cornu import layers
from cornu.backends.native.loader import core

warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: that's the test
core().set_threads(2)
x = np.random.default_rng(0).standard_normal((512, 64)).astype("float32")
y = x[:, :8] * 2


def a_model():
    cornu.utils.set_random_seed(5)
    model = cornu.Sequential([cornu.Input((64,)), layers.Dense(512), layers.Dense(8)])
    model.compile("adam", "mse")
    return model


def go_on(model):
    model.fit(x, y, epochs=2, batch_size=256, shuffle=False, verbose=0)
    return [w.tobytes() for w in model.get_weights()]


model, twin, other = a_model(), a_model(), a_model()
go_on(model)
go_on(twin)
expected = go_on(twin)
stop = threading.Event()
def train():
    while not stop.is_set():
        go_on(other)
thread = threading.Thread(target=train, daemon=True)
thread.start()
for _ in range(5):
    child = os.fork()
    if child == 0:
        os._exit(0 if go_on(model) == expected else 1)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
stop.set()
thread.join()
assert go_on(model) == expected
print("the same")
"""

if hasattr(os, "fork"):

    def test_training_goes_on_in_the_child_of_a_fork() -> None:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={
                **os.environ,
                "CORNU_BACKEND": "native",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )
        assert done.stdout == "the same\n", done.stderr
