from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from cornu.errors import ArgumentError, FileFormatError, NotSupportedError, StateError
from cornu.saving.hdf5 import Group, write_weights
from cornu.saving.sealed import sealed
from cornu.saving.weights import load_weights, save_weights, weights_bytes
from tests.saving.fakes import (
    Adam,
    Dense,
    Part,
    Sequential,
    Variable,
    all_arrays,
    fill,
    small_model,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.weights.h5"


def store(path: Path, groups: list[Group]) -> None:
    path.write_bytes(sealed(write_weights(groups)))


def groups_of(model: Any) -> list[Group]:
    with h5py.File(io.BytesIO(weights_bytes(model))) as file:
        found: dict[str, Group] = {}

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                group = name.rpartition("/vars/")[0]
                found.setdefault(group, Group(group, "n")).arrays[name[-1]] = item[()]

        file.visititems(visit)
        return list(found.values())


def test_weights_come_back_with_the_optimizers_state(path: Path) -> None:
    saved = fill(small_model())
    save_weights(saved, path)
    loaded = small_model()
    load_weights(loaded, path)
    assert all_arrays(loaded) == all_arrays(saved)


def test_saving_twice_gives_equal_bytes(path: Path, tmp_path: Path) -> None:
    model = fill(small_model())
    save_weights(model, path)
    save_weights(model, tmp_path / "b.weights.h5")
    assert path.read_bytes() == (tmp_path / "b.weights.h5").read_bytes()


def test_the_file_is_laid_out_as_keras_does(path: Path) -> None:
    save_weights(fill(small_model()), path)
    with h5py.File(path) as file:
        names: list[str] = []
        file.visit(names.append)
        assert [n for n in names if isinstance(file[n], h5py.Dataset)] == [
            "layers/dense/vars/0",
            "layers/dense/vars/1",
            "layers/dense_1/vars/0",
            "layers/dense_1/vars/1",
            *(f"optimizer/vars/{index}" for index in range(5)),
        ]
        assert file["layers/dense/vars"].attrs["name"] == "a"


def wrong_shape(groups: list[Group]) -> list[Group]:
    groups[1].arrays["0"] = np.zeros((5, 5), "float32")
    return groups


def one_more(groups: list[Group]) -> list[Group]:
    groups[1].arrays["2"] = np.zeros(5, "float32")
    return groups


def one_less(groups: list[Group]) -> list[Group]:
    del groups[1].arrays["1"]
    return groups


def other_key(groups: list[Group]) -> list[Group]:
    groups[1].arrays["7"] = groups[1].arrays.pop("1")
    return groups


def gone(groups: list[Group]) -> list[Group]:
    return [groups[0], *groups[2:]]


@pytest.mark.parametrize("change", [wrong_shape, one_more, one_less, other_key, gone])
def test_a_file_that_does_not_fit_changes_nothing(change: Any, path: Path) -> None:
    store(path, change(groups_of(fill(small_model()))))
    model = fill(small_model(), 50.0)
    before = all_arrays(model)
    with pytest.raises(FileFormatError, match=r"layers/dense_1 \(Dense\)") as caught:
        load_weights(model, path)
    assert "No variable was changed" in str(caught.value)
    assert all_arrays(model) == before
    with pytest.warns(UserWarning, match="doesn't fit 1 of the model's objects"):
        load_weights(model, path, skip_mismatch=True)
    expected = all_arrays(fill(small_model()))
    assert all_arrays(model) == [*expected[:2], *before[2:4], *expected[4:]]


def test_a_declared_shape_is_compared_before_it_is_read(path: Path) -> None:
    groups = groups_of(fill(small_model()))
    groups[0].arrays["0"] = np.zeros((4, 1 << 20), "float32")
    store(path, groups)
    with pytest.raises(FileFormatError, match=r"expects float32\[3, 4\] .* float32\[4, 1048576\]"):
        load_weights(small_model(), path)


class Refuses(Part):
    """A user's layer whose own method fails after others have been loaded."""

    def load_own_variables(self, arrays: Any) -> None:
        raise RuntimeError("no")


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, MemoryError])
def test_an_error_on_the_way_puts_everything_back(error: type, path: Path) -> None:
    class Fails(Dense):
        def load_own_variables(self, arrays: Any) -> None:
            self._variables[0].array = np.array(arrays["0"])
            if not isinstance(arrays, dict):  # a file's; the copy to put back is a dictionary
                raise error("in the middle")

    def model() -> Sequential:
        return fill(Sequential([Dense(2), Fails(2), Dense(3)]), 9.0)

    groups = groups_of(fill(Sequential([Dense(2), Dense(2), Dense(3)])))
    groups[1].path = "layers/fails"
    groups[2].path = "layers/dense_1"
    store(path, groups)
    loaded = model()
    before = all_arrays(loaded)
    with pytest.raises((FileFormatError, KeyboardInterrupt)):
        load_weights(loaded, path)
    assert all_arrays(loaded) == before


