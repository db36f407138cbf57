"""Configs: expectations are what Keras 3.15.1 writes, taken from a run of it."""

from __future__ import annotations

import json
import warnings
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from cornu.errors import ArgumentTypeError, ConfigError, FileFormatError, UnsafeFileError
from cornu.graph.array import as_array
from cornu.saving.lambda_code import load_function
from cornu.saving.registry import CustomObjectScope, register_keras_serializable
from cornu.saving.safe_mode import (
    effective_safe_mode,
    enable_unsafe_deserialization,
    safe_mode_scope,
)
from cornu.saving.serialization import (
    TensorReference,
    deserialize_keras_object,
    forget_lonely,
    serialize_keras_object,
    sharing_scope,
)
from tests.saving.fakes import Adam, Dense, Sequential, small_model


class KerasTensor:
    shape, dtype = (None, 4), "float32"
    _keras_history = (Dense(1, name="a"), 0, 0)


def named(x: Any) -> Any:
    return x


class Wrapper(Dense):
    """A user's class that holds another object."""

    def __init__(self, inner: Any, **rest: Any) -> None:
        super().__init__(1, **rest)
        self.inner = inner

    def get_config(self) -> dict[str, Any]:
        return {"inner": serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Wrapper:
        return cls(deserialize_keras_object(config["inner"]))


FORMS = [
    (None, None),
    (True, True),
    (1.5, 1.5),
    (np.float32(3), 3.0),
    (np.float64(3), 3.0),
    (np.int64(3), 3),
    (np.array(3.0), 3.0),
    ((1, (2, 3)), (1, (2, 3))),
    ({"a": {1: 2}}, {"a": {1: 2}}),
    (b"x", {"class_name": "__bytes__", "config": {"value": "x"}}),
    (..., {"class_name": "__ellipsis__", "config": {}}),
    (
        slice(1, None),
        {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": None}},
    ),
    (
        np.ones(3),
        {"class_name": "__numpy__", "config": {"value": [1.0, 1.0, 1.0], "dtype": "float64"}},
    ),
    (np.array([True]), {"class_name": "__numpy__", "config": {"value": [True], "dtype": "bool"}}),
    (
        np.ones(2, ml_dtypes.bfloat16),
        {"class_name": "__numpy__", "config": {"value": [1.0, 1.0], "dtype": "bfloat16"}},
    ),
    (
        KerasTensor(),
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None, 4], "dtype": "float32", "keras_history": ["a", 0, 0]},
        },
    ),
    (
        named,
        {
            "module": "builtins",
            "class_name": "function",
            "config": "named",
            "registered_name": "function",
        },
    ),
    (
        float,
        {
            "module": "builtins",
            "class_name": "type",
            "config": "float",
            "registered_name": "type",
        },
    ),
    (
        Adam(0.5),
        {
            "module": "keras.optimizers",
            "class_name": "Adam",
            "config": {"learning_rate": 0.5, "name": "adam"},
            "registered_name": None,
        },
    ),
]


@pytest.mark.parametrize(
    ("value", "form"), FORMS, ids=lambda value: str(value)[:40].partition(" at 0x")[0]
)
def test_values_have_the_form_that_keras_writes(value: Any, form: Any) -> None:
    written = serialize_keras_object(value)
    assert written == form
    assert type(written) is type(form)
    json.dumps(written)


def test_a_tensor_has_the_form_that_keras_writes() -> None:
    form = serialize_keras_object(as_array(np.ones(2, "float32")))
    assert form == {"class_name": "__tensor__", "config": {"value": [1.0, 1.0], "dtype": "float32"}}
    back = deserialize_keras_object(form)
    assert type(back).__name__ == "Array"
    assert back.dtype == "float32"
    assert back.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "value",
    [None, 1, "text", 2.5, b"bytes", ..., slice(0, 5, 2), [1, [2]], {"a": 1, "b": [None]}],
    ids=str,
)
def test_plain_values_come_back(value: Any) -> None:
    assert deserialize_keras_object(serialize_keras_object(value)) == value


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "bool", "bfloat16", "float16"])
def test_arrays_come_back_with_their_dtype(dtype: str) -> None:
    values = np.arange(6).reshape(2, 3).astype(getattr(ml_dtypes, dtype, dtype))
    back = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(values))))
    assert back.dtype == values.dtype
    assert back.tolist() == values.tolist()


def test_a_symbolic_tensor_comes_back_as_a_reference() -> None:
    back = deserialize_keras_object(serialize_keras_object(KerasTensor()))
    assert back == TensorReference((None, 4), "float32", ("a", 0, 0))


def test_objects_come_back_built_and_compiled() -> None:
    model = small_model()
    config = json.loads(json.dumps(serialize_keras_object(model)))
    assert config["module"] == "keras"
    assert config["class_name"] == "Sequential"
    assert list(config) == ["module", "class_name", "config", "registered_name", "compile_config"]
    back = deserialize_keras_object(config)
    assert isinstance(back, Sequential)
    assert back.layers[0].units == 4
    assert back.optimizer is not None
    assert back.optimizer.learning_rate == 0.5


