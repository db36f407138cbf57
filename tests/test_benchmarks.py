"""The figures of README.md are those of the result file, and the workloads run."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import cornu
from cornu.backends.native.loader import core_or_none
from tests.backends.libraries import LIBRARIES

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"


@pytest.fixture(name="benchmarks")
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import readme
    import run
    import workloads

    return {"readme": readme, "run": run, "workloads": workloads}


def _results() -> Any:
    return json.loads((BENCHMARKS / "results" / "latest.json").read_text())


def test_readme_has_the_figures_of_the_result_file(benchmarks: dict[str, ModuleType]) -> None:
    readme = benchmarks["readme"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.with_table(text, readme.table(_results())) == text


def test_every_figure_of_the_table_is_measured(benchmarks: dict[str, ModuleType]) -> None:
    readme = benchmarks["readme"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition(readme.BEGIN)[2].partition(readme.END)[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(lines) > len(_results()["results"]) - 1
    measured = {
        format(value, f".{digits}f")
        for rows in _results()["results"].values()
        for row in rows.values()
        for value in row.values()
        for digits in (0, 1, 2)
    }
    for line in lines:
        for cell in line.strip("| ").split(" | ")[1:-1]:
            assert cell == "-" or cell in measured, line


def test_a_changed_figure_is_noticed(benchmarks: dict[str, ModuleType]) -> None:
    readme = benchmarks["readme"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    figure = re.search(r"\| \d+\.\d+ \|", text)
    assert figure is not None
    wrong = text.replace(figure.group(), "| 0.001 |", 1)
    assert readme.with_table(wrong, readme.table(_results())) != wrong


def test_medians_and_ratios(benchmarks: dict[str, ModuleType]) -> None:
    run = benchmarks["run"]
    samples = iter([4.0, 8.0, 2.0, 6.0, 3.0, 70.0])

    def measure(row: str, workload: str) -> Any:
        if row == "keras/torch":
            return "ModuleNotFoundError: torch"
        return {"step_ms": next(samples)}

    rows = ["cornu/native", "keras/jax", "keras/torch"]
    found = run.collect(rows, ["mlp"], 3, measure)
    assert found == {"mlp": {"cornu/native": {"step_ms": 3.0}, "keras/jax": {"step_ms": 8.0}}}
    assert "2.67x" in run.table("mlp", found["mlp"])


def test_a_row_that_takes_long_is_not_repeated(benchmarks: dict[str, ModuleType]) -> None:
    calls = []

    def measure(row: str, workload: str) -> Any:
        calls.append(row)
        if row == "keras/torch":
            time.sleep(0.1)
        return {"step_ms": 1.0}

    rows = ["cornu/native", "keras/torch"]
    benchmarks["run"].collect(rows, ["mlp"], 3, measure, patience=0.09)
    assert [calls.count(row) for row in rows] == [3, 1]


def test_repeats_far_apart_are_named(
    benchmarks: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    samples = iter([2.0, 1.0, 137.0, 1.1, 3.0, 1.2])
    rows = ["keras/torch", "keras/jax"]
    benchmarks["run"].collect(rows, ["mlp"], 3, lambda *_: {"step_ms": next(samples)})
    assert capsys.readouterr().err == "  mlp, keras/torch: unsteady: step_ms from 2 to 137\n"


def test_readme_compares_the_first_row_with_the_fastest_keras(
    benchmarks: dict[str, ModuleType],
) -> None:
    def row(**columns: float) -> dict[str, float]:
        return dict.fromkeys(("step_ms", "first_epoch_s", "predict_ms", "call_ms"), 1.0) | columns

    rows = {
        "cornu/native": row(step_ms=2.0, call_ms=0.5),
        "cornu/numpy": row(),
        "keras/jax": row(step_ms=9.0),
        "keras/torch": row(step_ms=6.0, call_ms=8.0),
        "bare/jax": row(step_ms=0.25, call_ms=0.25),
    }
    text = benchmarks["readme"].table({"about": _results()["about"], "results": {"convnet": rows}})
    lines = text.splitlines()
    heading = "| | cornu, native | cornu, numpy | Keras, jax | Keras, torch | bare, jax |"
    assert lines[0] == f"{heading} cornu to the fastest Keras |"
    assert lines[2].endswith("ms a step | 2.00 | 1.00 | 9.00 | 6.00 | 0.25 | 3.0 times as fast |")
    assert "first epoch | 1.00 |" in lines[3]
    assert "`predict` of one sample | 1.00 |" in lines[4]
    assert lines[5].endswith("| 0.50 | 1.00 | 1.00 | 8.00 | 0.25 | 2.0 times as fast |")


@pytest.mark.parametrize("backend", ["native", "numpy"])
def test_measuring_prints_what_the_tables_show(
    benchmarks: dict[str, ModuleType], backend: str
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARKS / "measure.py")),
            *("cornu", backend, "reference", "--seconds=0"),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(cornu.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert set(found) <= set(benchmarks["run"].COLUMNS)
    assert found["first_epoch_s"] > found["build_s"] > 0
    assert min(found["step_ms"], found["predict_ms"], found["call_ms"]) > 0
    assert found["peak_mb"] < 120


def test_threads_are_measured_idle_and_beside_a_busy_process() -> None:
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARKS / "threads.py")),
            *("--workloads", "reference", "--rounds=1", "--seconds=0.01"),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(cornu.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and core_or_none():
        name, *cells = done.stdout.splitlines()[1].split()
        assert name == "reference"
        assert len(cells) == 6
        assert min(map(float, cells)) > 0
    else:
        assert done.returncode != 0
        assert done.stderr


@pytest.mark.parametrize(
    "name", ["mlp", "convnet", "resnet", "lstm", "transformer", "tiny", "convnet20"]
)
def test_workloads_train(benchmarks: dict[str, ModuleType], name: str) -> None:
    workload = benchmarks["workloads"].WORKLOADS[name]
    model = workload.build(cornu)
    x, y = workload.data()
    before = [w.copy() for w in model.get_weights()]
    loss, _ = model.train_on_batch(x[:2], y[:2])
    assert loss > 0
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))


def test_title_of_the_tiny_transformer_has_its_parameters(
    benchmarks: dict[str, ModuleType],
) -> None:
    workload = benchmarks["workloads"].WORKLOADS["tiny"]
    assert f" {workload.build(cornu).count_params()} parameters" in workload.title


def test_tiny_transformer_learns_to_count(benchmarks: dict[str, ModuleType]) -> None:
    model = benchmarks["workloads"].WORKLOADS["tiny"].build(cornu)
    starts = np.random.default_rng(0).integers(0, 10, (640, 1))
    symbols = (starts + 3 * np.arange(34)) % 10
    x, y = symbols[:, :-1].astype("int32"), symbols[:, 1:].astype("int32")
    losses = model.fit(x, y, batch_size=64, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < 0.97 * losses[0]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", ["reference", "mlp", "convnet", "tiny"])
def test_bare_models_have_the_shapes_of_the_workloads(
    benchmarks: dict[str, ModuleType], library: str, name: str
) -> None:
    bare = importlib.import_module(f"bare_{library}").BUILDERS[name]()
    workload = benchmarks["workloads"].WORKLOADS[name]
    x, y = workload.data()
    x, y = x[:64], y[:64]
    before = bare.predict(x[:2])
    losses = [bare.fit(x, y, workload.batch_size) for _ in range(12)]
    model = workload.build(cornu)
    assert bare.count_params() == model.count_params()
    assert before.dtype == "float32"
    assert before.shape == model.predict(x[:2], verbose=0).shape
    np.testing.assert_allclose(before.sum(-1), 1, rtol=1e-5)
    assert losses[-1] < losses[0]
