"""The parts of the record: run each, then write its files or compare with them."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.cases.case import Case
from tests.cases.every import EVERY
from tests.oracle.recording import models, ops, rows, tables
from tests.oracle.recording.real import VERSION
from tests.oracle.recording.store import json_text, npz_bytes, write
from tests.tolerances import tolerance

_EVERY_TENTH = 10


def run(folder: Path, parts: Sequence[str], *, check: bool, text: str = "") -> list[str]:
    """Record the parts below `folder`, or compare them; returns one line per difference."""
    differences: list[str] = []
    for part in parts:
        differences += _PARTS[part](folder, check, text)
    return differences


def _values(folder: Path, check: bool, text: str) -> Iterator[str]:
    """Structure and values of all rows but models."""
    kinds: dict[str, Any] = {kind: {} for kind in EVERY if kind != "models"}
    place = {(kind, c.name): i for kind, cases in EVERY.items() for i, c in enumerate(cases)}

    def wanted(kind: str, case: Case) -> bool:
        return kind != "models" and text in f"{kind}/{case.name}"

    for kind, case, (structure, arrays) in rows.run(wanted):
        kinds[kind][case.name] = structure
        path = folder / "values" / kind / f"{case.name}.npz"
        if not check:
            write(path, npz_bytes(arrays))
        elif place[kind, case.name] % _EVERY_TENTH == 0:
            yield from _compare_arrays(path, arrays, case.tolerance)
    if not check and not text:
        for kind, known in kinds.items():
            _remove_others(folder / "values" / kind, known)
    yield from _table(folder / "structure.json", kinds, check, partial=bool(text))


def _remove_others(folder: Path, known: Collection[str]) -> None:
    """Delete the records of rows that are gone."""
    for path in folder.iterdir():
        if path.stem not in known:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _training(folder: Path, check: bool, text: str) -> Iterator[str]:
    """Loss curves, and the files of trained models."""
    table: dict[str, Any] = {}
    for kind, case, (structure, arrays, files) in rows.run(
        lambda kind, case: kind == "models" and text in f"{kind}/{case.name}"
    ):
        table[case.name] = structure
        path = folder / "values" / kind / f"{case.name}.npz"
        if check:
            yield from _compare_arrays(path, arrays, case.tolerance)
        else:
            write(path, npz_bytes(arrays))
        for name, content in files.items():
            target = folder / "files" / case.name / name
            if not check:
                write(target, content)
            elif not models.same_file(name, target.read_bytes(), content):
                yield f"{target}: another layout or config"
    if not check and not text:
        _remove_others(folder / "values" / "models", table)
        _remove_others(folder / "files", table)
    yield from _table(folder / "training.json", {"models": table}, check, partial=bool(text))


def _facts(name: str, make: Callable[[], Mapping[str, Any]]) -> Callable[..., Iterator[str]]:
    def part(folder: Path, check: bool, text: str) -> Iterator[str]:
        yield from _table(folder / name, make(), check)

    return part


_PARTS: Mapping[str, Callable[[Path, bool, str], Iterator[str]]] = {
    "values": _values,
    "promotion": _facts("promotion.json", tables.promotion),
    "skiplists": _facts("skiplists.json", tables.skiplists),
    "ops": _facts("ops.json", lambda: {"ops": ops.ops(), "operators": ops.operators()}),
    "training": _training,
}


def _table(
    path: Path, found: Mapping[str, Any], check: bool, *, partial: bool = False
) -> Iterator[str]:
    """Write a table, or compare it; a partial one replaces its rows and leaves the others."""
    text = json_text({"keras": VERSION, **found})
    old = json.loads(path.read_text()) if path.exists() else {}
    new = json.loads(text)
    if not check:
        if partial:
            new = {k: {**old.get(k, {}), **v} if isinstance(v, dict) else v for k, v in new.items()}
            text = json_text(new)
        write(path, text)
        return
    for key, value in new.items():
        if not isinstance(value, dict):
            if not _close(old.get(key), value):
                yield f"{path.name}: {key} differs"
            continue
        before = old.get(key, {})
        gone = [] if partial else sorted(set(before) - set(value))
        yield from (f"{path.name}: {key}/{name} is gone" for name in gone)
        for name, row in value.items():
            if not _close(before.get(name), row):
                yield f"{path.name}: {key}/{name} differs"


def _close(old: Any, new: Any) -> bool:
    """Compare JSON; floats but for rounding, order of keys included."""
    if isinstance(old, float) and isinstance(new, float):
        rtol, atol = tolerance("training")
        return bool(np.isclose(old, new, rtol=rtol, atol=atol, equal_nan=True))
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(_close(old[k], new[k]) for k in new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_close, old, new))
    return type(old) is type(new) and bool(old == new)


def _compare_arrays(path: Path, found: Mapping[str, NDArray[Any]], name: str) -> Iterator[str]:
    # Read back what would be written: the same as comparing files.
    with np.load(path) as old, np.load(io.BytesIO(npz_bytes(found))) as new:
        if sorted(old) != sorted(new):
            yield f"{path}: holds other arrays: {sorted(set(old) ^ set(new))}"
            return
        for key in old:
            a, b = old[key], new[key]
            rtol, atol = tolerance(name, a.dtype.name)
            if a.dtype != b.dtype or a.shape != b.shape:
                yield f"{path}: {key} is {b.dtype}{b.shape}, was {a.dtype}{a.shape}"
            elif not np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True):
                yield f"{path}: {key} differs"
