"""Expected sequences are those of Keras 3.15.1, driven by the same model and logs."""

from __future__ import annotations

import sys
import types
from types import SimpleNamespace

import numpy as np
import pytest

from cornu.training.callbacks import (
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    RemoteMonitor,
    SwapEMAWeights,
    TerminateOnNaN,
)
from tests.training.fake_model import FakeModel, Metric, Variable, train

LOSSES = [5.0, 4.0, 4.0, 4.1, 3.9, 4.0, 4.0, 4.0, 2.0, 3.0]
LOGS = [{"loss": loss, "val_loss": loss} for loss in LOSSES]


@pytest.mark.parametrize(
    ("options", "epochs", "weights", "best"),
    [
        ({}, 3, 2.0, 4.0),
        ({"patience": 2}, 4, 3.0, 4.0),
        ({"patience": 2, "restore_best_weights": True}, 4, 1.0, 4.0),
        ({"patience": 3, "min_delta": 0.5, "restore_best_weights": True}, 5, 1.0, 4.0),
        ({"patience": 2, "baseline": 1.0, "restore_best_weights": True}, 3, 1.0, 4.0),
        ({"patience": 1, "mode": "max"}, 2, 1.0, 5.0),
        ({"patience": 2, "start_from_epoch": 4, "restore_best_weights": True}, 7, 4.0, 3.9),
        ({"patience": 3, "baseline": 4.5}, 8, 7.0, 3.9),
    ],
)
def test_early_stopping_stops_as_in_keras(options, epochs, weights, best):
    model = FakeModel()
    callback = EarlyStopping(**options)
    assert len(train(callback, model, LOGS)) == epochs
    assert (model.weights, callback.best, callback.stopped_epoch) == (weights, best, epochs - 1)


def test_early_stopping_can_be_used_again():
    callback = EarlyStopping(patience=2)
    for _ in range(2):
        assert len(train(callback, FakeModel(), LOGS)) == 4


def test_early_stopping_warns_where_the_metric_is_missing():
    with pytest.warns(UserWarning, match="'val_loss', which isn't there. There are: loss"):
        train(EarlyStopping(), FakeModel(), [{"loss": 1.0}])


@pytest.mark.parametrize(
    ("monitor", "metrics", "epochs"),
    [
        ("val_accuracy", [Metric("accuracy", "up")], 2),
        ("val_mae", [Metric("mae", "down")], 3),
        ("val_age_accuracy", [Metric("accuracy", "up")], 2),
    ],
)
def test_the_metric_knows_which_way_is_better(monitor, metrics, epochs):
    logs = [{monitor: loss} for loss in LOSSES]
    callback = EarlyStopping(monitor=monitor)
    assert len(train(callback, FakeModel(metrics=metrics), logs)) == epochs


@pytest.mark.parametrize("metrics", [[], [Metric("odd", None)]])
def test_a_metric_of_unknown_direction_is_an_error(metrics):
    with pytest.raises(ValueError, match=r'(?s)`val_odd` is better.*mode="max"'):
        train(EarlyStopping(monitor="val_odd"), FakeModel(metrics=metrics), [{"val_odd": 1.0}])


def test_an_unknown_mode_warns_and_is_auto():
    with pytest.warns(UserWarning, match="no mode 'least'"):
        assert EarlyStopping(mode="least").mode == "auto"


