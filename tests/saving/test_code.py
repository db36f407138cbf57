"""Rules about the code of the loader itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cornu.saving

FILES = sorted(Path(cornu.saving.__file__).parent.glob("*.py"))
FORBIDDEN = {
    "pickle",
    "marshal",
    "importlib",
    "yaml",
    "shelve",
    "dill",
    "runpy",
    "subprocess",
    "ctypes",
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_loader_runs_and_imports_nothing_by_name(file: Path) -> None:
    tree = ast.parse(file.read_text())
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    allowed = {"marshal"} if file.stem == "lambda_code" else set()
    assert imported & FORBIDDEN == allowed
    assert called & {"eval", "exec", "compile", "__import__"} == set()
    assert "allow_pickle" not in file.read_text()
