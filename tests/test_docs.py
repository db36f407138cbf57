"""Examples in docstrings run, and give what they show."""

from __future__ import annotations

import doctest

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