def test_a_users_class_is_written_with_its_module_and_registered_name() -> None:
    register_keras_serializable("pack")(Wrapper)
    config = serialize_keras_object(Wrapper(Dense(2)))
    assert config["module"] == __name__
    assert config["registered_name"] == "pack>Wrapper"
    assert deserialize_keras_object(config).inner.units == 2


def test_custom_objects_reach_inner_objects() -> None:
    config = serialize_keras_object(Wrapper(Wrapper(Dense(2))))
    for load in (
        lambda: deserialize_keras_object(config, custom_objects={"Wrapper": Wrapper}),
        lambda: _within({"Wrapper": Wrapper}, config),
    ):
        assert load().inner.inner.units == 2
    with pytest.raises(ConfigError, match="Wrapper"):
        deserialize_keras_object(config)


def _within(known: dict[str, Any], config: Any) -> Any:
    with CustomObjectScope(known):
        return deserialize_keras_object(config)


def test_an_instance_may_say_its_own_name_in_files() -> None:
    class Op(Dense):
        def _cornu_place(self) -> tuple[str, str]:
            return "keras.src.ops.numpy", "Sum"

    config = serialize_keras_object(Op(1))
    assert (config["module"], config["class_name"]) == ("keras.src.ops.numpy", "Sum")
    assert config["registered_name"] == "Sum"


def test_an_object_in_two_places_is_one_object_again() -> None:
    shared = Dense(2)
    with sharing_scope():
        config = forget_lonely(
            serialize_keras_object([Wrapper(shared), {"again": shared}, Dense(2), Wrapper(shared)])
        )
    assert json.dumps(config).count("shared_object_id") == 3
    with sharing_scope():
        first, second, third, fourth = deserialize_keras_object(config, {"Wrapper": Wrapper})
    assert first.inner is second["again"] is fourth.inner
    assert third is not first.inner


def test_numbers_of_shared_objects_do_not_depend_on_addresses() -> None:
    def write() -> str:
        shared = Dense(2)
        with sharing_scope():
            return json.dumps(forget_lonely(serialize_keras_object([Dense(1), shared, shared])))

    waste = [write() for _ in range(3)]
    assert len(set(waste)) == 1


def test_what_has_no_config_is_refused_with_an_example() -> None:
    with pytest.raises(ArgumentTypeError, match=r"def get_config\(self\)"):
        serialize_keras_object({1, 2})
    with pytest.raises(TypeError, match="must return a dictionary"):
        serialize_keras_object(type("Odd", (), {"get_config": lambda self: [1]})())


# Lambdas


def test_a_lambda_loads_only_where_the_call_allows_it() -> None:
    with pytest.warns(UserWarning, match="test_serialization.py"):
        form = serialize_keras_object([lambda x, by=3: x * by])
    form = json.loads(json.dumps(form))
    with pytest.raises(UnsafeFileError, match="safe_mode=False"):
        deserialize_keras_object(form)
    assert deserialize_keras_object(form, safe_mode=False)[0](2) == 6
    with pytest.raises(ValueError, match="bytecode"):
        deserialize_keras_object(form)


def test_a_lambda_keeps_its_closure() -> None:
    factor = 5
    with pytest.warns(UserWarning, match="saved as bytecode"):
        form = serialize_keras_object(lambda x: x * factor)
    assert deserialize_keras_object(json.loads(json.dumps(form)), safe_mode=False)(2) == 10


def test_an_inner_call_cannot_lift_the_outer_safe_mode() -> None:
    with pytest.warns(UserWarning, match="saved as bytecode"):
        form = serialize_keras_object(lambda x: x)
    with safe_mode_scope(True):
        assert effective_safe_mode(False)
        with pytest.raises(UnsafeFileError):
            deserialize_keras_object(form, safe_mode=False)
        with pytest.raises(UnsafeFileError):
            load_function(form["config"]["value"][0], safe_mode=False)
    with safe_mode_scope(False):
        assert deserialize_keras_object(form)(4) == 4


def test_the_switch_for_the_whole_process_changes_nothing() -> None:
    with pytest.warns(UserWarning, match="changes nothing"):
        enable_unsafe_deserialization()
    assert effective_safe_mode()


@pytest.mark.parametrize("code", ["", "####", "aGVsbG8=", "äö", 3])
def test_bytecode_that_is_none_is_one_error(code: Any) -> None:
    with pytest.raises(ConfigError):
        load_function(code, safe_mode=False)


# Hostile configs

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}}


