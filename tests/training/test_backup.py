from __future__ import annotations

import json

import numpy as np
import pytest

from cornu.errors import StateError
from cornu.training.callback_list import CallbackList
from cornu.training.callbacks import BackupAndRestore, Callback, EarlyStopping
from tests.training.fake_model import FakeModel


class Interrupt(Callback):
    def __init__(self, epoch, batch=None):
        super().__init__()
        self.where = (epoch, batch)

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        if self.where == (epoch, None):
            raise KeyboardInterrupt

    def on_train_batch_end(self, batch, logs=None):
        if self.where == (self.epoch, batch):
            raise KeyboardInterrupt


def fit(model, callbacks, epochs=6, batches=4):
    """The order in which a loop calls hooks; weights count the batches."""
    model._initial_epoch = model._cornu_initial_step = 0
    callbacks = CallbackList(callbacks, add_history=True, model=model, verbose=0, epochs=epochs)
    callbacks.on_train_begin()
    first, step = model._initial_epoch, model._cornu_initial_step
    for epoch in range(first, epochs):
        callbacks.on_epoch_begin(epoch)
        for batch in range(step if epoch == first else 0, batches):
            callbacks.before(batch)
            model.weights += 1
            callbacks.after(batch + 1, {"loss": 1.0}, last=batch + 1 == batches)
        callbacks.on_epoch_end(epoch, {"loss": 10.0 - epoch})
    callbacks.on_train_end()
    return model.history.history


@pytest.mark.parametrize(
    ("save_freq", "where"), [("epoch", (3, None)), ("epoch", (2, 1)), (3, (2, 3)), (1, (4, 0))]
)
def test_a_training_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path, save_freq, where):
    whole = FakeModel()
    expected = fit(whole, [EarlyStopping("loss", patience=3)])
    folder = tmp_path / "backup"
    with pytest.raises(KeyboardInterrupt):
        fit(FakeModel(), [BackupAndRestore(folder, save_freq), Interrupt(*where)])
    again = FakeModel()
    assert fit(again, [BackupAndRestore(folder, save_freq), Interrupt(-1)]) == expected
    assert again.weights == whole.weights == 24
    assert not folder.exists()


def test_the_states_of_callbacks_behind_it_are_those_after_the_epoch(tmp_path):
    stop = EarlyStopping("loss", restore_best_weights=True)
    with pytest.raises(KeyboardInterrupt):
        fit(FakeModel(), [BackupAndRestore(tmp_path), stop, Interrupt(2)])
    later = EarlyStopping("loss", restore_best_weights=True)

    class Look(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            assert (epoch, later.best, later.best_epoch) == (2, 9.0, 1)
            np.testing.assert_array_equal(later.best_weights[0], 8.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(FakeModel(), [BackupAndRestore(tmp_path), later, Look()])


def test_a_backup_of_real_keras_is_read(tmp_path):
    (tmp_path / "latest.weights.h5").write_text("7.0")
    (tmp_path / "training_metadata.json").write_text(json.dumps({"epoch": 4, "batch": 2}))
    model = FakeModel()
    fit(model, [BackupAndRestore(tmp_path)])
    assert model.weights == 7 + 2 * 4


def test_the_backup_before_the_last_serves_where_that_is_damaged(tmp_path):
    callback = BackupAndRestore(tmp_path, double_checkpoint=True)
    with pytest.raises(KeyboardInterrupt):
        fit(FakeModel(), [callback, Interrupt(3)])
    newest = json.loads((tmp_path / "training_metadata.json").read_text())["weights"]
    (tmp_path / newest).unlink()
    model = FakeModel()
    assert len(fit(model, [BackupAndRestore(tmp_path)])["loss"]) == 6
    assert model.weights == 24


def test_a_backup_may_stay_and_other_files_do(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    fit(FakeModel(), [BackupAndRestore(tmp_path, delete_checkpoint=False)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch6-batch0.weights.h5",
        "notes.txt",
        "training_metadata.json",
    ]
    fit(FakeModel(), [BackupAndRestore(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_wrong_use_of_a_backup_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="Empty `backup_dir`"):
        BackupAndRestore("")
    with pytest.raises(ValueError, match="save_freq"):
        BackupAndRestore(tmp_path, save_freq="batch")
    model = FakeModel()
    model.built = False
    with pytest.raises(StateError, match="must be built"):
        fit(model, [BackupAndRestore(tmp_path)])
