"""What the folders of backends say about themselves.

Their `__init__.py` is read as text: asking must not import a framework.
"""

from __future__ import annotations

import ast
from pathlib import Path

import cornu

__all__ = ["told"]


def told(backend: str) -> dict[str, str]:
    """Return the texts that a backend's folder defines.

    Args:
        backend: Name of the backend.

    Returns:
        `REQUIRES`, the library; `INSTALL`, the pip command; `DEVICES`, a program that prints the
        devices besides processors, one a line. `""` where there is none.
    """
    file = Path(cornu.__file__).parent / "backends" / backend / "__init__.py"
    found = {"REQUIRES": "", "INSTALL": "", "DEVICES": ""}
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign):
            continue
        target, value = statement.targets[0], statement.value
        pairs = (
            zip(target.elts, value.elts, strict=True)
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
            else [(target, value)]
        )
        for left, right in pairs:
            if isinstance(left, ast.Name) and isinstance(right, ast.Constant) and right.value:
                found[left.id] = str(right.value)
    return found
