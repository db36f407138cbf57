"""On torch a layer is an `nn.Module`: `torch_layers` does what its users do with one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = Path(__file__).parent / "torch_layers.py"
_CHECKS = [
    line[len("def ") :].partition("(")[0]
    for line in _PROGRAM.read_text().splitlines()
    if line.startswith("def check_")
]


@pytest.fixture(scope="module")
def failed() -> dict[str, str]:
    """The checks that failed, with their tracebacks; one process runs them all."""
    root = Path(__file__).parent.parent.parent
    path = os.pathsep.join([str(root), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "tests.backends.torch_layers"],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": path, "CORNU_BACKEND": "torch"},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("check", _CHECKS)
def test_layer_on_torch(check: str, failed: dict[str, str]) -> None:
    assert check not in failed, failed[check]
