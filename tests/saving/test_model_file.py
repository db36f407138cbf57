from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cornu.errors import ArgumentError, FileFormatError, UnsafeFileError
from cornu.saving.archive import write_archive
from cornu.saving.model_file import STATE, load_model, model_members, save_model
from cornu.saving.weights import load_weights
from tests.saving.fakes import Dense, Sequential, all_arrays, fill, small_model

FILES = Path(__file__).parents[1] / "oracle/files"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.keras"


def load_members(members: dict[str, bytes], **options: Any) -> Any:
    return load_model(io.BytesIO(write_archive(members)), **options)


def test_a_model_comes_back_whole(path: Path) -> None:
    saved = fill(small_model())
    save_model(saved, path)
    loaded = load_model(path)
    assert all_arrays(loaded) == all_arrays(saved)
    assert loaded.get_config() == saved.get_config()
    assert loaded.optimizer.learning_rate == 0.5
    assert loaded.layers[2].words == ["x", "y"]
    other = small_model()
    load_weights(other, path)
    assert all_arrays(other) == all_arrays(saved)


def test_members_and_versions_are_those_of_keras(path: Path) -> None:
    save_model(small_model(), path)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [
            "metadata.json",
            "config.json",
            "model.weights.h5",
            "assets/layers/lookup/vocabulary.txt",
        ]
        metadata = json.loads(archive.read("metadata.json"))
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    assert metadata["keras_version"] == "3.15.1"
    assert metadata["cornu_version"]


def test_saving_twice_gives_equal_bytes(path: Path, tmp_path: Path) -> None:
    save_model(fill(small_model()), path)
    save_model(fill(small_model()), tmp_path / "b.keras")
    assert path.read_bytes() == (tmp_path / "b.keras").read_bytes()
    save_model(load_model(path), tmp_path / "c.keras")
    assert path.read_bytes() == (tmp_path / "c.keras").read_bytes()


def test_compile_false_leaves_the_optimizer_out(path: Path) -> None:
    save_model(fill(small_model()), path)
    assert load_model(path, compile=False).optimizer is None


def test_a_folder_and_a_file_object_serve_too(tmp_path: Path) -> None:
    saved = fill(small_model())
    save_model(saved, tmp_path / "folder", zipped=False)
    assert all_arrays(load_model(tmp_path / "folder")) == all_arrays(saved)
    assert load_model(str(tmp_path / "folder")).layers[2].words == ["x", "y"]
    buffer = io.BytesIO()
    save_model(saved, buffer)
    buffer.seek(0)
    assert all_arrays(load_model(buffer)) == all_arrays(saved)


def test_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    save_model(small_model(), tmp_path / "folder", zipped=False)
    (tmp_path / "folder/metadata.json").unlink()
    (tmp_path / "folder/metadata.json").symlink_to("/etc/passwd")
    with pytest.raises(FileFormatError, match="no regular file"):
        load_model(tmp_path / "folder")


def test_the_state_of_a_run_is_a_member_of_its_own() -> None:
    members = model_members(fill(small_model()), state=b"counters")
    assert members[STATE] == b"counters"
    assert all_arrays(load_members(members)) == all_arrays(fill(small_model()))


def test_custom_objects_reach_the_model(path: Path) -> None:
    class Mine(Dense):
        pass

    save_model(Sequential([Mine(2)], "net"), path)
    assert type(load_model(path, custom_objects={"Mine": Mine}).layers[0]) is Mine
    with pytest.raises(TypeError, match="class Mine"):
        load_model(path)


def test_a_model_that_is_not_built_is_saved_with_a_warning(path: Path) -> None:
    model = small_model()
    model.built = False
    with pytest.warns(UserWarning, match="isn't built"):
        save_model(model, path)


def test_names_and_arguments_are_checked(tmp_path: Path) -> None:
    model = small_model()
    for name, zipped in (("a.h5", None), ("a", True), ("a.keras", False)):
        with pytest.raises(ArgumentError, match=r"\.keras"):
            save_model(model, tmp_path / name, zipped=zipped)
    with pytest.raises(ArgumentError, match="no further arguments"):
        save_model(model, tmp_path / "a.keras", nonsense=1)
    with pytest.raises(ArgumentError, match="no such file"):
        load_model(tmp_path / "none.keras")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ArgumentError, match=r"\.keras"):
        load_model(tmp_path / "a.txt")


def test_a_failed_save_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(small_model(), path)
    before = path.read_bytes()
    model = small_model()
    monkeypatch.setattr(model, "get_config", lambda: {"name": float("nan"), "layers": []})
    with pytest.raises(ArgumentError, match="NaN"):
        save_model(model, path)
    assert path.read_bytes() == before


# Hostile and damaged files


def members_with(change: Any) -> dict[str, bytes]:
    members = model_members(fill(small_model()))
    config = json.loads(members["config.json"])
    config = change(config) or config
    return {**members, "config.json": json.dumps(config).encode()}


def lambda_in(config: Any) -> None:
    code = {"class_name": "__lambda__", "config": {"value": ["4wAAAAA=", None, None]}}
    config["config"]["layers"][0] = code