def test_a_refusal_by_a_users_method_can_be_skipped(path: Path) -> None:
    store(path, groups_of(fill(Sequential([Dense(2), Dense(3)]))))
    model = fill(Sequential([Dense(2), Dense(3), Refuses()]), 9.0)
    with pytest.raises(FileFormatError, match=r"layers/refuses \(Refuses\) .* RuntimeError: no"):
        load_weights(model, path)
    with pytest.warns(UserWarning, match="refuses"):
        load_weights(model, path, skip_mismatch=True)
    assert all_arrays(model) == all_arrays(fill(Sequential([Dense(2), Dense(3)])))


def test_an_optimizer_with_other_variables_is_left_out_with_a_warning(path: Path) -> None:
    save_weights(fill(small_model()), path)
    model = small_model()
    model.optimizer = Adam()
    with pytest.warns(UserWarning, match="'adam' isn't loaded: it isn't built yet"):
        load_weights(model, path)
    assert all_arrays(model)[:4] == all_arrays(fill(small_model()))[:4]


def test_a_model_without_an_optimizer_takes_the_file_of_one_with(path: Path) -> None:
    save_weights(fill(small_model()), path)
    model = small_model()
    model.optimizer = None
    load_weights(model, path)
    assert all_arrays(model) == all_arrays(fill(small_model()))[:4]


def test_a_layer_that_was_never_built_is_named_with_the_way_out(path: Path) -> None:
    save_weights(fill(small_model()), path)
    model = small_model()
    model.layers[1]._variables = []
    model.layers[1].built = False
    with pytest.raises(FileFormatError, match=r"was never built.*build_from_config"):
        load_weights(model, path)


def test_an_object_may_stand_under_its_second_path(path: Path) -> None:
    """As after renaming an attribute that leads to the same object twice."""
    store(
        path, [Group("second", "n", {"0": np.full((3, 2), 4, "float32"), "1": np.zeros(2, "f4")})]
    )
    layer = Dense(2)
    model = Part()
    model.first, model.second = layer, layer
    load_weights(model, path)
    assert layer._variables[0].array.tolist() == np.full((3, 2), 4).tolist()


def test_files_from_before_nested_containers_load_with_a_warning(path: Path) -> None:
    model = Part()
    model.blocks = [[Dense(2)], Dense(3)]
    flat = Part()
    flat.blocks = [fill(Sequential([Dense(3)])).layers[0]]
    store(path, groups_of(flat))
    with pytest.warns(UserWarning, match="nested container 'blocks/container'"):
        load_weights(model, path)
    assert model.blocks[1]._variables[0].array[0, 0] == 1.0


def test_what_a_container_repeats_needs_no_warning(path: Path, recwarn: Any) -> None:
    model = small_model()
    model.by_depth = [[model.layers[0]], [model.layers[1]]]
    store(path, groups_of(fill(small_model())))
    load_weights(model, path)
    assert not recwarn.list


def test_cycles_of_objects_load(path: Path) -> None:
    def cyclic() -> Any:
        model = Part()
        model.child = Dense(2)
        model.child.parent = model
        return model

    save_weights(cyclic(), path)
    model = cyclic()
    model.child._variables[0].array[:] = 7
    load_weights(model, path)
    assert model.child._variables[0].array[0].tolist() == [0.0, 1.0]


