"""The table that `summary()` prints."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

import cornu
from cornu import layers
from cornu.graph.names import reset_names


@pytest.fixture(autouse=True)
def fresh_names() -> None:
    reset_names()


def stack() -> Any:
    return cornu.Sequential(
        [cornu.Input((28, 28, 1)), layers.Conv2D(32, 3), layers.Flatten(), layers.Dense(10)]
    )


def branches() -> Any:
    a, b = cornu.Input((4,), name="a"), cornu.Input((4,), name="b")
    tower = cornu.Sequential([cornu.Input((4,)), layers.Dense(3)], name="tower")
    shared = layers.Dense(2, trainable=False, name="shared")
    joined = layers.Concatenate()([shared(tower(a)), shared(tower(b)) * 2.0])
    return cornu.Model([a, b], joined, name="branches")


def text_of(model: Any, **options: Any) -> str:
    shown: list[str] = []
    model.summary(print_fn=shown.append, **options)
    return "\n".join(shown)


def cells(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]
        for line in text.splitlines()
        if line.startswith(("│", "┃"))
    ]


def test_a_stack_is_listed_with_shapes_and_numbers_of_parameters() -> None:
    text = text_of(stack())
    assert text.startswith('Model: "sequential"\n')
    assert cells(text) == [
        ["Layer (type)", "Output Shape", "Param #"],
        ["conv2d (Conv2D)", "(None, 26, 26, 32)", "320"],
        ["flatten (Flatten)", "(None, 21632)", "0"],
        ["dense (Dense)", "(None, 10)", "216,330"],
    ]
    assert text.rstrip().splitlines()[-3:] == [
        " Total params: 216,650 (846.29 KB)",
        " Trainable params: 216,650 (846.29 KB)",
        " Non-trainable params: 0 (0.00 B)",
    ]


def test_variables_of_the_optimizer_are_counted_too() -> None:
    model = cornu.Sequential([cornu.Input((3,)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    lines = text_of(model).splitlines()
    assert " Total params: 14 (56.00 B)" in lines
    assert " Optimizer params: 10 (40.00 B)" in lines


def test_a_graph_says_what_each_layer_is_connected_to() -> None:
    found = cells(text_of(branches(), line_length=100, show_trainable=True, expand_nested=True))
    assert found == [
        ["Layer (type)", "Output Shape", "Param #", "Connected to", "Trainable"],
        ["a (InputLayer)", "(None, 4)", "0", "-", "-"],
        ["b (InputLayer)", "(None, 4)", "0", "-", "-"],
        ["tower (Sequential)", "(None, 3)", "15", "a[0][0],", "Y"],
        ["", "", "", "b[0][0]", ""],
        ["└ dense (Dense)", "(None, 3)", "15", "-", "Y"],
        ["shared (Dense)", "(None, 2)", "8", "tower[0][0],", "N"],
        ["", "", "", "tower[1][0]", ""],
        ["multiply (Multiply)", "(None, 2)", "0", "shared[1][0]", "-"],
        ["concatenate (Concatenate)", "(None, 4)", "0", "shared[0][0],", "-"],
        ["", "", "", "multiply[0][0]", ""],
    ]


def test_layer_range_shows_the_layers_between_two_names() -> None:
    names = [row[0] for row in cells(text_of(branches(), line_length=100, layer_range=("b", "sh")))]
    assert [n for n in names if n] == [
        "Layer (type)", "b (InputLayer)", "tower (Sequential)", "shared (Dense)",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="names no layers"):
        text_of(branches(), layer_range=("nothing", "of these"))


@pytest.mark.parametrize("width", [24, 40, 61, 120])
def test_no_line_is_longer_than_the_line_length(width: int) -> None:
    table = [
        line for line in text_of(branches(), line_length=width).splitlines() if line[:1] in "│┃"
    ]
    assert {len(line) for line in table} == {width}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "latin-1", "utf-8"])
def test_summary_prints_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    monkeypatch.setattr(sys, "stdout", stream)
    branches().summary(expand_nested=True)
    stream.flush()
    text = raw.getvalue().decode(encoding)
    assert "tower (Sequential)" in text
    assert "?" not in text


def test_a_notebook_gets_no_second_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda *parts: shown.append(parts))
    cornu.Sequential([cornu.Input((3,)), layers.Dense(2)]).summary()
    assert not shown
    assert "dense" in capsys.readouterr().out


def test_a_subclass_shows_shapes_once_it_is_built() -> None:
    class Net(cornu.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(3), layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.second(self.first(x))

    model = Net()
    assert cells(text_of(model))[1][1:] == ["? (not called)", "0 (unbuilt)"]
    model.build((None, 4))
    assert [row[1:] for row in cells(text_of(model))[1:]] == [
        ["(None, 3)", "15"],
        ["(None, 2)", "8"],
    ]
