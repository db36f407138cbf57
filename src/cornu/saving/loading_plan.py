"""Which arrays of a file go to which object: decided, and compared in shape, before any is read.

What an object expects is what it would save now: `save_own_variables` is called with a dictionary
that only looks at shapes. So a file that doesn't fit is refused while the model is still untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cornu.errors import FileFormatError
from cornu.graph.spec import Spec, spec_of
from cornu.saving.hdf5 import StoredArrays, WeightsFile
from cornu.saving.hdf5_scan import StoredArray
from cornu.saving.walk import children, container_children, is_saveable, join, kind_of

__all__ = ["Action", "Plan", "failure_text", "make_plan", "refuse"]


@dataclass(frozen=True)
class Action:
    """One object and the arrays it will get.

    Args:
        obj: The object; it has `load_own_variables`.
        path: Its path in the file.
        arrays: Its arrays there, perhaps none.
    """

    obj: Any
    path: str
    arrays: StoredArrays


@dataclass
class Plan:
    """What will happen to each object.

    Args:
        actions: In the order of the walk.
        failures: Of objects that the file doesn't fit: path and reason, by address.
        warnings: What the user should know although the file can be loaded.
        visited: Places of the objects, also of those without arrays: path -> object.
    """

    actions: list[Action] = field(default_factory=list)
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    visited: dict[str, Any] = field(default_factory=dict)


def make_plan(model: Any, file: WeightsFile, skip: Any = (), has_assets: Any = None) -> Plan:
    """Compare a model with a file of weights.

    Args:
        model: The model; its variables exist.
        file: The file.
        skip: Objects to leave out.
        has_assets: Called with a path; tells whether the archive has assets below it.

    Returns:
        The plan. Nothing has been read or changed.
    """
    planner = _Planner(file, skip, has_assets or (lambda path: False))
    planner.visit(model, "", planner.plan.failures)
    for path, items in planner.missing:
        if any(id(item) not in planner.done for item in items):
            planner.plan.warnings.append(
                f"The file has nothing for the objects in the nested container {path!r}: it was "
                "written by a version of Keras that didn't look into those. They keep their values."
            )
    return planner.plan


class _Planner:
    def __init__(self, file: WeightsFile, skip: Any, has_assets: Callable[[str], bool]) -> None:
        self.file = file
        self.has_assets = has_assets
        self.plan = Plan()
        self.done = {id(obj) for obj in skip}
        self.planned: set[int] = set()
        self.active: set[int] = set()
        self.alive: list[Any] = list(skip)  # so that no address is used again meanwhile
        self.missing: list[tuple[str, list[Any]]] = []

    def visit(self, obj: Any, path: str, failures: dict[int, tuple[str, str]]) -> None:
        """Plan for an object and what is below it; one that fits nothing here may fit elsewhere."""
        if id(obj) in self.done or id(obj) in self.active:
            return
        self.alive.append(obj)
        self.active.add(id(obj))
        reason = None
        if id(obj) not in self.planned:
            reason = self._plan(obj, path)
        before = len(failures)
        for name, value in children(obj):
            if is_saveable(value):
                self.visit(value, join(path, name), failures)
            elif isinstance(value, (list, dict, tuple)):
                self._container(value, join(path, name), failures, set())
        self.active.discard(id(obj))
        if reason is not None:
            failures[id(obj)] = (path, reason)
            return
        failures.pop(id(obj), None)
        if len(failures) <= before:
            self.done.add(id(obj))

    def _plan(self, obj: Any, path: str) -> str | None:
        """Plan for the object itself; the reason if the file doesn't fit it."""
        if hasattr(obj, "load_own_variables"):
            stored = self.file.of(path)
            reason, note = _compare(obj, path, stored)
            if reason is not None:
                return reason
            if note is None:
                self.plan.actions.append(Action(obj, path, stored))
            else:
                self.plan.warnings.append(note)
        self.planned.add(id(obj))
        self.plan.visited[path] = obj
        return None

    def _container(
        self, container: Any, path: str, failures: dict[int, tuple[str, str]], seen: set[int]
    ) -> None:
        if id(container) in seen:
            return
        seen.add(id(container))
        for name, item in container_children(container):
            below = join(path, name)
            if is_saveable(item):
                self.visit(item, below, failures)
            elif self.file.has(below) or self.has_assets(below):
                self._container(item, below, failures, seen)
            else:  # files from before Keras looked into nested containers
                lost: dict[int, tuple[str, str]] = {}
                self._container(item, below, lost, seen)
                if lost:
                    self.missing.append((below, [o for o in self.alive if id(o) in lost]))


