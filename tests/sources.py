"""The package as text: its files, what they import, and its public names, without running it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent / "src" / "cornu"


@dataclass(frozen=True)
class Source:
    """One file."""

    module: str  # "cornu.layers.core.dense"; a package has the package's name
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def room(self) -> str:
        """The folder or file directly below cornu; "" for cornu's own __init__."""
        return self.module.partition(".")[2].partition(".")[0]

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT.parent))


@dataclass(frozen=True)
class Import:
    """One imported name."""

    line: int
    module: str
    name: str | None  # of `from module import name`
    in_function: bool
    for_types: bool


@functools.cache
def sources() -> dict[str, Source]:
    """Module -> file, of all of cornu but what only stands in for Keras."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        if path.parent.name == "alias_path":
            continue
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[module] = Source(module, path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def imports(source: Source) -> list[Import]:
    """All imports of a file, wherever they stand in it."""
    return list(_walk(source.tree, False, False))


def targets(source: Source, at_run_time: bool = True) -> Iterator[tuple[Import, str]]:
    """Imports of cornu, each with the module that defines what is imported.

    A name of a lazy package counts for the file which defines it: that is what is run.
    """
    for found in imports(source):
        if found.module.partition(".")[0] != "cornu" or (at_run_time and found.for_types):
            continue
        yield found, _defining(found.module, found.name)


def typed_names(source: Source) -> dict[str, str]:
    """Public name -> "module:attribute" of the `if TYPE_CHECKING:` imports of a package."""
    table = {}
    for node in source.tree.body:
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)):
            continue
        for statement in node.body:
            if isinstance(statement, ast.ImportFrom):
                for alias in statement.names:
                    place = _place(str(statement.module), alias.name)
                    table[alias.asname or alias.name] = place
            elif isinstance(statement, ast.Assign):  # `Policy = DTypePolicy`: a second name
                (target,) = statement.targets
                if isinstance(target, ast.Name) and isinstance(statement.value, ast.Name):
                    table[target.id] = table[statement.value.id]
    return {name: place for name, place in table.items() if not name.startswith("_")}


def _place(module: str, name: str) -> str:
    owner = sources().get(module)
    is_module = f"{module}.{name}" in sources() and (owner is None or owner.is_package)
    return f"{module}.{name}:" if is_module else f"{module}:{name}"


def _walk(node: ast.AST, in_function: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(child.lineno, alias.name, None, in_function, for_types)
        elif isinstance(child, ast.ImportFrom):
            for alias in child.names:
                module = "." * child.level + (child.module or "")
                yield Import(child.lineno, module, alias.name, in_function, for_types)
        else:
            is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)
            yield from _walk(child, in_function or is_function, for_types or types)


@functools.cache
def _defining(module: str, name: str | None) -> str:
    if name is None:
        return module
    if f"{module}.{name}" in sources():
        return f"{module}.{name}"
    package = sources().get(module)
    if package is not None and package.is_package:
        place = typed_names(package).get(name, "")
        owner, _, attribute = place.partition(":")
        if owner and owner != module:
            return _defining(owner, attribute or None)
    return module
