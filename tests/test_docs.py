"""Examples in docstrings run, and give what they show."""

from __future__ import annotations

import doctest
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


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_give_what_they_show(module: str) -> None:
    found = lazy.module(module)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=flags)
    for test in doctest.DocTestFinder(exclude_empty=True).find(found, module, extraglobs=KNOWN):
        runner.run(test, out=report.append)
    assert "".join(report) == ""


def test_every_difference_from_keras_names_a_test_that_is_there() -> None:
    root = Path(__file__).parents[1]
    page = (root / "docs" / "differences.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 10
    for row in rows:
        path = row.rstrip("| ").rpartition("`tests/")[2].rstrip("`")
        assert (root / "tests" / path).is_file(), row
