from __future__ import annotations

import io
import re
import sys

import numpy as np
import pytest

from cornu import settings
from cornu.training.callback_list import CallbackList
from cornu.training.progress import Progbar
from tests.training.fake_model import FakeModel

ESCAPES = re.compile(r"\x1b\[\d+m")


class Screen(io.TextIOWrapper):
    """Standard output that may be a terminal and has an encoding."""

    def __init__(self, encoding="utf-8", live=True):
        super().__init__(io.BytesIO(), encoding=encoding, newline="", write_through=True)
        self.live = live

    def isatty(self):
        return self.live

    @property
    def text(self):
        return self.buffer.getvalue().decode(self.encoding)

    @property
    def lines(self):
        """What a reader sees: a carriage return begins the line anew."""
        plain = ESCAPES.sub("", self.text)
        lines = plain.removesuffix("\n").split("\n")
        return [line.rpartition("\r")[2].rstrip() for line in lines]


@pytest.fixture
def screen(monkeypatch):
    def make(**options):
        made = Screen(**options)
        monkeypatch.setattr(sys, "stdout", made)
        return made

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("PYCHARM_HOSTED", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    return make


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(Progbar, "_clock", staticmethod(lambda: now[0]))
    return now


def test_the_last_line_has_steps_time_and_metrics(screen, clock):
    out = screen()
    bar = Progbar(10)
    for step in range(1, 11):
        clock[0] += 0.5
        bar.update(step, [("loss", 2.0), ("tiny", -1e-5)])
    assert out.lines == [f"10/10 {'━' * 20} 5s 500ms/step - loss: 2.0000 - tiny: -1.0000e-05"]


def test_a_line_on_the_way_has_the_time_that_is_left(screen, clock):
    out = screen()
    bar = Progbar(100)
    clock[0] += 2.0
    bar.update(10)
    assert f" 10/100 {'━' * 20} 18s 200ms/step" == ESCAPES.sub("", out.text).strip("\r")
    assert out.text.count("\x1b[32m━━\x1b[0m") == 1


@pytest.mark.parametrize(
    ("seconds", "shown"), [(59, "59s"), (61, "1:01"), (3599, "59:59"), (3661, "1:01:01")]
)
def test_the_time_that_is_left_reads_as_a_clock(screen, clock, seconds, shown):
    out = screen()
    bar = Progbar(2)
    clock[0] += seconds
    bar.update(1)
    assert f" {shown} " in ESCAPES.sub("", out.text)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(2.0, "2s/batch"), (0.0123, "12ms/batch"), (45e-6, "45us/batch")]
)
def test_a_step_has_a_fitting_unit(screen, clock, seconds, shown):
    out = screen()
    bar = Progbar(1, unit_name="batch")
    clock[0] += seconds
    bar.update(1)
    assert out.lines[0].endswith(shown)


def test_the_first_step_does_not_count_for_the_time_of_a_step(screen, clock):
    out = screen()
    bar = Progbar(3)
    clock[0] += 60  # it was compiled
    bar.update(1)
    for step in (2, 3):
        clock[0] += 1
        bar.update(step)
    assert "62s 1s/step" in out.lines[0]


def test_the_bar_is_drawn_no_more_often_than_the_interval(screen, clock):
    out = screen()
    bar = Progbar(1000, interval=0.1)
    for step in range(1, 101):
        clock[0] += 0.01
        bar.update(step)
    assert 9 <= out.text.count("\r") <= 11


def test_a_shorter_line_paints_over_a_longer_one(screen, clock):
    out = screen()
    bar = Progbar(None)
    bar.update(1, [("loss", 1e-9)])
    clock[0] += 1
    bar.update(2, [("loss", 1.0)])
    first, second = ESCAPES.sub("", out.text).split("\r")[1:]
    assert len(second) == len(first)


def test_values_are_averaged_over_steps_unless_they_are_averages(screen):
    out = screen(live=False)
    bar = Progbar(4, stateful_metrics=["acc"], verbose=1)
    bar.update(1, [("loss", 1.0), ("acc", 0.1)])
    bar.update(3, [("loss", 4.0), ("acc", 0.7)])
    bar.update(3, finalize=True)
    assert "loss: 3.0000 - acc: 0.7000" in out.lines[0]


def test_only_one_list_of_metrics_may_be_given():
    with pytest.raises(ValueError, match="not both"):
        Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_an_array_is_shown_by_its_mean(screen):
    out = screen(live=False)
    Progbar(1).update(1, [("loss", np.array([1.0, 2.0]))])
    assert "loss: 1.5000" in out.lines[0]


def test_without_a_terminal_only_the_end_is_written(screen, clock):
    out = screen(live=False)
    bar = Progbar(3)
    for step in range(1, 4):
        clock[0] += 1
        bar.update(step, [("loss", 1.0)])
    assert out.text == "3/3 - 3s - 1s/step - loss: 1.0000\n"


def test_verbose_2_writes_the_line_of_keras(screen, clock):
    out = screen()
    bar = Progbar(3, verbose=2, stateless_metrics=[])
    for step in range(1, 4):
        clock[0] += 1e-6
        bar.update(step, [("loss", float(step)), ("tiny", 1e-5 * step)])
    assert out.text == "3/3 - 0s - 1us/step - loss: 3.0000 - tiny: 3.0000e-05\n"


def test_verbose_0_writes_nothing(screen):
    out = screen()
    Progbar(1, verbose=0).update(1, [("loss", 1.0)])
    assert out.text == ""