def lambda_in_compile(config: Any) -> None:
    config["compile_config"]["optimizer"] = {
        "class_name": "__lambda__",
        "config": {"value": ["4wAAAAA=", None, None]},
    }


HOSTILE = {
    "lambda": lambda_in,
    "lambda in a compile config": lambda_in_compile,
    "foreign function": lambda c: c["config"]["layers"].append(
        {"class_name": "function", "config": "system", "module": "os"}
    ),
    "foreign class": lambda c: {**c, "module": "subprocess", "class_name": "Popen"},
    "loader as gadget": lambda c: {**c, "module": "keras.models", "class_name": "load_model"},
    "setter as gadget": lambda c: {**c, "module": "keras.config", "class_name": "set_floatx"},
    "download as gadget": lambda c: {**c, "module": "keras.utils", "class_name": "get_file"},
    "internal name": lambda c: {**c, "module": "keras.src.saving.saving_lib"},
    "package with side effects": lambda c: {**c, "module": "antigravity", "class_name": "x"},
    "two names": lambda c: {**c, "registered_name": "Custom>Other"},
    "wrong class": lambda c: {**c, "class_name": ["Sequential"]},
    "a list": lambda c: [c],
    "layers of text": lambda c: {**c, "config": {"layers": "abc", "name": "x"}},
    "no layers": lambda c: {**c, "config": {}},
    "fewer layers": lambda c: c["config"]["layers"].pop(0) and None,
    "other units": lambda c: c["config"]["layers"][0]["config"].update(units=5),
    "more layers": lambda c: c["config"]["layers"].append(c["config"]["layers"][0]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_config_is_refused_without_side_effects(kind: str) -> None:
    members = members_with(HOSTILE[kind])
    events: list[tuple[str, Any]] = []
    active = True
    watched = (
        "open",
        "exec",
        "import",
        "subprocess.Popen",
        "os.system",
        "socket",
        "ctypes",
        "marshal",
    )

    def hook(event: str, args: Any) -> None:
        if active and event.startswith(watched):
            events.append((event, args))

    archive = io.BytesIO(write_archive(members))
    sys.addaudithook(hook)
    try:
        with pytest.raises(FileFormatError):
            load_model(archive)
    finally:
        active = False
    assert events == []


def test_a_lambda_is_named_as_what_it_is() -> None:
    with pytest.raises(UnsafeFileError, match="safe_mode=False"):
        load_members(members_with(lambda_in))


@pytest.mark.parametrize("missing", ["config.json", "model.weights.h5"])
def test_a_missing_member_is_named(missing: str) -> None:
    members = model_members(small_model())
    del members[missing]
    with pytest.raises(FileFormatError, match=missing):
        load_members(members)


def test_duplicate_keys_in_the_config_are_refused() -> None:
    members = model_members(small_model())
    members["config.json"] = members["config.json"].replace(
        b'{"module"', b'{"module": "os", "module"', 1
    )
    with pytest.raises(FileFormatError, match="twice"):
        load_members(members)


def test_every_flipped_bit_is_an_error_or_changes_nothing() -> None:
    data = write_archive(model_members(fill(small_model())))
    expected = all_arrays(fill(small_model()))
    rng = np.random.default_rng(0)
    header = {*range(200), *range(len(data) - 600, len(data))}
    errors = 0
    for byte in sorted(header | set(rng.integers(0, len(data), 600).tolist())):
        flipped = bytearray(data)
        flipped[byte] ^= 1 << int(rng.integers(8))
        try:
            assert all_arrays(load_model(io.BytesIO(bytes(flipped)))) == expected
        except FileFormatError:
            errors += 1
    assert errors > 500


def test_random_cuts_are_errors() -> None:
    data = write_archive(model_members(fill(small_model())))
    for length in np.random.default_rng(0).integers(0, len(data), 50):
        with pytest.raises(FileFormatError):
            load_model(io.BytesIO(data[:length]))


# Files that real Keras wrote


def real_files() -> list[Path]:
    return sorted(FILES.glob("*/model.keras"))


def test_there_are_files_of_real_keras() -> None:
    assert len(real_files()) >= 4


@pytest.mark.parametrize("file", real_files(), ids=lambda file: file.parent.name)
def test_archives_of_real_keras_pass_every_check(file: Path) -> None:
    from cornu.saving.archive import open_archive
    from cornu.saving.hdf5 import open_weights
    from cornu.saving.strict_json import load_json

    with file.open("rb") as opened, open_archive(opened) as archive:
        assert load_json(archive.read("metadata.json"), "m")["keras_version"] == "3.15.1"
        assert load_json(archive.read("config.json"), "c")["class_name"] in (
            "Functional",
            "Sequential",
        )
        with open_weights(io.BytesIO(archive.read("model.weights.h5"))) as weights:
            in_archive = {p: weights.read(a) for p, a in weights.arrays.items()}
    with file.with_name("model.weights.h5").open("rb") as opened, open_weights(opened) as weights:
        alone = {p: weights.read(a) for p, a in weights.arrays.items()}
    assert any(path.startswith("layers/") for path in alone)
    assert in_archive.keys() == alone.keys()
    assert all(np.array_equal(in_archive[path], alone[path]) for path in alone)
