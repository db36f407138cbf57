"""Without a library there is nothing to test here."""

from __future__ import annotations

import pytest

from tests.backends.libraries import LIBRARIES

collect_ignore = [] if LIBRARIES else ["test_tables.py", "test_control.py"]
if "jax" not in LIBRARIES:
    collect_ignore.append("test_jax_arrays.py")
if "torch" not in LIBRARIES:
    collect_ignore += ["test_torch_layers.py", "test_torch_words.py"]


@pytest.fixture(autouse=True)
def _reference_runs(reference_runs: None) -> None:
    """The backends under test are loaded beside the one of the run, whose defaults don't matter."""
