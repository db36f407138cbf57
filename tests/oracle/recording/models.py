"""Record whole models: loss curves of `fit`, weights before and after, files."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from tests.cases.case import ModelCase
from tests.cases.draw import draw, generator
from tests.oracle.recording.describe import layout, positions, variables
from tests.oracle.recording.layers import flatten
from tests.oracle.recording.real import keras, reset
from tests.oracle.recording.store import plain, zip_bytes

Record = tuple[dict[str, Any], dict[str, NDArray[Any]]]
_SAVED_AT = "2026-01-01@00:00:00"  # in place of the time of day


def record(case: ModelCase) -> tuple[dict[str, Any], dict[str, NDArray[Any]], dict[str, bytes]]:
    """Train one model. Returns its description, its arrays, and its files by name."""
    reset()
    rng = generator(case)
    x, y = draw(case.x, rng), draw(case.y, rng)
    model = case.make(keras)
    start = [_weight(v, rng) for v in model.variables]
    for variable, value in zip(model.variables, start, strict=True):
        variable.assign(value)
    found = flatten("x", x) | flatten("y", y)
    found |= {f"initial/{i}": value for i, value in enumerate(start)}

    options: dict[str, Any] = dict(case.options)
    if case.sample_weight is not None:
        options["sample_weight"] = draw(case.sample_weight, rng)
        found |= flatten("sample_weight", options["sample_weight"])
    if case.class_weight is not None:
        options["class_weight"] = dict(case.class_weight)
    if case.validation is not None:
        options["validation_data"] = tuple(draw(item, rng) for item in case.validation)
        found |= flatten("validation", list(options["validation_data"]))
    history = model.fit(x, y, shuffle=False, verbose=0, **options)

    batch = case.options["batch_size"]
    structure = {
        "history": history.history,
        "epochs": history.epoch,
        "evaluate": model.evaluate(x, y, batch_size=batch, verbose=0),
        "evaluate_dict": model.evaluate(x, y, batch_size=batch, verbose=0, return_dict=True),
        "metrics_names": model.metrics_names,
        "variables": variables(model.variables),
        "trainable_variables": positions(model.trainable_variables, model.variables),
        "optimizer_variables": variables(model.optimizer.variables),
        "config": json.loads(model.to_json()),
        "layers": [layer.name for layer in model.layers],
        "input_shape": model.input_shape,
        "output_shape": model.output_shape,
        "count_params": model.count_params(),
    }
    predictions = model.predict(x, batch_size=batch, verbose=0)
    found |= flatten("predictions", predictions)
    found |= {f"final/{i}": plain(v.value) for i, v in enumerate(model.variables)}
    found |= {f"optimizer/{i}": plain(v.value) for i, v in enumerate(model.optimizer.variables)}
    files: dict[str, bytes] = {}
    if case.saved:
        files = _files(model)
        structure["weight_file"] = layout(files["model.weights.h5"])
        with zipfile.ZipFile(io.BytesIO(files["model.keras"])) as archive:
            structure["archive_file"] = layout(archive.read("model.weights.h5"))
        structure["legacy_file"] = layout(files["model.h5"])
    return structure, found, files


def _weight(variable: Any, rng: np.random.Generator) -> NDArray[Any]:
    """Draw an initial weight: of the size that common initializers give."""
    value = np.asarray(variable.value)
    if not np.issubdtype(value.dtype, np.floating):
        return value
    if "variance" in variable.name or variable.name == "gamma":
        return np.ones_like(value)
    drawn = rng.standard_normal(value.shape) / np.sqrt(max(value.shape[:1] or (1,)) + 1)
    return drawn.astype(value.dtype)


def _files(model: Any) -> dict[str, bytes]:
    """Save the model in all three formats; only times and memory addresses are replaced."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("model.keras", "model.weights.h5", "model.h5"):
            target = str(Path(folder, name))
            if name.endswith(".weights.h5"):
                model.save_weights(target)
            else:
                model.save(target)
        contents = {p.name: p.read_bytes() for p in sorted(Path(folder).iterdir())}
    with zipfile.ZipFile(io.BytesIO(contents["model.keras"])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(members["metadata.json"])
    metadata["date_saved"] = _SAVED_AT
    members["metadata.json"] = json.dumps(metadata).encode()
    members["config.json"] = _number_shared(members["config.json"].decode()).encode()
    contents["model.keras"] = zip_bytes(members)
    return contents


def _number_shared(config: str) -> str:
    """Number shared objects from one, in order; Keras gives them addresses in memory."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return found[1] + str(numbers.setdefault(found[2], len(numbers) + 1))

    return re.sub(r'("shared_object_id": )(\d+)', number, config)


def same_file(name: str, old: bytes, new: bytes) -> bool:
    """Compare two files but for rounding: configs and layouts are equal."""
    if not name.endswith(".keras"):
        return layout(old) == layout(new) and _attributes(old) == _attributes(new)
    with zipfile.ZipFile(io.BytesIO(old)) as a, zipfile.ZipFile(io.BytesIO(new)) as b:
        return a.namelist() == b.namelist() and all(
            layout(a.read(n)) == layout(b.read(n)) if n.endswith(".h5") else a.read(n) == b.read(n)
            for n in a.namelist()
        )


def _attributes(content: bytes) -> list[str]:
    found: list[str] = []

    def visit(name: str, item: Any) -> None:
        found.extend(f"{name}@{key}" for key in item.attrs)

    with h5py.File(io.BytesIO(content)) as file:
        visit("", file)
        file.visititems(visit)
    return found
