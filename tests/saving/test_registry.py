from __future__ import annotations

import sys
from typing import Any

import pytest

from cornu.errors import ArgumentError, ConfigError
from cornu.saving import registry
from cornu.saving.registry import (
    CustomObjectScope,
    find_class,
    find_function,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from tests.saving.fakes import Dense


class Mine(Dense):
    pass


def double(x: Any) -> Any:
    return 2 * x


def test_a_registered_class_is_found_by_package_and_name() -> None:
    decorated = register_keras_serializable("pack", "Other")(Mine)
    assert decorated is Mine
    assert get_registered_name(Mine) == "pack>Other"
    assert get_registered_object("pack>Other") is Mine
    assert find_class("somewhere", "Mine", "pack>Other") is Mine
    assert get_custom_objects() == {"pack>Other": Mine}


def test_an_unregistered_object_has_its_own_name() -> None:
    assert get_registered_name(double) == "double"
    assert get_registered_object("double") is None


def test_a_class_without_a_config_cannot_be_registered() -> None:
    with pytest.raises(ArgumentError, match="get_config"):
        register_keras_serializable()(type("Plain", (), {}))


def test_scopes_nest_and_end() -> None:
    with CustomObjectScope({"a": 1}):
        with CustomObjectScope({"b": 2}):
            assert [get_registered_object(name) for name in "ab"] == [1, 2]
        assert [get_registered_object(name) for name in "ab"] == [1, None]
    assert get_registered_object("a") is None


def test_the_scope_goes_before_the_registry_and_both_before_arguments() -> None:
    get_custom_objects()["n"] = "registry"
    with CustomObjectScope({"n": "scope"}):
        assert get_registered_object("n", {"n": "argument"}) == "scope"
    assert get_registered_object("n", {"n": "argument"}) == "registry"
    assert get_registered_object("m", {"m": "argument"}, {"m": "module"}) == "argument"


def test_a_built_in_is_found_under_the_modules_of_every_version() -> None:
    for module in ("keras.layers", "keras.src.layers.core.dense"):
        assert find_class(module, "Dense", None) is Dense
    assert find_class("keras.layers", "Dense", "Dense") is Dense


def test_names_that_contradict_each_other_are_refused() -> None:
    register_keras_serializable("Custom")(Mine)
    with pytest.raises(ConfigError, match="only one of the two"):
        find_class("keras.layers", "Dense", "Custom>Mine")


def test_the_error_for_an_unknown_class_shows_the_decorator() -> None:
    with pytest.raises(
        ConfigError, match=r"@keras.saving.register_keras_serializable\(\)\n  class Nn"
    ):
        find_class("my_package.layers", "Nn", "Nn")
    with pytest.raises(TypeError, match="import that package first"):
        find_class("keras_hub.layers", "Nn", "keras_hub>Nn")


def test_a_module_in_a_file_is_never_imported() -> None:
    assert "antigravity" not in sys.modules
    with pytest.raises(ConfigError):
        find_class("antigravity", "Thing", None)
    with pytest.raises(ConfigError):
        find_function("os", "system")
    with pytest.raises(ConfigError):
        find_function("builtins", "eval")
    assert "antigravity" not in sys.modules


def test_a_class_of_the_main_program_that_extends_one_of_ours_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = type("Base", (Dense,), {"__module__": "cornu.layers.layer"})
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "OfMain", type("OfMain", (base,), {"__module__": "__main__"}), False)
    monkeypatch.setattr(main, "Foreign", type("Foreign", (), {"__module__": "__main__"}), False)
    assert find_class(None, "OfMain", "OfMain").__name__ == "OfMain"
    for name in ("Foreign", "sys", "__builtins__"):
        with pytest.raises(ConfigError):
            find_class(None, name, name)
    with pytest.raises(ConfigError):
        find_class("elsewhere", "OfMain", "OfMain")


def test_functions_are_found_by_bare_or_registered_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_resolver", lambda *p: {("losses", "mse"): double}.get(p))
    assert find_function("builtins", "mse") is double
    assert find_function("keras.losses", "mse") is double
    register_keras_serializable("pack")(double)
    assert find_function("builtins", "pack>double") is double
    assert find_function("builtins", "double") is double  # as Keras up to 3.6 wrote it
    assert find_function("builtins", "given", {"given": double}) is double


def test_a_module_attribute_is_not_inherited() -> None:
    assert registry.name_of(Dense) == ("keras.layers", "Dense")
    assert registry.name_of(Mine) is None
