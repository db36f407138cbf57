"""Paths in files. What Keras 3.15.1 gives was measured on it with the same attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cornu.saving.skiplists import SKIPPED, is_skipped
from cornu.saving.walk import children, is_saveable, snake_case, walk
from tests.saving.fakes import Dense, Part, Sequential, Variable

RECORDED = json.loads((Path(__file__).parents[1] / "oracle/skiplists.json").read_text())


def paths(obj: Any, skip: Any = ()) -> list[str]:
    return [step.path for step in walk(obj, skip)]


class Attributes(Part):
    def __init__(self, **parts: Any) -> None:
        super().__init__()
        self.__dict__.update(parts)


@pytest.mark.parametrize("kind", SKIPPED)
def test_the_skipped_names_are_those_of_keras(kind: str) -> None:
    recorded = {name for name in RECORDED[kind] if not name.startswith("__")}
    assert recorded == SKIPPED[kind]
    assert set(RECORDED) - {"keras"} == set(SKIPPED)


def test_private_attributes_come_last_and_the_first_alias_wins() -> None:
    z = Dense(1)
    assert paths(Attributes(z=z, a=Dense(1), _p=Dense(1), alias=z)) == ["", "a", "alias", "_p"]


def test_properties_count_and_one_that_fails_is_passed_over() -> None:
    class Properties(Attributes):
        @property
        def query_dense(self) -> Any:
            return self._query

        @property
        def broken(self) -> Any:
            raise RuntimeError("not built")

    assert paths(Properties(_query=Dense(1))) == ["", "query_dense"]


def test_layers_of_a_sequential_come_first() -> None:
    first, second = Dense(1), Dense(1)
    model = Sequential([first, second])
    model.encoder = first
    model.aaa = Dense(1)
    model._functional = Dense(1)
    assert paths(model) == ["", "layers/dense", "layers/dense_1", "aaa"]


def test_containers_count_by_class_and_nest() -> None:
    class OtherName(Part):
        pass

    inner = [Dense(1), (Dense(1),)]
    obj = Attributes(x=[Dense(1), OtherName(), Dense(1), inner], y={"b": Dense(1), "a": Dense(1)})
    assert paths(obj) == [
        "",
        "x/dense",
        "x/other_name",
        "x/dense_1",
        "x/container/dense",
        "x/container/container/dense",
        "y/dense",
        "y/dense_1",
    ]


def test_sets_strings_and_variables_are_no_children() -> None:
    assert paths(Attributes(a={Dense(1)}, b=["text", 3], c=Variable(1.0), d=Dense)) == [""]


def test_cycles_of_objects_and_containers_end() -> None:
    child = Attributes()
    parent = Attributes(child=child)
    child.parent = parent
    loop: list[Any] = [child]
    loop.append(loop)
    parent.loop = loop
    assert paths(parent) == ["", "child"]


def test_attributes_of_a_bare_layer_and_of_cornu_are_passed_over() -> None:
    obj = Attributes(
        _layers=[Dense(1)], _cornu_function=Dense(1), _metrics=[Dense(1)], mine=Dense(1)
    )
    assert paths(obj) == ["", "mine"]
    assert is_skipped("Unknown", "_layers")


def test_a_class_may_name_its_children_or_further_names_to_skip() -> None:
    class Own(Attributes):
        def _cornu_children(self) -> Iterator[tuple[str, Any]]:
            yield "cell", self.b

    class Skips(Attributes):
        _cornu_skipped = frozenset(("_modules",))

    assert paths(Own(a=Dense(1), b=Dense(1))) == ["", "cell"]
    assert paths(Skips(_modules={"x": Dense(1)}, b=Dense(1))) == ["", "b"]


def test_objects_to_skip_are_left_out_with_what_they_lead_to() -> None:
    a = Attributes(inner=Dense(1))
    assert paths(Attributes(a=a, b=Dense(1)), [a]) == ["", "b"]


def test_what_files_know_is_told_by_its_methods() -> None:
    assert is_saveable(Dense(1))
    assert not is_saveable(Dense)
    assert not is_saveable(Variable(1.0))
    assert list(children(Attributes())) != []


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("Dense", "dense"), ("Conv2D", "conv2d"), ("LSTM", "lstm"), ("GRUCell", "gru_cell"),
        ("MultiHeadAttention", "multi_head_attention"), ("PReLU", "p_re_lu"), ("ReLU", "re_lu"),
        ("UpSampling1D", "up_sampling1d"), ("_Private", "__private"), ("TFSMLayer", "tfsm_layer"),
        ("Conv2DTranspose", "conv2d_transpose"), ("RMSNormalization", "rms_normalization"),
    ],
)  # fmt: skip
def test_class_names_in_paths_are_those_of_keras(name: str, snake: str) -> None:
    assert snake_case(name) == snake
