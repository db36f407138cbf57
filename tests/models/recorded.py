"""Rows of `tests/cases/models` of which real Keras' files are recorded."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import cornu
from cornu.graph.names import reset_names
from tests.cases import models
from tests.cases.case import ModelCase
from tests.oracle import read

SAVED = [case for case in models.CASES if case.saved]


def made(case: ModelCase) -> Any:
    """Return the model of a row, named as in a fresh process."""
    reset_names()
    return case.make(cornu)


def trained(case: ModelCase) -> Any:
    """Return the model after the recorded training, read from real Keras' archive."""
    reset_names()
    return cornu.models.load_model(read.file(case, "model.keras"))


def config_of(path: Path) -> Any:
    """Return what `config.json` in an archive says."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def comparable(config: Any) -> Any:
    """Return a config as JSON, without what may differ between equal models.

    `shared_object_id` numbers objects in an order of its own. Keras also writes the masks that a
    layer finds on its inputs as if the user had passed them; cornu finds them again on loading.
    """
    if isinstance(config, (list, tuple)):
        return [comparable(item) for item in config]
    if not isinstance(config, dict):
        return config
    found = {k: comparable(v) for k, v in config.items() if k != "shared_object_id"}
    if found.get("jit_compile") in (True, "auto"):
        found["jit_compile"] = "auto"  # Keras writes what "auto" meant on the backend of the day
    if set(found) == {"args", "kwargs"} and found["kwargs"].get("mask", 0) is None:
        del found["kwargs"]["mask"]
    return found