@pytest.mark.parametrize(
    ("options", "rates"),
    [
        ({"patience": 1}, [1, 1, 0.1, 0.01, 0.01, 1e-3, 1e-4, 1e-5, 1e-5, 1e-6]),
        ({"patience": 2, "factor": 0.5}, [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]),
        (
            {"patience": 1, "cooldown": 2, "factor": 0.5},
            [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625],
        ),
        (
            {"patience": 1, "min_lr": 0.3, "factor": 0.5},
            [1, 1, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3],
        ),
        ({"patience": 1, "mode": "max", "factor": 0.5}, [2.0**-i for i in range(10)]),
        (
            {"patience": 2, "min_delta": 0.5, "factor": 0.5},
            [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.125],
        ),
    ],
)
def test_the_learning_rate_falls_as_in_keras(options, rates):
    model = FakeModel()
    callback = ReduceLROnPlateau(**options)
    callback.set_model(model)
    callback.on_train_begin()
    before, after = [], []
    for epoch, logs in enumerate(LOGS):
        logs = dict(logs)
        callback.on_epoch_end(epoch, logs)
        before.append(logs["learning_rate"])
        after.append(model.optimizer.learning_rate)
    assert after == pytest.approx(rates)
    assert before == pytest.approx([1.0, *rates[:-1]])


def test_a_plateau_needs_a_factor_below_one():
    with pytest.raises(ValueError, match="`factor` must be below 1"):
        ReduceLROnPlateau(factor=1.0)
    with pytest.warns(UserWarning, match="no argument 'patiance'"):
        ReduceLROnPlateau(patiance=3)


def test_a_schedule_takes_the_epoch_or_also_the_rate():
    model = FakeModel()
    train(LearningRateScheduler(lambda epoch, rate: rate / 2), model, LOGS[:3])
    assert model.optimizer.learning_rate == 0.125
    train(LearningRateScheduler(lambda epoch: np.float32(1 / (epoch + 1))), model, LOGS[:4])
    assert model.optimizer.learning_rate == 0.25


def test_an_error_inside_of_a_schedule_is_its_own():
    def broken(epoch, rate):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        train(LearningRateScheduler(broken), FakeModel(), LOGS[:1])


@pytest.mark.parametrize("rate", ["fast", None, [0.1], True])
def test_a_schedule_must_give_a_number(rate):
    with pytest.raises(ValueError, match="single number"):
        train(LearningRateScheduler(lambda epoch: rate), FakeModel(), LOGS[:1])


def test_several_optimizers_have_rates_of_their_own():
    model = FakeModel()
    model.optimizer = SimpleNamespace(
        optimizers=[SimpleNamespace(name=name, learning_rate=1.0) for name in ("adam", "sgd")]
    )
    logs = {}
    callback = LearningRateScheduler(lambda epoch, rate: rate / 4)
    callback.set_model(model)
    callback.on_epoch_begin(0)
    callback.on_epoch_end(0, logs)
    assert logs == {"learning_rate_adam": 0.25, "learning_rate_sgd": 0.25}


@pytest.mark.parametrize(
    ("options", "epochs"),
    [
        ({"save_best_only": True}, [0, 1, 4, 8]),
        ({"save_best_only": True, "mode": "max"}, [0]),
        ({"save_best_only": True, "initial_value_threshold": 4.05}, [1, 4, 8]),
        ({}, list(range(10))),
    ],
)
def test_a_checkpoint_is_saved_as_in_keras(tmp_path, options, epochs):
    model = FakeModel()
    train(ModelCheckpoint(tmp_path / "{epoch}.keras", **options), model, LOGS)
    assert model.saved == [("model", str(tmp_path / f"{epoch + 1}.keras")) for epoch in epochs]


def test_a_checkpoint_counts_batches_over_the_epochs(tmp_path):
    model = FakeModel()
    callback = ModelCheckpoint(str(tmp_path / "new" / "{epoch}-{batch}.keras"), save_freq=3)
    callback.set_model(model)
    for epoch in range(3):
        callback.on_epoch_begin(epoch)
        for batch in range(5):
            callback.on_train_batch_end(batch, {"loss": 1.0})
        callback.on_epoch_end(epoch, {"loss": 1.0})
    names = [path.rpartition("/")[2] for _, path in model.saved]
    assert names == ["1-3.keras", "2-1.keras", "2-4.keras", "3-2.keras", "3-5.keras"]
    assert (tmp_path / "new").is_dir()


