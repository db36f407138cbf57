"""The shape of the package, read from its text: who imports whom, and what every file has."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.sources import ROOT, Import, Source, imports, sources, targets

# From the ground up. A room may import rooms of lower rows; rooms of one row only where
# SAME_ROW says so. (docs/architecture.md has the list with what lives where.)
ROWS = [
    {"settings", "errors", "tree", "renames", "lazy", "keras_names", "_native"},
    {"graph"},
    {"primitives", "backends"},
    {"ops"},
    {"state", "random"},
    {"saving"},
    {"symbolic"},
    {
        "layers", "losses", "metrics", "optimizers", "initializers", "regularizers",
        "constraints", "activations", "quantizers",
    },
    {"training"},
    {
        "models", "applications", "datasets", "preprocessing", "wrappers", "legacy", "testing",
        "distillation", "distribution", "visualization", "export",
    },
    {"cli"},
]  # fmt: skip
RANK = {room: rank for rank, row in enumerate(ROWS) for room in row}
SAME_ROW = [ROWS[0], {"state", "random"}, ROWS[7], ROWS[9]]

# Names of the API without a subject: they re-export, so no other room may need them.
NAMESPACES = {
    "", "backend", "callbacks", "config", "dtype_policies", "mixed_precision", "utils",
}  # fmt: skip
FOREIGN = {"jax", "torch", "tensorflow", "pytensor", "onnxruntime"}


def _all_targets() -> Iterator[tuple[Source, Import, str]]:
    for source in sources().values():
        for found, target in targets(source):
            yield source, found, target


def _room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def _may_import(room: str, other: str) -> bool:
    if room in ("", "__main__") or room in NAMESPACES:
        return other in ("lazy", "keras_names") or room == "__main__"  # the version
    if room == "cli":  # what a user would write
        return True
    if other in NAMESPACES:
        return False
    same_row = any(room in row and other in row for row in SAME_ROW)
    return RANK[other] < RANK[room] or same_row or room == other


def test_every_room_has_its_place_in_the_list() -> None:
    rooms = {source.room for source in sources().values()}
    assert rooms - set(RANK) - NAMESPACES - {"__main__"} == set()


def test_imports_go_down_the_list_of_rooms() -> None:
    up = [
        f"{source}:{found.line} imports {target}"
        for source, found, target in _all_targets()
        if not _may_import(source.room, _room(target))
    ]
    assert up == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    edges: dict[str, set[str]] = {module: set() for module in sources()}
    for source, _, target in _all_targets():
        if target in edges and target != source.module:
            edges[source.module].add(target)
    circles = []
    state: dict[str, int] = {}  # 1: on the way, 2: done

    def visit(module: str, way: list[str]) -> None:
        state[module] = 1
        for other in sorted(edges[module]):
            if state.get(other) == 1:
                circles.append(" -> ".join([*way[way.index(other) :], other]))
            elif other not in state:
                visit(other, [*way, other])
        state[module] = 2

    for module in edges:
        if module not in state:
            visit(module, [module])
    assert circles == []


def test_rooms_do_not_import_each_other_in_a_circle() -> None:
    pairs = {
        (source.room, _room(target))
        for source, _, target in _all_targets()
        if source.room != _room(target)
    }
    assert [pair for pair in sorted(pairs) if pair[::-1] in pairs and pair < pair[::-1]] == []


def test_no_function_imports_cornu() -> None:
    hidden = [f"{source}:{found.line}" for source, found, _ in _all_targets() if found.in_function]
    assert hidden == []


def test_only_lazy_imports_by_name() -> None:
    others = []
    for source in sources().values():
        if source.module == "cornu.lazy":
            continue
        for found in imports(source):
            # importlib.metadata reads versions; it imports nothing.
            is_metadata = found.module == "importlib" and found.name == "metadata"
            if found.module.partition(".")[0] == "importlib" and not is_metadata:
                others.append(f"{source}:{found.line}")
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Name) and node.id == "__import__":
                others.append(f"{source}:{node.lineno}")
    assert others == []


def test_no_file_above_the_backends_names_one() -> None:
    named = [
        f"{source}:{node.lineno} {node.value!r}"
        for source in sources().values()
        if source.room not in ("backends", "settings")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and node.value in FOREIGN
    ]
    assert named == []


def test_no_file_above_the_backends_imports_a_framework() -> None:
    found = [
        f"{source}:{item.line}"
        for source in sources().values()
        if source.room != "backends"
        for item in imports(source)
        if item.module.partition(".")[0] in FOREIGN | {"keras"}
    ]
    assert found == []


def test_every_function_is_fully_typed() -> None:
    untyped = []
    for source in sources().values():
        for node in ast.walk(source.tree):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            spec = node.args
            named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
            if named and named[0].arg in ("self", "cls", "mcs"):
                named = named[1:]
            named += [extra for extra in (spec.vararg, spec.kwarg) if extra]
            if node.returns is None or any(argument.annotation is None for argument in named):
                untyped.append(f"{source}:{node.lineno} {node.name}")
    assert untyped == []


def test_every_file_says_what_it_is() -> None:
    assert [str(s) for s in sources().values() if not ast.get_docstring(s.tree)] == []


def test_namespaces_hold_no_code() -> None:
    found = []
    for source in sources().values():
        if source.room not in NAMESPACES:
            continue
        for node in source.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.With)):
                found.append(f"{source}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("text", ["TODO", "FIXME", "NotImplemented  # later"])
def test_nothing_is_left_for_later(text: str) -> None:
    found = [str(s) for s in sources().values() if text in s.path.read_text(encoding="utf-8")]
    assert found == []


def test_importing_every_lower_room_needs_no_framework() -> None:
    program = (
        "import sys, cornu, cornu.config, cornu.tree, cornu.utils\n"
        "cornu.config.floatx()\n"
        "print(sorted({'numpy', 'h5py', 'rich', 'jax', 'torch', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_package_ships_its_types() -> None:
    assert (ROOT / "py.typed").is_file()
