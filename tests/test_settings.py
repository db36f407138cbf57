"""Settings: where first values come from, what is allowed, and that a first use is final.

Each case runs in a process of its own, as settings hold for a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cornu import settings


def _print(expression: str, tmp_path: Path, **variables: str) -> str:
    """Print an expression with `c` as cornu.config and `s` as cornu.settings, elsewhere."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("CORNU_", "KERAS_"))}
    homes = {"CORNU_HOME": str(tmp_path / "cornu"), "KERAS_HOME": str(tmp_path / "keras")}
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from cornu import config as c, settings as s\nprint({expression})",
        ],
        env={**clean, **homes, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


# The compiled core where the package has one.
DEFAULT = "native" if settings.has_compiled_core() else "numpy"


def _store(folder: Path, name: str, **values: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(values))


def test_defaults(tmp_path: Path) -> None:
    expression = "c.backend(), c.floatx(), c.epsilon(), c.image_data_format(), c.max_epochs()"
    assert _print(expression, tmp_path) == f"{DEFAULT} float32 1e-07 channels_last None"
    assert _print("s.chosen_backend().reason", tmp_path).startswith("default")


def test_reading_settings_writes_nothing(tmp_path: Path) -> None:
    _print("c.backend(), c.floatx()", tmp_path)
    assert list(tmp_path.iterdir()) == []


BACKENDS = [
    ({"CORNU_BACKEND": "jax", "KERAS_BACKEND": "torch"}, "torch", "jax"),
    ({"KERAS_BACKEND": "torch"}, "jax", "torch"),
    ({}, "torch", "torch"),
    ({}, None, DEFAULT),
]


@pytest.mark.parametrize(("variables", "stored", "expected"), BACKENDS)
def test_the_backend_comes_from_the_first_that_names_one(
    tmp_path: Path, variables: dict[str, str], stored: str | None, expected: str
) -> None:
    if stored:
        _store(tmp_path / "cornu", "config.json", backend=stored)
    assert _print("c.backend()", tmp_path, **variables) == expected
    assert _print("c.set_backend('numpy') or c.backend()", tmp_path, **variables) == "numpy"


def test_config_json_gives_first_values(tmp_path: Path) -> None:
    _store(
        tmp_path / "cornu", "config.json",
        floatx="float64", epsilon=1e-5, image_data_format="channels_first",
    )  # fmt: skip
    expression = "c.floatx(), c.epsilon(), c.image_data_format()"
    assert _print(expression, tmp_path) == "float64 1e-05 channels_first"


def test_a_damaged_config_json_is_reported(tmp_path: Path) -> None:
    (tmp_path / "cornu").mkdir()
    (tmp_path / "cornu" / "config.json").write_text("{")
    assert "config.json isn't valid JSON" in _print("c.floatx()", tmp_path)


def test_keras_json_is_read_under_cornu_run_only(tmp_path: Path) -> None:
    _store(tmp_path / "keras", "keras.json", floatx="float16", backend="torch")
    expression = "c.floatx(), c.backend()"
    assert _print(expression, tmp_path) == f"float32 {DEFAULT}"
    assert _print(expression, tmp_path, CORNU_RUN="1") == f"float16 {DEFAULT}"


def test_a_backend_of_the_past_means_its_successor(tmp_path: Path) -> None:
    answer = _print("c.backend()", tmp_path, KERAS_BACKEND="theano")
    assert "pytensor" in answer


def test_an_unknown_backend_is_reported_with_those_that_exist(tmp_path: Path) -> None:
    answer = _print("c.backend()", tmp_path, CORNU_BACKEND="mlx")
    assert answer.startswith("ValueError: CORNU_BACKEND: there is no backend 'mlx'")
    assert "numpy" in answer
    assert _print("c.floatx()", tmp_path, CORNU_BACKEND="mlx") == "float32"


def test_a_first_use_is_final_and_is_named(tmp_path: Path) -> None:
    freeze = "s.freeze_backend('ops.add'), s.freeze_backend('Dense'), "
    assert _print(f"{freeze} c.set_backend('{DEFAULT}')", tmp_path) == f"{DEFAULT} {DEFAULT} None"
    answer = _print(f"{freeze} c.set_backend('jax')", tmp_path)
    assert answer.startswith("RuntimeError: set_backend")
    assert "ops.add" in answer
    assert "CORNU_BACKEND=jax" in answer


def test_another_name_can_be_reported(tmp_path: Path) -> None:
    answer = _print(
        "c.backend(), s.chosen_backend().name, c.set_backend_alias(None), c.backend()",
        tmp_path,
        CORNU_REPORT_BACKEND="jax",
    )
    assert answer == f"jax {DEFAULT} None {DEFAULT}"


@pytest.mark.parametrize(
    ("call", "received"),
    [
        ("c.set_floatx('float8')", "'float8'"),
        ("c.set_image_data_format('NCHW')", "'nchw'"),
        ("s.standardize_data_format('last')", "'last'"),
    ],
)
def test_other_values_are_refused(tmp_path: Path, call: str, received: str) -> None:
    answer = _print(call, tmp_path)
    assert answer.startswith("ValueError")
    assert answer.endswith(f"Received: {received}.")


def test_limits_for_trials(tmp_path: Path) -> None:
    expression = "c.max_epochs(), c.set_max_epochs(3), c.max_epochs(), c.set_max_epochs(0), "
    assert _print(f"{expression} c.max_epochs()", tmp_path, KERAS_MAX_EPOCHS="7") == (
        "7 None 3 None None"
    )
    answer = _print("c.max_epochs()", tmp_path, KERAS_MAX_EPOCHS="few")
    assert answer == "ValueError: KERAS_MAX_EPOCHS must be a whole number. Received: 'few'."


@pytest.mark.parametrize(
    ("switch", "first"),
    [("interactive_logging", True), ("traceback_filtering", True), ("flash_attention", None)],
)
def test_switches(tmp_path: Path, switch: str, first: bool | None) -> None:
    get, on, off = f"c.is_{switch}_enabled()", f"c.enable_{switch}()", f"c.disable_{switch}()"
    calls = f"{get}, {off}, {get}, {on}, {get}"
    assert _print(calls, tmp_path) == f"{first} None False None True"


def test_portable_random_is_off_until_it_is_asked_for(tmp_path: Path) -> None:
    get = "c.is_portable_random_enabled()"
    calls = f"{get}, c.enable_portable_random(), {get}, c.enable_portable_random(False), {get}"
    assert _print(calls, tmp_path) == "False None True None False"