def test_a_checkpoint_can_hold_weights_alone_and_metrics_in_its_name(tmp_path):
    model = FakeModel()
    path = str(tmp_path / "{epoch:02d}-{val_loss:.2f}.weights.h5")
    train(ModelCheckpoint(path, save_weights_only=True), model, LOGS[:2])
    assert [kind for kind, _ in model.saved] == ["weights", "weights"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "01-5.00.weights.h5",
        "02-4.00.weights.h5",
    ]


def test_the_best_of_a_checkpoint_survives_an_interruption(tmp_path):
    first = ModelCheckpoint(tmp_path / "a.keras", save_best_only=True)
    train(first, FakeModel(), LOGS[:5])
    second = ModelCheckpoint(tmp_path / "a.keras", save_best_only=True)
    second.set_state(first.get_state())
    model = FakeModel()
    second.set_model(model)
    for epoch in range(5, 10):
        second.on_epoch_begin(epoch)
        second.on_epoch_end(epoch, dict(LOGS[epoch]))
    assert len(model.saved) == 1  # only that with 2.0 beats 3.9


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filepath": "a.txt"}, "must end in .keras or .h5"),
        ({"filepath": "a.keras", "save_weights_only": True}, r"must end in .weights.h5"),
        ({"filepath": "a.keras", "save_freq": "batch"}, "save_freq"),
        ({"filepath": "a.keras", "save_freq": 0.5}, "save_freq"),
    ],
)
def test_a_checkpoint_with_wrong_arguments_is_an_error(arguments, message):
    with pytest.raises(ValueError, match=message):
        ModelCheckpoint(**arguments)


def test_a_checkpoint_names_the_value_that_its_path_lacks(tmp_path):
    with pytest.raises(KeyError, match=r"'f1'.*There are: epoch, loss, val_loss"):
        train(ModelCheckpoint(tmp_path / "{f1}.keras"), FakeModel(), LOGS[:1])
    (tmp_path / "a.keras").mkdir()
    with pytest.raises(IsADirectoryError, match="path of a file"):
        train(ModelCheckpoint(tmp_path / "a.keras"), FakeModel(), LOGS[:1])


def test_a_checkpoint_saves_all_where_the_best_is_unknown(tmp_path):
    model = FakeModel()
    with pytest.warns(UserWarning, match="is not there, so every one is saved"):
        train(
            ModelCheckpoint(tmp_path / "a.keras", monitor="x", mode="min", save_best_only=True),
            model,
            LOGS[:2],
        )
    assert len(model.saved) == 2


def test_the_csv_file_is_that_of_keras(tmp_path):
    path = tmp_path / "log.csv"
    train(CSVLogger(path), FakeModel(), [{"loss": 1.5, "a": 2.0}, {"loss": 1.25}])
    first = b"epoch,a,loss,val_a,val_loss\r\n0,2.0,1.5,NA,NA\r\n1,NA,1.25,NA,NA\r\n"
    assert path.read_bytes() == first
    train(CSVLogger(path, append=True), FakeModel(), [{"loss": 0.5, "val_loss": 1.0}])
    assert path.read_bytes() == first + b"0,0.5,1.0\r\n"
    train(CSVLogger(path), FakeModel(), [])
    assert path.read_bytes() == b""


def test_the_csv_file_may_have_another_separator_and_lists(tmp_path):
    path = tmp_path / "log.csv"
    logs = {"loss": np.array([1.0, 2.0]), "val_x": np.array(3.0)}
    train(CSVLogger(path, separator=";", append=True), FakeModel(), [logs])
    assert path.read_bytes() == b'epoch;loss;val_x\r\n0;"""[1.0, 2.0]""";3.0\r\n'


def test_a_row_of_the_csv_file_is_there_at_the_end_of_its_epoch(tmp_path):
    callback = CSVLogger(tmp_path / "log.csv")
    callback.on_train_begin()
    callback.on_epoch_end(0, {"loss": 1.0})
    assert (tmp_path / "log.csv").read_text().splitlines()[-1] == "0,1.0,NA"


