"""The records are complete, small, and say nothing of the machine that made them."""

from __future__ import annotations

import io
import zipfile

import h5py
import numpy as np
import pytest

from tests.cases import models
from tests.cases.case import Case, LayerCase, ModelCase
from tests.cases.every import EVERY
from tests.oracle import read
from tests.tolerances import NAMES, tolerance

_ROWS = [case for cases in EVERY.values() for case in cases]
_ALLOWED_BYTES = 10 * 2**20


def test_names_of_rows_are_unique_in_their_kind_and_name_a_tolerance() -> None:
    for kind, cases in EVERY.items():
        names = [case.name for case in cases]
        assert len(set(names)) == len(names), kind
        assert {case.tolerance for case in cases} <= set(NAMES)


def test_each_row_is_recorded_and_nothing_else_is() -> None:
    recorded = read.table("structure")
    for kind, cases in EVERY.items():
        names = {case.name for case in cases}
        rows = read.table("training")["models"] if kind == "models" else recorded[kind]
        assert set(rows) == names, kind
        folder = read.FOLDER / "values" / kind
        assert {path.stem for path in folder.glob("*.npz")} == names, kind


def test_records_are_small() -> None:
    total = sum(path.stat().st_size for path in read.FOLDER.rglob("*") if path.is_file())
    assert total < _ALLOWED_BYTES


def test_records_hold_no_path_of_a_machine() -> None:
    for path in read.FOLDER.glob("*.json"):
        text = path.read_text()
        assert not any(word in text for word in ("/home/", "/root/", "/tmp/", "site-packages"))


@pytest.mark.parametrize("case", EVERY["layers"], ids=str)
def test_a_layers_record_fits_together(case: LayerCase) -> None:
    structure, found = read.structure(case), read.layer(case)

    assert [w.shape for w in structure.variables] == [w.shape for w in found.weights]
    assert len(found.args) == len(case.inputs)
    assert set(found.arrays) == set(case.arrays)
    assert structure.config["name"]
    assert list(structure.config) == list(structure.config_keys)
    if case.deterministic:
        assert found.outputs
        gradients = zip(structure.trainable_variables, found.weight_gradients, strict=True)
        assert all(w.shape == g.shape for w, g in gradients)
    assert all(np.isfinite(value).all() for value in found.outputs)
    assert [w.shape for w in structure.states] == [value.shape for value in found.states]
    assert len(found.states_after) == len(found.states)
    stateful = {structure.variables[i] for i in found.after}
    assert stateful == set(structure.non_trainable_variables)


@pytest.mark.parametrize("case", _ROWS[:: len(_ROWS) // 40], ids=str)
def test_arrays_of_a_row_are_numbers(case: Case) -> None:
    arrays = read.arrays(case)
    assert all(value.dtype.kind in "biuf" for value in arrays.values())


@pytest.mark.parametrize("case", [c for c in models.CASES if c.saved], ids=str)
def test_files_of_a_model_open(case: ModelCase) -> None:
    found = read.model(case)
    with h5py.File(read.file(case, "model.weights.h5")) as file:
        stored = []
        file.visititems(lambda name, item: stored.append(name) if hasattr(item, "shape") else None)
    assert len(stored) == len(found.raw["weight_file"])
    with zipfile.ZipFile(read.file(case, "model.keras")) as archive:
        assert archive.namelist()[:2] == ["metadata.json", "config.json"]
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            assert "optimizer" in file
    assert list(found.history)[-1] == sorted(found.history)[-1]


def test_promotion_covers_every_pair_and_is_symmetric() -> None:
    for squeezed in (True, False):
        pairs = read.promotion(squeezed=squeezed)
        assert all(pairs[b, a] == result for (a, b), result in pairs.items())
    assert read.promotion()["float64", "float32"] == "float32"
    assert read.promotion(squeezed=False)["float64", "float32"] == "float64"


def test_skip_lists_hold_as_many_names_as_keras_has() -> None:
    sizes = {kind: len(names) for kind, names in read.skiplists().items()}
    assert (sizes["Layer"], sizes["Sequential"], sizes["Functional"]) == (147, 148, 149)


def test_tolerances_grow_with_the_work_and_shrink_with_precision() -> None:
    figures = [tolerance(name).rtol for name in NAMES]
    assert figures == sorted(figures)
    assert tolerance("reduction", "float64").rtol < tolerance("reduction", "float32").rtol
    assert tolerance("training", "int32") == (0.0, 0.0)
