"""Names that a file may use: one test per name of the API."""

from __future__ import annotations

import pytest

from cornu.keras_names import NAMES
from cornu.saving.policy import file_place, public_place

EVERY_NAME = sorted(
    f"keras.{space}.{name}" if space else f"keras.{name}"
    for space, names in NAMES.items()
    for name in names.split()
)
BUILDING_BLOCKS = (
    "keras.layers", "keras.losses", "keras.metrics", "keras.optimizers", "keras.initializers",
    "keras.optimizers.schedules", "keras.regularizers", "keras.constraints", "keras.activations",
    "keras.quantizers", "keras.dtype_policies", "keras.mixed_precision", "keras.ops",
    "keras.ops.image", "keras.ops.linalg", "keras.ops.nn", "keras.ops.numpy",
)  # fmt: skip
SINGLE = {
    "keras.DTypePolicy", "keras.FloatDTypePolicy", "keras.Layer", "keras.Model",
    "keras.Sequential",
    "keras.models.Model", "keras.models.Sequential", "keras.random.SeedGenerator",
}  # fmt: skip
CLASSES_ONLY = {
    "keras.layers", "keras.optimizers", "keras.optimizers.schedules", "keras.quantizers",
    "keras.dtype_policies", "keras.mixed_precision",
}  # fmt: skip
# By hand, whatever the rules say: what reads, writes, loads, calls or changes settings.
NEVER = {
    "deserialize", "serialize", "get", "get_file", "load_model", "save_model", "model_from_json",
    "clone_model", "plot_model", "save_img", "load_img", "set_backend", "set_floatx", "set_epsilon",
    "enable_unsafe_deserialization", "clear_session", "TFSMLayer", "TorchModuleWrapper",
    "JaxLayer", "FlaxLayer", "Variable", "ExportArchive", "KerasFileEditor", "load_data",
    "map", "scan", "while_loop", "fori_loop", "cond", "switch", "vectorize", "vectorized_map",
    "associative_scan", "custom_gradient", "jvp",
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY_NAME)
def test_name_loads_only_if_it_is_a_building_block(name: str) -> None:
    module, _, last = name.rpartition(".")
    allowed = public_place(module, last) is not None
    if last in NEVER:
        assert not allowed
    elif name in SINGLE:
        assert allowed
    elif module not in BUILDING_BLOCKS or (last[:1].islower() and module in CLASSES_ONLY):
        assert not allowed
    elif last[:1].isupper():
        assert allowed or last == "InputSpec"
    else:
        assert allowed


def test_most_names_of_the_api_are_building_blocks_or_refused_as_expected() -> None:
    allowed = [name for name in EVERY_NAME if public_place(*name.rpartition(".")[::2])]
    assert 900 < len(allowed) < len(EVERY_NAME) - 400


@pytest.mark.parametrize(
    ("module", "name", "place"),
    [
        ("keras.layers", "Dense", ("layers", "Dense")),
        ("keras.src.layers.core.dense", "Dense", ("layers", "Dense")),
        ("keras.src.models.functional", "Functional", ("models", "Functional")),
        ("keras.src.engine.sequential", "Sequential", ("models", "Sequential")),
        ("keras", "Sequential", ("", "Sequential")),
        ("keras.src.ops.numpy", "Sum", ("operations", "Sum")),
        ("keras.src.ops.numpy", "sum", None),
        ("keras.src.utils.file_utils", "get_file", None),
        ("keras.src.saving.saving_lib", "H5IOStore", None),
        ("keras.layers", "__class__", None),
        ("keras.layers", "core.Dense", None),
        ("keras.layers", "", None),
        ("os", "system", None),
        ("", "Dense", None),
        ("keras.layersx", "Dense", None),
        ("tensorflow.keras.layers", "Dense", None),
    ],
)
def test_modules_in_files_lead_to_one_place_or_none(
    module: str, name: str, place: tuple[str, str] | None
) -> None:
    assert public_place(module, name) == place


@pytest.mark.parametrize(
    ("module", "name", "place"),
    [
        ("cornu.layers.dense", "Dense", ("keras.layers", "Dense")),
        ("cornu.layers.layer", "Layer", ("keras", "Layer")),
        ("cornu.models.sequential", "Sequential", ("keras", "Sequential")),
        ("cornu.models.functional", "Functional", ("keras.src.models.functional", "Functional")),
        ("cornu.state.policy", "DTypePolicy", ("keras", "DTypePolicy")),
        ("cornu.random.seed_generator", "SeedGenerator", ("keras.random", "SeedGenerator")),
        ("cornu.losses.hinge", "Hinge", ("keras.losses", "Hinge")),
        ("cornu.metrics.hinge", "Hinge", ("keras.metrics", "Hinge")),
        ("cornu.optimizers.adam", "Adam", ("keras.optimizers", "Adam")),
        (
            "cornu.optimizers.schedules.exponential",
            "ExponentialDecay",
            ("keras.optimizers.schedules", "ExponentialDecay"),
        ),
        (
            "cornu.initializers.random",
            "OrthogonalInitializer",
            ("keras.initializers", "Orthogonal"),
        ),
        ("cornu.state.variable", "Variable", None),
        ("cornu.training.callbacks.history", "History", None),
        ("my_package.layers", "Dense", None),
        ("cornu", "Dense", None),
    ],
)
def test_the_name_in_files_follows_from_the_room(
    module: str, name: str, place: tuple[str, str] | None
) -> None:
    assert file_place(module, name) == place
    if place is not None:
        assert public_place(*place) is not None
