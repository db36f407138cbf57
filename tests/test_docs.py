"""Examples in docstrings run, and give what they show."""

from __future__ import annotations

import doctest
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import cornu
from cornu import lazy
from tests.sources import sources

# Backends are tested by their own tests, as their libraries may be missing.
WITH_EXAMPLES = [
    source.module
    for source in sources().values()
    if ">>> " in source.path.read_text(encoding="utf-8") and source.room != "backends"
]

KNOWN = {"cornu": cornu, "np": np}  # what an example need not import


def what_goes_wrong(module: str) -> str:
    """Run the examples of a module and return what they give instead of what they show."""
    found = lazy.module(module)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=flags)
    for test in doctest.DocTestFinder(exclude_empty=True).find(found, module, extraglobs=KNOWN):
        runner.run(test, out=report.append)
    return "".join(report)


@pytest.fixture(scope="session")
def examples(backend_name: str) -> Callable[[str], str]:
    """Examples show cornu's own arrays: on a foreign backend they run once, in a child process."""
    if backend_name == "numpy":
        return what_goes_wrong
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "tests.test_docs"],
        cwd=root,
        env={**os.environ, "CORNU_BACKEND": "numpy"},
        capture_output=True,
        text=True,
        check=True,
    )
    reports: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return reports.__getitem__


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_give_what_they_show(module: str, examples: Callable[[str], str]) -> None:
    assert examples(module) == ""


def test_every_difference_from_keras_names_a_test_that_is_there() -> None:
    root = Path(__file__).parents[1]
    page = (root / "docs" / "differences.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 10
    for row in rows:
        path = row.rstrip("| ").rpartition("`tests/")[2].rstrip("`")
        assert (root / "tests" / path).is_file(), row


if __name__ == "__main__":
    print(json.dumps({module: what_goes_wrong(module) for module in WITH_EXAMPLES}))
