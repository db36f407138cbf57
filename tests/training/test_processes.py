"""Several models, threads and processes at once; and how soon Ctrl-C is heard."""

from __future__ import annotations

import multiprocessing
import os
import signal
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers

_random = np.random.default_rng(0)
X = _random.standard_normal((256, 64)).astype("float32")
Y = X[:, :8] * 2
IMAGES = X.reshape(256, 8, 8, 1)


def a_model(kind: str = "dense", width: int = 256) -> Any:
    cornu.utils.set_random_seed(5)
    if kind == "conv":
        first: list[Any] = [
            cornu.Input((8, 8, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Dropout(0.3),
            layers.Flatten(),
        ]
    elif kind == "recurrent":
        first = [cornu.Input((8, 8)), layers.LSTM(16)]
    else:
        first = [cornu.Input((64,)), layers.Dense(width, activation="relu"), layers.Dropout(0.2)]
    model = cornu.Sequential([*first, layers.Dense(8)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def trained(model: Any, kind: str = "dense") -> list[bytes]:
    x = {"conv": IMAGES, "recurrent": X.reshape(256, 8, 8)}.get(kind, X)
    model.fit(x, Y, epochs=3, batch_size=64, shuffle=False, verbose=0)
    return [w.tobytes() for w in model.get_weights()]


def test_different_models_train_and_predict_in_many_threads_as_in_one() -> None:
    kinds = ["dense", "conv", "recurrent"] * 2
    expected = [trained(a_model(kind), kind) for kind in kinds]
    models = [a_model(kind) for kind in kinds]
    with ThreadPoolExecutor(len(kinds)) as pool:
        found = list(pool.map(trained, models, kinds))
    assert found == expected


def train_in_child(results: Any) -> None:
    results.put(trained(a_model()))


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_new_processes_train_to_the_same_bits(method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    results = context.Queue()
    expected = trained(a_model())  # with threads of its own, in this process
    children = [context.Process(target=train_in_child, args=(results,)) for _ in range(2)]
    for child in children:
        child.start()
    found = [results.get(timeout=120) for _ in children]
    for child in children:
        child.join(60)
    assert found == [expected, expected]


def step_and_interrupt(model: Any) -> tuple[float, float]:
    """Return how long a step takes, and how long a signal in the middle of `fit` took to end it."""
    x, y = np.tile(X, (16, 1)), np.tile(Y, (16, 1))
    begin = time.perf_counter()
    model.fit(x, y, batch_size=1024, verbose=0)
    step = (time.perf_counter() - begin) / 4
    sent: list[float] = []

    def send() -> None:
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, send)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=1024, epochs=100_000, verbose=0)
    heard = time.perf_counter() - sent[0]
    timer.join()
    return step, heard


def test_ctrl_c_is_heard_a_fifth_of_a_second_after_the_step_at_the_latest() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        model = a_model(width=1024)
        trained(model)
        # The machine may be busy: what counts is what is usual.
        found = [step_and_interrupt(model) for _ in range(5)]
        assert statistics.median(heard - step for step, heard in found) < 0.2
        count = int(model.optimizer.iterations.numpy())
        model.fit(X, Y, batch_size=64, verbose=0)
        assert int(model.optimizer.iterations.numpy()) == count + 4
    finally:
        signal.signal(signal.SIGINT, before)