def test_no_color_has_no_escape_codes(screen, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    out = screen()
    Progbar(4).update(1)
    assert "\x1b" not in out.text
    assert "━━━━━───────────────" in out.text


def test_an_old_code_page_gets_ascii(screen):
    out = screen(encoding="cp1252")
    Progbar(4).update(1, [("größe ▲", 1.0)])
    assert "=====..............." in out.lines[0]
    assert "größe ?" in out.text


def test_a_dumb_terminal_is_no_live_one(screen, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    out = screen()
    bar = Progbar(2)
    bar.update(1)
    bar.update(2)
    assert out.text.count("\n") == 1
    assert "\r" not in out.text


def test_a_notebook_redraws(screen, monkeypatch):
    class OutStream(io.StringIO):
        pass

    OutStream.__module__ = "ipykernel.iostream"
    out = OutStream()
    monkeypatch.setattr(sys, "stdout", out)
    Progbar(2).update(1)
    assert out.getvalue().startswith("\r")


def drawn_by_a_notebook(text):
    """What JupyterLab shows: each sign overwrites the one in its place, codes of colors too."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(ESCAPES.sub("", shown).rstrip())
    return lines


def test_nothing_of_longer_lines_is_left_in_a_notebook(screen, clock, monkeypatch):
    class OutStream(io.StringIO):
        encoding = "utf-8"

    OutStream.__module__ = "ipykernel.iostream"
    out = OutStream()
    monkeypatch.setattr(sys, "stdout", out)
    bar = Progbar(16, stateful_metrics=["loss"])
    for step, loss in ((1, 18.157), (8, 3.5), (16, 3.25)):
        clock[0] += 1.0
        bar.update(step, [("loss", loss)])
    last, rest = drawn_by_a_notebook(out.getvalue())
    assert last.endswith("/step - loss: 3.2500")
    assert last.startswith("16/16 ")
    assert rest == ""


def test_a_narrow_terminal_gets_no_more_than_fits(screen, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    out = screen()
    Progbar(9).update(1, [(f"metric_{i}", 1.0) for i in range(9)])
    assert len(ESCAPES.sub("", out.text).strip("\r")) == 39


def test_without_interactive_logging_the_log_gets_the_end(screen, caplog):
    out = screen()
    settings.disable_interactive_logging()
    try:
        with caplog.at_level("INFO", logger="cornu"):
            Progbar(1).update(1, [("loss", 1.0)])
    finally:
        settings.enable_interactive_logging()
    assert out.text == ""
    assert "loss: 1.0000" in caplog.text


def test_a_program_without_a_console_goes_on(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    Progbar(1).update(1)


def fit(verbose, epochs=2, steps=3):
    model = FakeModel()
    callbacks = CallbackList(
        add_progbar=True, model=model, verbose=verbose, epochs=epochs, steps=steps
    )
    callbacks.on_train_begin()
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        for done in range(1, 4):
            callbacks.before(done - 1)
            callbacks.after(done, {"loss": 1.0}, last=done == steps)
        callbacks.on_test_begin()
        callbacks.after(1, {"loss": 9.0}, mode="test")
        callbacks.on_test_end({"loss": 9.0})
        callbacks.on_epoch_end(epoch, {"loss": 1.0, "val_loss": 2.0})
    callbacks.on_train_end()
    callbacks.on_test_begin()
    callbacks.after(3, {"loss": 5.0}, mode="test")
    callbacks.on_test_end({"loss": 5.0})


METRICS = " - loss: 1.0000 - val_loss: 2.0000"


@pytest.mark.parametrize("steps", [3, None])
def test_a_live_fit_has_a_heading_and_a_bar_per_epoch(screen, clock, steps):
    out = screen()
    fit("auto", steps=steps)
    done = f"3/3 {'━' * 20} 0s 0s/step"
    assert out.lines == [
        "Epoch 1/2", done + METRICS, "Epoch 2/2", done + METRICS, f"{done} - loss: 5.0000"
    ]  # fmt: skip


def test_a_fit_in_a_log_has_one_line_per_epoch(screen, clock):
    out = screen(live=False)
    fit(1)
    assert out.lines == [
        f"Epoch 1/2 - 3/3 - 0s - 0s/step{METRICS}",
        f"Epoch 2/2 - 3/3 - 0s - 0s/step{METRICS}",
        "3/3 - 0s - 0s/step - loss: 5.0000",
    ]


def test_verbose_2_of_fit(screen, clock):
    out = screen()
    fit(2, epochs=1)
    assert out.lines == [f"3/3 - 0s - 0s/step{METRICS}", "3/3 - 0s - 0s/step - loss: 5.0000"]


def test_a_training_that_was_stopped_says_how_far_it_came(screen, clock):
    out = screen(live=False)
    callbacks = CallbackList(add_progbar=True, model=FakeModel(), verbose=1, epochs=1, steps=9)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    callbacks.after(4)
    callbacks.on_epoch_end(0, {"loss": 1.0})
    assert out.lines == ["4/9 - 0s - 0s/step - loss: 1.0000"]


def test_the_bar_reads_no_metrics_when_it_does_not_draw(screen, clock):
    screen()
    reads = []
    callbacks = CallbackList(add_progbar=True, model=FakeModel(), verbose=1, epochs=1, steps=500)
    callbacks.on_train_begin()
    callbacks.on_epoch_begin(0)
    for done in range(1, 101):
        clock[0] += 0.01
        callbacks.after(done, lambda: reads.append(1) or {"loss": 1.0})
    assert 9 <= len(reads) <= 11
