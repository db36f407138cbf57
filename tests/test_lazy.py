"""Public names are bound on first use; tables, type imports and files agree on them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

import cornu
from cornu import lazy
from tests.sources import Source, sources, typed_names


def _calls_attach(source: Source) -> bool:
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "attach"
        for node in source.tree.body
    )


LAZY = [source.module for source in sources().values() if _calls_attach(source)]


def _table(module: str) -> dict[str, str]:
    lazy.module(module) if module != "cornu" else None
    return dict(lazy.tables()[module])


@pytest.mark.parametrize("module", LAZY)
def test_editors_see_the_names_that_a_package_has(module: str) -> None:
    typed = typed_names(sources()[module])
    table = _table(module)
    assert sorted(set(typed) ^ set(table)) == []


@pytest.mark.parametrize("module", LAZY)
def test_every_public_name_resolves(module: str) -> None:
    package = sys.modules[module] if module == "cornu" else lazy.module(module)
    missing = [name for name in _table(module) if not hasattr(package, name)]
    assert missing == []
    assert set(package.__all__) == set(_table(module))
    assert set(package.__all__) <= set(dir(package))


@pytest.mark.parametrize("module", LAZY)
def test_a_type_import_gives_the_very_object(module: str) -> None:
    package = sys.modules[module] if module == "cornu" else lazy.module(module)
    for name, place in typed_names(sources()[module]).items():
        owner, _, attribute = place.partition(":")
        expected = lazy.module(owner)
        expected = getattr(expected, attribute) if attribute else expected
        assert getattr(package, name) is expected, f"{module}.{name}"


@pytest.mark.parametrize("module", LAZY)
def test_a_file_declares_the_names_that_are_taken_from_it(module: str) -> None:
    undeclared = []
    for name, place in _table(module).items():
        owner, _, attribute = place.partition(":")
        if attribute and attribute not in getattr(lazy.module(owner), "__all__", ()):
            undeclared.append(f"{module}.{name}: {attribute!r} isn't in __all__ of {owner}")
    assert undeclared == []


def test_no_file_has_the_name_of_something_public_beside_it() -> None:
    # Importing cornu.losses.mse as a module would put it in the place of the function.
    shadowed = [
        f"{module}.{name}"
        for module in LAZY
        for name, place in _table(module).items()
        if f"{module}.{name}" in sources() and place != f"{module}.{name}:"
    ]
    assert shadowed == []


def test_a_name_is_bound_on_first_use() -> None:
    program = (
        "import sys, cornu.utils as u\n"
        "before = 'to_categorical' in vars(u), 'numpy' in sys.modules\n"
        "u.to_categorical\n"
        "print(before, 'to_categorical' in vars(u), 'numpy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(False, False) True True"


def test_the_names_do_not_depend_on_the_seed_of_hashes() -> None:
    program = "import cornu, cornu.config; print(cornu.__all__, cornu.config.__all__)"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "012"
    }
    assert len(outputs) == 1


def test_a_name_of_nobody_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'cornu.config' has no attribute 'nothing'"):
        cornu.config.nothing
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        from cornu.config import nothing  # noqa: F401


def test_a_name_of_the_api_which_is_missing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "cornu.config.future is part of the Keras API 3.15.1, but this version of cornu doesn't"
    monkeypatch.setitem(lazy.NAMES, "config", "future")
    with pytest.raises(AttributeError, match=text):
        cornu.config.future
    with pytest.raises(ImportError, match=text):
        from cornu.config import future  # noqa: F401


def test_public_gives_public_names_only() -> None:
    assert lazy.public("cornu.utils", "to_categorical") is cornu.utils.to_categorical
    for package, name in [
        ("cornu.utils", "attach"), ("cornu.utils", "legacy"), ("cornu.utils", "__name__"),
        ("cornu", "lazy"), ("cornu.cli", "main"), ("os", "system"), ("cornu.nowhere", "x"),
    ]:  # fmt: skip
        with pytest.raises(LookupError, match="has no public name"):
            lazy.public(package, name)


def test_modules_of_others_are_not_imported_by_name() -> None:
    with pytest.raises(ValueError, match="modules of cornu only"):
        lazy.module("antigravity")


def test_a_module_for_later_is_imported_when_something_of_it_is_asked_for() -> None:
    program = (
        "import sys, cornu.lazy; terminal = cornu.lazy.later('cornu.training.terminal')\n"
        "before = 'cornu.training.terminal' in sys.modules\n"
        "width = terminal.line_width()\n"
        "import cornu.training.terminal as real\n"
        "print(before, width, terminal.write is real.write)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.split() == ["False", "None", "True"]


def test_a_module_for_later_has_no_other_names_than_the_module() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = lazy.later("cornu.training.terminal").no_such_name


def test_asking_whether_a_name_is_there_compares_it_with_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(lazy, "did_you_mean", lambda name, known: asked.append(name))
    assert not hasattr(cornu.layers, "Dens")
    assert asked == []
    with pytest.raises(AttributeError) as caught:
        _ = cornu.layers.Dens
    assert str(caught.value).startswith("module 'cornu.layers' has no attribute 'Dens'")
    assert asked == ["Dens"]
