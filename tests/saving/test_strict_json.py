from __future__ import annotations

import pytest

from cornu.errors import ArgumentError, FileFormatError
from cornu.saving.strict_json import dump_json, load_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": {"b": 1, "b": 1}}', "twice"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "Infinity"),
        ('{"a": ' + "9" * 41 + "}", "41 digits"),
        ("[" * 1000 + "]" * 1000, "nested"),
        ("[" * 100_000, "nested"),
        ('{"a":' * 300 + "1" + "}" * 300, "nested"),
        ("", "no JSON"),
        ("{'a': 1}", "no JSON"),
        ('{"a": 1} trailing', "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b'{"a": "\xff"}', "no JSON"),
    ],
    ids=lambda text: str(text)[:20],
)
def test_ambiguous_or_huge_json_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(FileFormatError, match=reason):
        load_json(text, "config.json")


def test_json_comes_back_in_order() -> None:
    value = {"b": [1, 2.5, None, True, "ä"], "a": {"seed": 2**127}}
    assert load_json(dump_json(value, "x"), "x") == value
    assert list(load_json(dump_json(value, "x"), "x")) == ["b", "a"]


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {1, 2}, object()], ids=["nan", "inf", "set", "object"]
)
def test_what_json_cannot_say_is_not_written(value: object) -> None:
    with pytest.raises(ArgumentError, match="can't be written"):
        dump_json({"a": value}, "config.json")
