"""Errors and Ctrl-C: the model holds the weights of the last finished step, and `fit` goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import cornu
from cornu import layers, ops
from tests.marks import checked_indices

X = np.random.default_rng(0).standard_normal((64, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def _ctrl_c_is_heard() -> Iterator[None]:
    """Also where the tests run in the background, whose processes ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def state(model: Any) -> list[np.ndarray]:
    variables = [*model.variables, *model.optimizer.variables]
    return [v.numpy() for v in variables]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all((x == y).all() for x, y in zip(a, b, strict=True))


class Recorder(cornu.callbacks.Callback):
    """Keeps the state after each step, and raises at one of them."""

    def __init__(self, raise_at: int | None = None, error: type[BaseException] = RuntimeError):
        super().__init__()
        self.raise_at, self.error = raise_at, error
        self.states: list[list[np.ndarray]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.states.append(state(self.model))
        if len(self.states) == self.raise_at:
            raise self.error("stop here")


def a_model(*more: Any, loss: Any = "mse", **options: Any) -> Any:
    cornu.utils.set_random_seed(1)
    model = cornu.Sequential(
        [cornu.Input((4,)), layers.Dense(8), layers.BatchNormalization(), *more, layers.Dense(1)]
    )
    model.compile(cornu.optimizers.Adam(0.01), loss, **options)
    return model


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_error_in_a_callback_leaves_the_last_finished_step(error: type[BaseException]) -> None:
    model, recorder = a_model(), Recorder(5, error)
    with pytest.raises(error, match="stop here"):
        model.fit(X, Y, batch_size=8, callbacks=[recorder], verbose=0)
    assert same(state(model), recorder.states[4])


def test_fit_goes_on_after_an_interrupt() -> None:
    model = a_model()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=8, callbacks=[Recorder(5, KeyboardInterrupt)], verbose=0)
    first = model.evaluate(X, Y, verbose=0)
    model.fit(X, Y, batch_size=8, epochs=20, verbose=0)
    assert model.evaluate(X, Y, verbose=0) < first
    assert int(model.optimizer.iterations.numpy()) == 5 + 20 * 8


def test_error_in_the_data_leaves_the_last_finished_step() -> None:
    def batches() -> Any:
        for i in range(8):
            if i == 3:
                raise OSError("disk gone")
            yield X[i * 8 : i * 8 + 8], Y[i * 8 : i * 8 + 8]

    model, recorder = a_model(), Recorder()
    with pytest.raises(OSError, match="disk gone"):
        model.fit(batches(), callbacks=[recorder], verbose=0)
    assert len(recorder.states) == 3
    assert same(state(model), recorder.states[2])


def test_batch_of_a_wrong_shape_leaves_the_last_finished_step() -> None:
    def batches() -> Any:
        for i in range(4):
            yield (X[:8], Y[:8]) if i < 3 else (X[:8, :3], Y[:8])

    model, recorder = a_model(), Recorder()
    with pytest.raises(ValueError, match=r"\b3\b"):
        model.fit(batches(), callbacks=[recorder], verbose=0)
    assert len(recorder.states) == 3
    assert same(state(model), recorder.states[2])
    model.fit(X, Y, verbose=0)


@pytest.mark.parametrize("where", ["call", "loss", "metric"])
def test_error_while_a_step_is_compiled_leaves_the_model_as_it_was(where: str) -> None:
    class Faulty(layers.Layer):
        broken = False

        def call(self, x: Any) -> Any:
            if self.broken and where == "call":
                raise RuntimeError("no way through")
            return x

    def loss(y: Any, p: Any) -> Any:
        if layer.broken and where == "loss":
            raise RuntimeError("no way through")
        return ops.mean((y - p) ** 2, axis=-1)

    def metric(y: Any, p: Any) -> Any:
        if layer.broken and where == "metric":
            raise RuntimeError("no way through")
        return ops.mean(y - p, axis=-1)

    layer = Faulty()
    model = a_model(layer, loss=loss, metrics=[metric])
    model.fit(X, Y, batch_size=8, verbose=0)
    before = state(model)
    layer.broken = True
    with pytest.raises(RuntimeError, match="no way through"):
        model.fit(X, Y, batch_size=8, verbose=0)
    assert same(state(model), before)
    layer.broken = False
    model.fit(X, Y, batch_size=8, verbose=0)


def test_error_in_the_very_first_step_leaves_an_optimizer_that_still_works() -> None:
    class Faulty(layers.Layer):
        broken = True

        def call(self, x: Any) -> Any:
            if self.broken and not isinstance(x, cornu.KerasTensor):
                raise RuntimeError("no way through")
            return x

        def compute_output_spec(self, x: Any) -> Any:
            return cornu.KerasTensor(x.shape, x.dtype)

    layer = Faulty()
    model = a_model(layer)
    with pytest.raises(RuntimeError, match="no way through"):
        model.fit(X, Y, verbose=0)
    layer.broken = False
    model.fit(X, Y, verbose=0, epochs=2)
    slots = len(model.optimizer.variables)
    assert slots == 2 + 2 * len(model.trainable_variables)


