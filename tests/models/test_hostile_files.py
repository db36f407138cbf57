"""Files made to do harm, against the real table of names and real layers."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

import cornu
from cornu import layers
from cornu.errors import FileFormatError

API = json.loads((Path(__file__).parents[1] / "api" / "keras_api.json").read_text())["symbols"]

# Namespaces of building blocks; from all others files may name those few and nothing else.
BLOCKS = (
    "activations", "constraints", "dtype_policies", "initializers", "layers", "losses", "metrics",
    "mixed_precision", "ops", "optimizers", "quantizers", "regularizers",
)  # fmt: skip
INSIDE = {  # no building blocks all the same: they load, run what they are given, or open paths
    "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "deserialize", "get", "scan",
    "serialize", "vectorized_map", "while_loop",
}  # fmt: skip
FEW = {
    "DTypePolicy", "FloatDTypePolicy", "Functional", "Layer", "Model", "SeedGenerator",
    "Sequential",
}  # fmt: skip


def archive(config: Any, model: Any) -> io.BytesIO:
    """Return the archive of a model whose config says something else."""
    good, bad = io.BytesIO(), io.BytesIO()
    cornu.models.save_model(model, good)
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            new.writestr(name, json.dumps(config) if name == "config.json" else old.read(name))
    bad.seek(0)
    return bad


def small() -> Any:
    return cornu.Sequential([cornu.Input((3,)), layers.Dense(2, name="dense")])


@pytest.mark.parametrize("units", [10**8, 10**12])
def test_layers_that_the_weights_do_not_cover_take_no_memory(units: int) -> None:
    config = cornu.saving.serialize_keras_object(small())
    config["config"]["layers"][1]["config"]["units"] = units
    file = archive(config, small())
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="much more memory"):
        cornu.models.load_model(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_large_model_without_state_of_its_optimizer_loads() -> None:
    model = cornu.Sequential([cornu.Input((2000,)), layers.Dense(2000)])
    optimizer = cornu.optimizers.Adam(amsgrad=True, use_ema=True, gradient_accumulation_steps=2)
    model.compile(optimizer, "mse")
    file = io.BytesIO()
    cornu.models.save_model(model, file)
    file.seek(0)
    assert cornu.models.load_model(file).count_params() == model.count_params()


def _refused(name: str) -> bool:
    _, *parents, last = name.split(".")
    namespace = parents[0] if parents else ""
    return last in INSIDE or (namespace not in BLOCKS and last not in FEW)


@pytest.mark.parametrize("name", [name for name in API if _refused(name)])
def test_files_may_name_building_blocks_and_nothing_else(name: str) -> None:
    module, _, last = name.rpartition(".")
    for config in (
        {"module": module, "class_name": last, "config": {}, "registered_name": last},
        {"module": module, "class_name": last, "config": {}, "registered_name": None},
        {"module": module, "class_name": "function", "config": last, "registered_name": last},
    ):
        with pytest.raises(FileFormatError, match=f"{last}`, which is no"):
            cornu.saving.deserialize_keras_object(config)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("cornu.saving.lambda_code", "load_function"),
        ("keras.src.utils.file_utils", "get_file"),
        ("keras.utils", "get_file"),
        ("keras.src.models.cloning", "clone_model"),
        ("keras.config", "set_backend"),
        ("keras.saving", "load_model"),
    ],
)
def test_functions_of_modules_are_never_found(module: str, name: str) -> None:
    for config in (
        {"module": module, "class_name": name, "config": {}, "registered_name": name},
        {"module": module, "class_name": "function", "config": name, "registered_name": name},
    ):
        with pytest.raises(FileFormatError):
            cornu.saving.deserialize_keras_object(config)


def test_vast_results_of_ops_take_no_memory_when_a_graph_is_read() -> None:
    x = cornu.Input((1,), batch_size=1, name="x")
    config = cornu.Model(x, cornu.ops.tile(x, (1, 3))).get_config()
    config["layers"][1]["config"]["repeats"] = [10**6, 10**6]
    tracemalloc.start()
    model = cornu.Model.from_config(config)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.output_shape == (10**6, 10**6)
    assert peak < 8 << 20
