"""Files that real Keras wrote open in cornu, and cornu writes the same ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import cornu
from cornu import tree
from cornu.graph.names import reset_names
from tests.cases.case import ModelCase
from tests.models.recorded import SAVED, comparable, config_of, made, trained
from tests.oracle import read
from tests.tolerances import tolerance

pytestmark = pytest.mark.parametrize("case", SAVED, ids=str)


def close(case: ModelCase, found: Any, expected: Any) -> None:
    rtol, atol = tolerance(case.tolerance)
    for a, b in zip(tree.flatten(found), tree.flatten(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol, atol)


def stored(variables: list[Any]) -> list[int]:
    """Return the positions of the variables that files hold: not the states of generators."""
    return [i for i, v in enumerate(variables) if "seed_generator" not in v.path]


def equal(variables: list[Any], expected: list[Any]) -> None:
    assert len(variables) == len(expected)
    for i in stored(variables):
        value = expected[i].numpy() if hasattr(expected[i], "numpy") else expected[i]
        np.testing.assert_array_equal(variables[i].numpy(), value)


def datasets(path: Path) -> dict[str, tuple[int, ...]]:
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                found.update({name: item.shape}) if isinstance(item, h5py.Dataset) else None
            )
        )
    return found


def test_archive_of_keras_gives_its_predictions(case: ModelCase) -> None:
    recorded = read.model(case)
    close(case, trained(case).predict(recorded.x, verbose=0), recorded.predictions)


def test_archive_of_keras_restores_each_variable_and_the_optimizer(case: ModelCase) -> None:
    recorded, model = read.model(case), trained(case)
    equal(model.variables, recorded.final)
    equal(model.optimizer.variables, recorded.optimizer)


def test_archive_of_keras_is_evaluated_as_there(case: ModelCase) -> None:
    recorded = read.model(case)
    found = trained(case).evaluate(recorded.x, recorded.y, verbose=0)
    close(case, found, recorded.evaluate)


def test_config_is_the_one_keras_writes(case: ModelCase) -> None:
    found = comparable(cornu.saving.serialize_keras_object(made(case)))
    assert found == comparable(config_of(read.file(case, "model.keras")))


def test_config_of_a_loaded_model_is_the_one_it_was_loaded_from(case: ModelCase) -> None:
    found = comparable(cornu.saving.serialize_keras_object(trained(case)))
    assert found == comparable(config_of(read.file(case, "model.keras")))


def test_weights_file_of_keras_fits_a_new_model(case: ModelCase) -> None:
    recorded, model = read.model(case), made(case)
    model.optimizer.build(model.trainable_variables)
    model.load_weights(read.file(case, "model.weights.h5"))
    equal(model.variables, recorded.final)
    equal(model.optimizer.variables, recorded.optimizer)


def test_weights_file_has_the_datasets_that_keras_writes(case: ModelCase, tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    trained(case).save_weights(path)
    assert datasets(path) == datasets(read.file(case, "model.weights.h5"))


def test_archive_written_twice_has_equal_bytes_and_loads(case: ModelCase, tmp_path: Path) -> None:
    model = trained(case)
    first, second = tmp_path / "first.keras", tmp_path / "second.keras"
    model.save(first)
    reset_names()  # parts of layers, such as those of attention, get automatic names
    cornu.models.load_model(first).save(second)
    assert first.read_bytes() == second.read_bytes()
    x = read.model(case).x
    for a, b in zip(
        tree.flatten(model.predict(x, verbose=0)),
        tree.flatten(cornu.models.load_model(second).predict(x, verbose=0)),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_training_goes_on_after_loading_as_without_a_break(case: ModelCase, tmp_path: Path) -> None:
    recorded = read.model(case)
    options = {**case.options, "shuffle": False, "verbose": 0, "epochs": 1}
    unbroken, path = trained(case), tmp_path / "model.keras"
    unbroken.fit(recorded.x, recorded.y, **options)
    unbroken.save(path)
    unbroken.fit(recorded.x, recorded.y, **options)
    loaded = cornu.models.load_model(path)
    loaded.fit(recorded.x, recorded.y, **options)
    equal(unbroken.variables, loaded.variables)
    equal(unbroken.optimizer.variables, loaded.optimizer.variables)