@checked_indices
def test_index_out_of_range_in_the_middle_leaves_the_last_finished_step() -> None:
    cornu.utils.set_random_seed(0)
    model = cornu.Sequential(
        [
            cornu.Input((2,), dtype="int32"),
            layers.Embedding(5, 3),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    x = np.zeros((24, 2), "int32")
    x[17] = 7  # in the third batch
    recorder = Recorder()
    with pytest.raises(IndexError):
        model.fit(x, np.ones((24, 1)), batch_size=8, callbacks=[recorder], shuffle=False, verbose=0)
    assert len(recorder.states) == 2
    assert same(state(model), recorder.states[1])


def a_reader_of_words() -> Any:
    model = cornu.Sequential(
        [
            cornu.Input((2,), dtype="int32"),
            layers.Embedding(5, 3),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    return model


@checked_indices
def test_index_out_of_range_names_its_batch() -> None:
    x = np.zeros((40, 2), "int64")
    x[17] = 7
    with pytest.raises(IndexError) as info:
        a_reader_of_words().fit(x, np.ones((40, 1)), batch_size=8, shuffle=False, verbose=0)
    assert "number 3 of this epoch" in str(info.value)


def test_number_too_large_for_a_batch_names_its_data_and_its_batch() -> None:
    model = a_reader_of_words()
    x = np.zeros((40, 2), "int64")
    x[25] = 2**40
    with pytest.raises(ValueError, match="values beyond int32") as info:
        model.fit(x, np.ones((40, 1)), batch_size=8, shuffle=False, verbose=0)
    assert "`x`" in str(info.value)
    assert "number 4 of this epoch" in str(info.value)
    assert int(model.optimizer.iterations) == 3  # the batches before it were trained on


def test_eager_step_that_fails_half_way_changes_nothing() -> None:
    class Half(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

        def train_step(self, data: Any) -> dict[str, Any]:
            self.dense.kernel.assign(self.dense.kernel + 1.0)
            raise RuntimeError("half way")

    model = Half()
    model.compile("sgd", "mse", run_eagerly=True)
    model(X)
    before = model.dense.kernel.numpy()
    with pytest.raises(RuntimeError, match="half way"):
        model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.dense.kernel.numpy(), before)


def test_signal_in_a_step_is_held_back_until_the_step_is_done() -> None:
    seen: list[int] = []

    def data() -> Any:
        for i in range(8):
            if i == 4:
                os.kill(os.getpid(), signal.SIGINT)
            yield X[:8], Y[:8]

    class Counts(cornu.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)

    model = a_model()
    with pytest.raises(KeyboardInterrupt):
        model.fit(data(), callbacks=[Counts()], verbose=0)
    assert int(model.optimizer.iterations.numpy()) in (len(seen), len(seen) + 1)


def test_handler_of_the_program_is_called_after_the_step_and_is_back_in_place() -> None:
    calls: list[int] = []

    def handler(signum: int, frame: Any) -> None:
        calls.append(signum)

    before = signal.signal(signal.SIGINT, handler)
    try:
        model = a_model()

        class Sends(cornu.callbacks.Callback):
            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                os.kill(os.getpid(), signal.SIGINT)

        model.fit(X, Y, callbacks=[Sends()], verbose=0)
        assert calls == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


PROGRAM = """
import signal
import sys
import numpy as np
import cornu
from cornu import layers

x = np.random.default_rng(0).standard_normal((256, 8)).astype("float32")
y = x[:, :1] * 2
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it
cornu.utils.set_random_seed(3)


def make():
    model = cornu.Sequential([cornu.Input((8,)), layers.Dense(16), layers.Dense(1)])
    model.compile(cornu.optimizers.Adam(0.001), "mse")
    return model


model, twin = make(), make()
model.optimizer.build(model.trainable_variables)
twin.optimizer.build(twin.trainable_variables)
twin.set_weights(model.get_weights())
before = 0
print("ready", flush=True)
for attempt in range(int(sys.argv[1])):
    try:
        # It would take hours: a signal ends it.
        model.fit(x, y, batch_size=16, epochs=1_000_000, shuffle=False, verbose=0)
    except KeyboardInterrupt:
        pass
    done = int(model.optimizer.iterations.numpy())
    for i in range(done - before):  # the twin does the same steps, one by one
        at = i % 16 * 16
        twin.train_on_batch(x[at : at + 16], y[at : at + 16])
    before = done
    ours = [*model.variables, *model.optimizer.variables]
    for a, b in zip(ours, [*twin.variables, *twin.optimizer.variables]):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=f"{a.path}, {done} steps")
    print("checked", done, flush=True)
print("whole", flush=True)
"""


def test_ctrl_c_at_random_moments_never_tears_a_step() -> None:
    """Twenty signals to one process: after each, weights and slots are of one and the same step."""
    moments = random.Random(7)
    program = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), "20"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert program.stdout is not None
    assert program.stderr is not None
    try:
        assert program.stdout.readline() == "ready\n", program.stderr.read()
        for _ in range(20):
            try:
                program.wait(moments.uniform(0.02, 0.15))
                pytest.fail(program.stderr.read())
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGINT)
            checked = program.stdout.readline()
            assert checked.startswith("checked"), checked + program.stderr.read()
        assert program.stdout.readline() == "whole\n"
        assert program.wait(20) == 0
    finally:
        program.kill()