def test_parts_can_be_left_out_when_saving_and_loading(path: Path) -> None:
    model = fill(small_model())
    save_weights(model, path, objects_to_skip=[model.layers[0]])
    with h5py.File(path) as file:
        assert list(file["layers"]) == ["dense_1"]
    other = fill(small_model(), 70.0)
    load_weights(other, path, objects_to_skip=[other.layers[0]])
    assert all_arrays(other)[0] == np.full((3, 4), 70.0).tolist()
    assert all_arrays(other)[2:] == all_arrays(model)[2:]


def test_values_are_cast_to_the_variables_dtype(path: Path) -> None:
    model = Sequential([Dense(2)])
    groups = groups_of(fill(Sequential([Dense(2)])))
    groups[0].arrays["1"] = np.array([3.0, 4.0], "float64")
    store(path, groups)
    load_weights(model, path)
    assert model.layers[0]._variables[1].array.dtype == "float32"
    assert model.layers[0]._variables[1].array.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("length", [0, 10, 100, 1000, -1, -60, -200])
def test_a_cut_file_is_an_error(length: int, path: Path) -> None:
    save_weights(fill(small_model()), path)
    path.write_bytes(path.read_bytes()[:length])
    model = fill(small_model(), 50.0)
    before = all_arrays(model)
    try:
        load_weights(model, path)
    except FileFormatError:
        assert all_arrays(model) == before
    else:  # only the seal was cut
        assert all_arrays(model) == all_arrays(fill(small_model()))


def test_names_and_arguments_are_checked(tmp_path: Path) -> None:
    model = small_model()
    with pytest.raises(ArgumentError, match=r"\.weights\.h5"):
        save_weights(model, tmp_path / "a.h5")
    with pytest.raises(ArgumentError, match=r"\.weights\.h5"):
        load_weights(model, tmp_path / "a.npz")
    with pytest.raises(ArgumentError, match="objects_to_skip"):
        load_weights(model, tmp_path / "a.keras", objects_to_skip=[])
    with pytest.raises(ArgumentError, match="'nonsense'"):
        load_weights(model, tmp_path / "a.weights.h5", nonsense=1)
    with pytest.raises(NotSupportedError, match="one file"):
        save_weights(model, tmp_path / "a.weights.h5", max_shard_size=1)
    with pytest.raises(FileNotFoundError):
        load_weights(model, tmp_path / "none.weights.h5")
    model.built = False
    with pytest.raises(StateError, match="isn't built"):
        save_weights(model, tmp_path / "a.weights.h5")
    with pytest.raises(StateError, match="isn't built"):
        load_weights(model, tmp_path / "a.weights.h5")


def test_an_existing_file_is_kept_unless_overwriting_is_allowed(path: Path) -> None:
    path.write_bytes(b"mine")
    with pytest.raises(ArgumentError, match="exists already"):
        save_weights(small_model(), path, overwrite=False)
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize(("answers", "kept"), [(["n"], True), (["?", "yes"], False)])
def test_the_user_is_asked_where_there_is_one(
    answers: list[str], kept: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    path.write_bytes(b"mine")
    monkeypatch.setattr("sys.stdin", Terminal("\n".join(answers) + "\n"))
    save_weights(small_model(), path, overwrite=False)
    assert (path.read_bytes() == b"mine") == kept


def test_a_users_own_way_of_saving_is_used(path: Path) -> None:
    class Own(Part):
        def __init__(self) -> None:
            super().__init__()
            self.table = {"a": 1.0}

        def save_own_variables(self, store: Any) -> None:
            store["keys"] = np.array([ord(k) for k in self.table])
            store["values"] = Variable(list(self.table.values()))

        def load_own_variables(self, store: Any) -> None:
            keys, values = store["keys"], store["values"]
            self.table = dict(zip(map(chr, keys), values.tolist(), strict=True))
            assert "other" not in store
            assert sorted(store.keys()) == ["keys", "values"]

    model = Own()
    model.table = {"x": 5.0, "y": 6.0}
    save_weights(model, path)
    other = Own()
    load_weights(other, path)
    assert other.table == model.table