@pytest.mark.parametrize(
    "config",
    [
        {**DENSE, "config": [1]},
        {**DENSE, "config": "units"},
        {**DENSE, "config": {"units": {"class_name": "x"}}},
        {**DENSE, "config": {"units": None}},
        {**DENSE, "config": {"nonsense": 1}},
        {**DENSE, "class_name": 3},
        {**DENSE, "class_name": ["Dense"]},
        {**DENSE, "module": 3},
        {**DENSE, "module": ["keras", "layers"]},
        {**DENSE, "registered_name": 3},
        {**DENSE, "registered_name": "Custom>Evil"},
        {**DENSE, "build_config": 3, "config": {"units": 1}, "class_name": "NoBuild"},
        {**DENSE, "compile_config": {"optimizer": 1}},
        {"class_name": "function", "config": 3},
        {"class_name": "function", "config": "system", "module": "os"},
        {"class_name": "function", "config": "eval", "module": "builtins"},
        {"class_name": "function", "config": "get_file", "module": "keras.utils"},
        {"class_name": "load_model", "config": {}, "module": "keras.models"},
        {"class_name": "set_floatx", "config": {}, "module": "keras.config"},
        {"class_name": "Popen", "config": {}, "module": "subprocess"},
        {"class_name": "H5IOStore", "config": {}, "module": "keras.src.saving.saving_lib"},
        {"class_name": "TorchModuleWrapper", "config": {}, "module": "keras.layers"},
        {"class_name": "TFSMLayer", "config": {"filepath": "x"}, "module": "keras.layers"},
        {"class_name": "__typespec__", "config": [], "module": "os", "spec_name": "system"},
        {"class_name": "type", "config": "float", "module": "builtins"},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "S4000000000"}},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "O"}},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": [["a", "f4", 10**9]]}},
        {"class_name": "__numpy__", "config": {"value": [1], "dtype": "(1000000000,)f4"}},
        {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "float32"}},
        {"class_name": "__numpy__", "config": {"value": [[1], [2, 3]], "dtype": "float32"}},
        {"class_name": "__numpy__", "config": {"value": {"a": 1}, "dtype": "float32"}},
        {"class_name": "__numpy__", "config": {}},
        {"class_name": "__numpy__", "config": 3},
        {"class_name": "__tensor__", "config": {"value": [1], "dtype": None}},
        {"class_name": "__bytes__", "config": {"value": 3}},
        {"class_name": "__slice__", "config": {"start": 1}},
        {"class_name": "__keras_tensor__", "config": {"shape": 3, "dtype": "float32"}},
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": ["a"], "dtype": "float32", "keras_history": None},
        },
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [1], "dtype": "float32", "keras_history": [[], 0, 0]},
        },
        object(),
    ],
    ids=lambda config: str(config)[:60].partition(" at 0x")[0],  # no address
)
def test_a_hostile_config_is_one_typed_error(config: Any) -> None:
    with pytest.raises(FileFormatError):
        deserialize_keras_object(config)


def test_a_config_nested_without_end_is_refused() -> None:
    bomb: Any = 0
    for _ in range(100_000):
        bomb = [bomb]
    with pytest.raises(FileFormatError, match="nested"):
        deserialize_keras_object(bomb)
    while isinstance(bomb, list):  # so that its end doesn't recurse
        bomb = bomb[0]


def test_ninety_objects_inside_each_other_load() -> None:
    config: Any = DENSE
    for _ in range(90):
        config = {"class_name": "Wrapper", "module": "x", "config": {"inner": config}}
    assert deserialize_keras_object(config, {"Wrapper": Wrapper}).inner.inner.units == 1


def test_a_config_that_exhausts_the_stack_is_one_typed_error() -> None:
    class Endless(Dense):
        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Endless:
            return cls.from_config(config)

    config = {"class_name": "Endless", "module": "x", "config": {}}
    with pytest.raises(ConfigError, match="nested too deep"):
        deserialize_keras_object(config, {"Endless": Endless})


def test_a_shared_number_stands_only_for_objects_of_one_class() -> None:
    one = {**DENSE, "shared_object_id": 7}
    other = {
        "module": "keras.optimizers",
        "class_name": "Adam",
        "config": {},
        "shared_object_id": 7,
    }
    with sharing_scope():
        first, second, third = deserialize_keras_object([one, other, one])
    assert first is third
    assert isinstance(second, Adam)
    with sharing_scope():
        deserialize_keras_object(
            [{**one, "shared_object_id": {}}, {**one, "shared_object_id": "a"}]
        )


# The way in for names: `deserialize(config, module_objects=...)`


def test_module_objects_let_a_config_be_a_name() -> None:
    known = {"Dense": Dense, "named": named}
    assert deserialize_keras_object("named", module_objects=known) is named
    with pytest.raises(FileFormatError):  # a Dense needs its units
        deserialize_keras_object("Dense", module_objects=known)
    config = {"class_name": "Dense", "config": {"units": 3}, "module": None}
    assert deserialize_keras_object(config, module_objects=known).units == 3
    assert deserialize_keras_object("unknown", module_objects=known) == "unknown"


def test_loading_plain_objects_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deserialize_keras_object(serialize_keras_object(small_model()))
