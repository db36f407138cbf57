"""What starting cornu costs: modules, counted; no test asserts a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cornu

ROOT = Path(__file__).parent.parent

# Libraries that nobody needs before they use what needs them.
HEAVY = {
    *("h5py", "ml_dtypes", "rich", "matplotlib", "pandas", "scipy", "jax", "torch", "tensorflow"),
    *("zipfile", "csv", "importlib.metadata", "multiprocessing", "concurrent.futures", "asyncio"),
    *("json", "logging", "pathlib", "shutil"),  # a few milliseconds each
}


def _modules_after(program: str) -> set[str]:
    ending = "\nimport sys; print('\\n'.join(['', '=modules=', *sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", program + ending],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(cornu.__file__).parent.parent),
            "CORNU_BACKEND": "numpy",  # another one brings its library, whatever cornu does
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(done.stdout.partition("=modules=\n")[2].split())


def test_importing_cornu_imports_not_even_numpy() -> None:
    modules = _modules_after("import cornu")
    assert "numpy" not in modules
    assert {m for m in modules if m.startswith("cornu")} <= {
        "cornu",
        "cornu.errors",
        "cornu.keras_names",
        "cornu.lazy",
        "cornu.renames",
    }


def test_the_reference_program_imports_nothing_heavy() -> None:
    program = (ROOT / "examples" / "first_program.py").read_text()
    modules = _modules_after(f"import cornu; cornu.install_as_keras()\n{program}")
    by_numpy = _modules_after("import numpy, numpy.random")
    assert modules.isdisjoint(HEAVY - by_numpy)
    assert "cornu.layers.layer" in modules  # it did run


def test_the_reference_program_imports_only_what_it_uses() -> None:
    program = (ROOT / "examples" / "first_program.py").read_text()
    modules = _modules_after(f"import cornu; cornu.install_as_keras()\n{program}")
    kinds = [m for m in modules if m.startswith(("cornu.layers.", "cornu.optimizers."))]
    for other in ("conv", "rnn", "attention", "adam", "normalization", "pooling"):
        assert not [k for k in kinds if other in k.split(".")[-1]], other
    for rare in ("saving.config_reader", "models.summary", "models.graph_config", "graph.loops"):
        assert f"cornu.{rare}" not in modules
    assert len([m for m in modules if m.startswith("cornu")]) < 220