def _compare(obj: Any, path: str, stored: StoredArrays) -> tuple[str | None, str | None]:
    """Why the arrays don't fit, if so; else why they are left out, if so."""
    expected = _expected(obj)
    who = f"{path or 'the outermost object'} ({type(obj).__name__})"
    if not _is_built_in(obj):
        # A user's own `load_own_variables` may know what to do with another number of arrays;
        # if the file has nothing at all here, another path may lead to the same object.
        if expected and not stored:
            return f"{who} expects {len(expected)} arrays, and the file has none", None
        return None, None
    if expected is None:
        return None, None
    if kind_of(obj) == "Optimizer" and len(expected) != len(stored):
        # One that was saved before its first step has fewer variables, and may say so.
        fitting = getattr(obj, "_variables_in_file", lambda count: None)(len(stored))
        if fitting is not None and set(stored) == {str(i) for i in range(len(fitting))}:
            return None, None
        why = "isn't built yet" if not expected else f"has {len(expected)} variables"
        return None, (
            f"The state of the optimizer {getattr(obj, 'name', path)!r} isn't loaded: it {why}, "
            f"and the file has {len(stored)}."
        )
    if set(expected) != set(stored):
        if not expected and not getattr(obj, "built", True):
            return _NEVER_BUILT.format(who=who, count=len(stored)), None
        return f"{who} expects {len(expected)} arrays, and the file has {len(stored)}", None
    for key, spec in expected.items():
        found = stored.stored[key]
        if tuple(spec.shape) != found.shape:
            return (
                f"{who} expects {_text(spec)} under {key!r}, and the file has {_text(found)}",
                None,
            )
    return None, None


def _expected(obj: Any) -> Mapping[str, Spec] | None:
    """What the object would save now, by shape; None if it can't say."""
    specs = _Shapes()
    try:
        obj.save_own_variables(specs)
    except Exception:  # not built, or a user's method that needs more than a dictionary
        return None
    return dict(specs)


class _Shapes(dict[str, Any]):
    """A store that keeps shapes only, so that no value is copied."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, spec_of(value))


def _is_built_in(obj: Any) -> bool:
    module = str(type(obj).load_own_variables.__module__)
    return module.partition(".")[0] == "cornu"


def _text(array: Spec | StoredArray) -> str:
    return f"{array.dtype}{list(array.shape)}"


def refuse(plan: Plan) -> None:
    """Raise one error about all objects that a file doesn't fit.

    Args:
        plan: The plan.

    Raises:
        FileFormatError: There are such objects.
    """
    if plan.failures:
        raise FileFormatError("loading weights", failure_text(plan), fix=_FIX)


def failure_text(plan: Plan) -> str:
    """List the objects that a file doesn't fit.

    Args:
        plan: The plan.

    Returns:
        One sentence and one line for each of the first ten.
    """
    reasons = [reason for _, reason in plan.failures.values()]
    more = [f"... and {len(reasons) - 10} more"] if len(reasons) > 10 else []
    lines = "\n".join(f"  - {line}" for line in [*reasons[:10], *more])
    return f"the file doesn't fit {len(reasons)} of the model's objects:\n{lines}"


_NEVER_BUILT = (
    "{who} was never built, so it has no variables, and the file has {count}: `build()` of the "
    "layer around it must build it, or the class needs `build_from_config` and `get_build_config`"
)
_FIX = "No variable was changed. `load_weights(..., skip_mismatch=True)` loads what fits."
