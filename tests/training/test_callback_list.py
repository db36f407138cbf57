from __future__ import annotations

import pytest

from cornu.training.callback_list import CallbackList
from cornu.training.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgbarLogger,
    TerminateOnNaN,
)
from cornu.training.logs import Logs
from tests.training.fake_model import FakeModel


class Recorder(Callback):
    def __init__(self, interval=None):
        super().__init__()
        self.batch_interval = interval
        self.begins = []
        self.ends = []

    def on_train_batch_begin(self, batch, logs=None):
        self.begins.append(batch)

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(batch)


class OldNames(Callback):
    def on_batch_end(self, batch, logs=None):
        pass


def run(callbacks, steps, budget=1000, logs=None):
    """The inner loop of training; gives the steps at which runs ended."""
    done, ends = 0, []
    while done < steps:
        stop = callbacks.next_stop(done)
        stop = steps if stop is None else min(stop, steps)
        callbacks.before(done)
        done = min(stop, done + budget)
        callbacks.after(done, logs or {"loss": 1.0}, last=done == steps)
        ends.append(done)
    return ends


@pytest.mark.parametrize(
    ("callback", "wanted"),
    [
        (Callback(), False),
        (History(), False),
        (EarlyStopping(), False),
        (ProgbarLogger(), False),
        (ModelCheckpoint("a.keras"), False),
        (BackupAndRestore("folder"), False),
        (LambdaCallback(on_epoch_end=print), False),
        (LambdaCallback(on_test_batch_end=print), False),
        (ModelCheckpoint("a.keras", save_freq=100), True),
        (TerminateOnNaN(), True),
        (OldNames(), True),
        (LambdaCallback(on_train_batch_begin=print), True),
        (LambdaCallback(on_batch_begin=print), True),
        (Recorder(), True),
        (Recorder(interval=0), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_batches_are_only_looked_at_by_callbacks_that_do(callback, wanted):
    callbacks = CallbackList([callback])
    assert callbacks.wants_train_batch is wanted
    assert not callbacks.wants_predict_batch
    assert (callbacks.next_stop(3) is not None) is wanted


def test_a_hook_set_on_the_object_counts_from_then_on():
    callback = Callback()
    callbacks = CallbackList([callback])
    assert not callbacks.wants_test_batch
    callback.on_test_batch_end = lambda batch, logs: None
    assert callbacks.wants_test_batch
    assert callbacks.next_stop(0, mode="test") == 1


def test_without_anybody_looking_an_epoch_is_one_run():
    assert run(CallbackList([History(), ProgbarLogger()], verbose=0, epochs=1, steps=9), 9) == [9]


def test_every_batch_is_seen_by_default():
    callback = Recorder()
    assert run(CallbackList([callback]), 3) == [1, 2, 3]
    assert callback.begins == callback.ends == [0, 1, 2]


@pytest.mark.parametrize("budget", [1, 2, 1000])
def test_steps_per_execution_calls_hooks_as_often_as_keras(budget):
    model = FakeModel()
    model.steps_per_execution = 3
    callback = Recorder()
    run(CallbackList([callback], model=model), 10, budget)
    assert callback.begins == [0, 3, 6, 9]
    assert callback.ends == [2, 5, 8, 9]


@pytest.mark.parametrize("budget", [1, 3, 1000])
def test_an_interval_lets_batches_pass(budget):
    every, fourth = Recorder(), Recorder(interval=4)
    run(CallbackList([fourth]), 10, budget)
    assert fourth.begins == [0, 4, 8]
    assert fourth.ends == [3, 7, 9]
    fourth.ends.clear()
    run(CallbackList([every, fourth]), 10, budget)
    assert every.ends == list(range(10))
    assert fourth.ends == [3, 7, 9]


def test_runs_end_where_the_nearest_callback_waits():
    assert run(CallbackList([Recorder(interval=4), Recorder(interval=6)]), 14) == [4, 6, 8, 12, 14]


def test_a_checkpoint_ends_runs_only_where_it_saves(tmp_path):
    model = FakeModel()
    callbacks = CallbackList([ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=7)])
    callbacks.set_model(model)
    ends = []
    for epoch in range(3):
        callbacks.on_epoch_begin(epoch)
        ends.append(run(callbacks, 10))
    assert ends == [[7, 10], [4, 10], [1, 8, 10]]
    assert [path.rpartition("/")[2] for _, path in model.saved] == [
        "1-7.keras",
        "2-4.keras",
        "3-1.keras",
        "3-8.keras",
    ]


def test_the_end_of_a_stream_reports_what_is_left_once():
    model = FakeModel()
    model.steps_per_execution = 4
    callback = Recorder()
    callbacks = CallbackList([callback], model=model)
    for step in range(6):
        callbacks.before(step)
        callbacks.after(step + 1)
    callbacks.after(6, last=True)
    callbacks.after(6, last=True)
    assert callback.ends == [3, 5]


def test_logs_are_computed_when_they_are_read_and_once():
    calls = []

    def compute():
        calls.append(1)
        return {"loss": 0.5}

    silent, reader = Recorder(), []
    look = LambdaCallback(on_train_batch_end=lambda batch, logs: reader.append(dict(logs)))
    callbacks = CallbackList([silent, look, look])
    for _ in range(2):
        CallbackList([silent]).after(1, compute)
    assert not calls
    callbacks.after(1, compute)
    assert reader == [{"loss": 0.5}, {"loss": 0.5}]
    assert len(calls) == 1


def test_logs_of_an_epoch_are_shared_sorted_and_plain():
    import numpy as np

    model = FakeModel()
    callbacks = CallbackList(
        [LearningRateScheduler(lambda epoch: 0.25)], add_history=True, model=model
    )
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    given = {"loss": np.float32(2), "acc": np.array(0.5)}
    callbacks.on_epoch_end(0, given)
    assert model.history.history == {"acc": [0.5], "loss": [2.0], "learning_rate": [0.25]}
    assert all(type(value[0]) is float for value in model.history.history.values())
    assert list(given) == ["loss", "acc"]


def test_history_and_bar_are_added_unless_they_are_there():
    history = History()
    callbacks = CallbackList([history], add_history=True, add_progbar=True, model=FakeModel())
    assert [type(each) for each in callbacks.callbacks] == [History, ProgbarLogger]
    assert callbacks.model.history is history


def test_a_loop_of_ones_own_calls_all_hooks():
    seen = []

    class All(Callback):
        def __getattribute__(self, name):
            if name.startswith("on_"):
                seen.append(name)
            return super().__getattribute__(name)

    callbacks = CallbackList(All())
    for mode in ("train", "test", "predict"):
        getattr(callbacks, f"on_{mode}_begin")()
        getattr(callbacks, f"on_{mode}_batch_begin")(0)
        getattr(callbacks, f"on_{mode}_batch_end")(0, {})
        getattr(callbacks, f"on_{mode}_end")()
    callbacks.on_batch_begin(0)
    callbacks.on_batch_end(0)
    callbacks.on_epoch_begin(0)
    callbacks.on_epoch_end(0)
    assert set(seen) == {name for name in dir(Callback) if name.startswith("on_")}


def test_an_object_that_only_looks_like_a_callback_is_called():
    class Duck:
        def __init__(self):
            self.seen = []

        def set_model(self, model):
            self.model = model

        def set_params(self, params):
            pass

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append(epoch)

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(f"batch {batch}")

    duck = Duck()
    callbacks = CallbackList([duck], model=FakeModel(), epochs=1)
    callbacks.on_train_begin()
    run(callbacks, 2)
    callbacks.on_epoch_end(0)
    assert duck.seen == ["batch 0", "batch 1", 0]


def test_states_go_back_to_their_callbacks():
    stop = EarlyStopping("loss")
    stop.best, stop.wait = 0.5, 2
    state = CallbackList([Callback(), stop], add_history=True).get_state()
    again = EarlyStopping("loss")
    callbacks = CallbackList([Callback(), again], add_history=True)
    callbacks.set_state_after_begin(state)
    callbacks.set_state(state)
    assert (again.best, again.wait) == (0.5, 2)
    second = EarlyStopping("loss")
    CallbackList([again, second]).set_state(state)
    assert second.best is None  # there was only one


@pytest.mark.parametrize(
    "read",
    [
        lambda logs: logs["loss"] == 1,
        lambda logs: logs.get("loss") == 1,
        lambda logs: "loss" in logs,
        lambda logs: len(logs) == 1,
        lambda logs: bool(logs),
        lambda logs: list(logs) == ["loss"],
        lambda logs: dict(logs) == {"loss": 1},
        lambda logs: {**logs} == {"loss": 1},
        lambda logs: {} | logs == {"loss": 1},
        lambda logs: logs | {} == {"loss": 1},
        lambda logs: logs == {"loss": 1},
        lambda logs: logs.copy() == {"loss": 1},
        lambda logs: list(logs.items()) == [("loss", 1)],
        lambda logs: list(logs.values()) == [1],
        lambda logs: logs.pop("loss") == 1,
        lambda logs: logs.setdefault("loss", 2) == 1,
        lambda logs: repr(logs) == "{'loss': 1.0}",
        lambda logs: __import__("json").dumps(logs) == '{"loss": 1.0}',
        lambda logs: __import__("copy").copy(logs) == {"loss": 1},
        lambda logs: __import__("pickle").loads(__import__("pickle").dumps(logs)) == {"loss": 1},
        lambda logs: "{loss}".format(**logs) == "1.0",
        lambda logs: isinstance(logs, dict),
    ],
)
def test_lazy_logs_read_as_a_dict(read):
    assert read(Logs(lambda: {"loss": 1}))


def test_lazy_logs_can_be_added_to():
    logs = Logs(lambda: {"loss": 1})
    logs["more"] = 2
    logs.update(other=3)
    assert logs == {"loss": 1.0, "more": 2, "other": 3}
