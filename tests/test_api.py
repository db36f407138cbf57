"""The names of Keras: every one that cornu offers, it offers under all of its names."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import cornu
from cornu import lazy
from cornu.keras_names import NAMES

SYMBOLS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "api" / "keras_api.json").read_text(encoding="utf-8")
)["symbols"]
MODULES = sorted(f"cornu.{namespace}" for namespace in NAMES if namespace)


def _names(canonical: str) -> list[str]:
    """All dotted names of one symbol, under cornu; the tree of `_tf_keras` is left out."""
    names = [canonical, *SYMBOLS[canonical].get("aliases", [])]
    return [name.replace("keras", "cornu", 1) for name in names if "_tf_keras" not in name]


def _find(name: str) -> Any:
    """The object, or None if cornu doesn't offer that name."""
    package, _, leaf = name.rpartition(".")
    try:
        return getattr(lazy.module(package) if package != "cornu" else cornu, leaf)
    except (AttributeError, ImportError):  # of a namespace: the test above tells
        return None


def test_the_list_of_names_is_that_of_the_api() -> None:
    expected: dict[str, set[str]] = {}
    for canonical in SYMBOLS:
        for name in _names(canonical):
            parts = name.split(".")[1:]
            for depth in range(len(parts)):
                expected.setdefault(".".join(parts[:depth]), set()).add(parts[depth])
    assert {namespace: set(names.split()) for namespace, names in NAMES.items()} == expected


@pytest.mark.parametrize("module", MODULES)
def test_every_namespace_can_be_imported(module: str) -> None:
    lazy.module(module)


def test_a_namespace_can_be_imported_first() -> None:
    program = (
        "import cornu.optimizers.schedules as s, cornu.utils.bounding_boxes; print(s.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "cornu.optimizers.schedules"


def test_what_is_offered_under_one_name_is_offered_under_all() -> None:
    missing, different = [], []
    for canonical in SYMBOLS:
        found = {name: _find(name) for name in _names(canonical)}
        objects = [value for value in found.values() if value is not None]
        if objects:
            missing += [name for name, value in found.items() if value is None]
            different += [n for n, v in found.items() if v is not None and v is not objects[0]]
    assert missing == []
    assert different == []


def test_classes_are_classes_and_functions_can_be_called() -> None:
    wrong = []
    for canonical, entry in SYMBOLS.items():
        for name in _names(canonical):
            value = _find(name)
            fits = inspect.isclass(value) if entry["kind"] == "class" else callable(value)
            if value is not None and not fits:
                wrong.append(f"{name} should be a {entry['kind']}")
    assert wrong == []


def test_parameters_of_functions_have_the_names_order_and_defaults_of_the_api() -> None:
    wrong = []
    for canonical, entry in SYMBOLS.items():
        value = _find(_names(canonical)[0]) if _names(canonical) else None
        if value is None or entry["kind"] != "function":
            continue
        ours = list(inspect.signature(value).parameters.values())
        for position, (name, kind, *default) in enumerate(entry["parameters"]):
            if kind not in ("p", "pk"):
                continue
            there = ours[position] if position < len(ours) else None
            if there is None or there.name != name:
                wrong.append(f"{canonical}: parameter {position} should be {name!r}")
            elif default and repr(there.default) != default[0] and default[0][0] not in "<":
                wrong.append(f"{canonical}: default of {name!r} should be {default[0]}")
    assert wrong == []