@pytest.mark.parametrize("loss", [np.nan, np.inf, -np.inf])
def test_a_loss_that_is_no_number_ends_the_training(loss, capsys):
    model = FakeModel()
    callback = TerminateOnNaN()
    callback.set_model(model)
    callback.on_train_batch_end(3, {"loss": 1.0})
    assert not model.stop_training
    callback.on_train_batch_end(4, {"loss": loss})
    assert model.stop_training
    assert "Batch 4" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="in batch 4"):
        TerminateOnNaN(raise_error=True).on_train_batch_end(4, {"loss": loss})


def test_a_lambda_callback_takes_any_hook():
    seen = []
    callback = LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["loss"])),
        on_test_end=lambda logs: seen.append("test"),
    )
    train(callback, FakeModel(), LOGS[:2])
    callback.on_test_end({})
    assert seen == [(0, 5.0), (1, 4.0), "test"]


def test_the_remote_monitor_sends_plain_numbers(monkeypatch):
    sent = []
    requests = types.ModuleType("requests")
    requests.exceptions = SimpleNamespace(RequestException=OSError)
    requests.post = lambda url, **body: sent.append((url, body))
    monkeypatch.setitem(sys.modules, "requests", requests)
    RemoteMonitor().on_epoch_end(2, {"loss": np.float32(0.5)})
    RemoteMonitor(send_as_json=True, headers={"a": "b"}).on_epoch_end(2, {"loss": 1.0})
    assert sent == [
        (
            "http://localhost:9000/publish/epoch/end/",
            {"headers": None, "data": {"data": '{"epoch": 2, "loss": 0.5}'}},
        ),
        (
            "http://localhost:9000/publish/epoch/end/",
            {"headers": {"a": "b"}, "json": {"epoch": 2, "loss": 1.0}},
        ),
    ]

    def fail(url, **body):
        raise OSError

    requests.post = fail
    with pytest.warns(UserWarning, match="can't be reached"):
        RemoteMonitor().on_epoch_end(0, {})
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(ImportError, match="pip install requests"):
        RemoteMonitor().on_epoch_end(0, {})


def averaging_model():
    model = FakeModel()
    model.optimizer = SimpleNamespace(
        _trainable_variables=[Variable([1.0, 2.0])],
        _model_variables_moving_average=[Variable([10.0, 20.0])],
    )
    return (
        model,
        model.optimizer._trainable_variables[0],
        (model.optimizer._model_variables_moving_average[0]),
    )


def test_tests_and_predictions_see_the_averages():
    model, weight, average = averaging_model()
    callback = SwapEMAWeights()
    callback.set_model(model)
    for begin, end in [
        (callback.on_test_begin, callback.on_test_end),
        (callback.on_predict_begin, callback.on_predict_end),
    ]:
        begin()
        assert (weight.value.tolist(), average.value.tolist()) == ([10, 20], [1, 2])
        end()
        assert (weight.value.tolist(), average.value.tolist()) == ([1, 2], [10, 20])


def test_the_end_of_an_epoch_may_see_the_averages():
    model, weight, average = averaging_model()
    model.optimizer = SimpleNamespace(inner_optimizer=model.optimizer)  # behind a loss scale
    callback = SwapEMAWeights(swap_on_epoch=True)
    callback.set_model(model)
    callback.set_params({"epochs": 2})
    callback.on_epoch_begin(0)
    callback.on_epoch_end(0)
    assert weight.value.tolist() == [10, 20]
    callback.on_epoch_begin(1)
    assert weight.value.tolist() == [1, 2]
    callback.on_epoch_end(1)
    assert weight.value.tolist() == average.value.tolist() == [10, 20]


def test_averages_must_be_kept():
    callback = SwapEMAWeights()
    callback.set_model(FakeModel())
    with pytest.raises(ValueError, match="use_ema=True"):
        callback.on_test_begin()
