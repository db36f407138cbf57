"""The lane with real Keras beside cornu: collected only where there is a Python that has it.

`CORNU_ORACLE_PYTHON` names that Python; without it, the one that runs the tests must have Keras.
Keras runs in a process of its own, on the backend that `KERAS_BACKEND` names there (JAX).
"""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest


def oracle_python() -> str | None:
    """Return the Python that has real Keras, if there is one."""
    named = os.environ.get("CORNU_ORACLE_PYTHON")
    if named:
        return named
    return sys.executable if importlib.util.find_spec("keras") else None


collect_ignore_glob = [] if oracle_python() else ["test_*.py"]


@pytest.fixture(scope="session")
def keras_python() -> str:
    """The Python that has real Keras."""
    found = oracle_python()
    assert found is not None
    return found
