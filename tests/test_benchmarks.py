"""The figures of README.md are those of the result file, and the workloads run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cornu

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

    rows = ["cornu/numpy", "keras/jax", "keras/torch"]
    found = run.collect(rows, ["mlp"], 3, measure)
    assert found == {"mlp": {"cornu/numpy": {"step_ms": 3.0}, "keras/jax": {"step_ms": 8.0}}}
    assert "2.67x" in run.table("mlp", found["mlp"])


def test_measuring_prints_what_the_tables_show(benchmarks: dict[str, ModuleType]) -> None:
    done = subprocess.run(
        [
            *(sys.executable, str(BENCHMARKS / "measure.py")),
            *("cornu", "numpy", "reference", "--seconds=0"),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(cornu.__file__).parent.parent)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(done.stdout)
    assert set(found) <= set(benchmarks["run"].COLUMNS)
    assert min(found["first_step_s"], found["step_ms"], found["predict_ms"]) > 0
    assert found["peak_mb"] < 120


@pytest.mark.parametrize("name", ["mlp", "convnet", "resnet", "lstm", "transformer", "convnet20"])
def test_workloads_train(benchmarks: dict[str, ModuleType], name: str) -> None:
    workload = benchmarks["workloads"].WORKLOADS[name]
    model = workload.build(cornu)
    x, y = workload.data()
    before = [w.copy() for w in model.get_weights()]
    loss, _ = model.train_on_batch(x[:2], y[:2])
    assert loss > 0
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
