"""A recording that can be run again: one line of Python for each kernel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import BuiltinFunctionType, MethodDescriptorType
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch.recording import Name, Recorder, Slot, Step, replace, slots

__all__ = ["Tape"]

_ATEN = torch.ops.aten
# These give their operand under another name.
_SAME = {_ATEN.detach.default, _ATEN.alias.default, _ATEN.lift_fresh.default}


class Tape:
    """A recording that can be run.

    Args:
        recorder: A recording on which two runs agreed.

    Attributes:
        changes: Whether something is written in place, which may be an argument.
    """

    def __init__(self, recorder: Recorder) -> None:
        same: dict[Slot, Slot] = {}
        steps = []
        for step in recorder.steps:
            args, kwargs = replace(lambda x: same.get(x, x), (step.args, step.kwargs))
            if step.function in _SAME:
                same[step.results] = args[0]
            else:
                steps.append(step._replace(args=args, kwargs=kwargs))
        outputs = [same.get(s, s) for s in recorder.outputs]
        self.changes = any(map(_changes, steps))
        # Themselves: a Parameter has other data at each call.
        self._names: dict[str, Any] = dict(recorder.outside)
        steps = self._folded(_needed(steps, outputs))
        lines = [f"def run({', '.join(recorder.given)}):", *self._lines(steps, outputs)]
        lines.append(f" return [{', '.join(map(self._output, outputs))}]")
        exec(compile("\n".join(lines), "<tape>", "exec"), self._names)
        self._run = self._names["run"]

    def __call__(self, args: Sequence[Tensor]) -> list[Any]:
        """Run on new arguments."""
        found: list[Any] = self._run(*args)
        return found

    def _folded(self, steps: list[Step]) -> list[Step]:
        """Run now what needs no tensor, such as `full` and `arange`."""
        left = []
        for step in steps:
            random = torch.Tag.nondeterministic_seeded in getattr(step.function, "tags", ())
            alone = not random and next(slots([step.args, step.kwargs]), None) is None
            if self.changes or not alone or step.results.__class__ is not Slot:
                left.append(step)
            else:
                self._names[step.results] = step.function(*step.args, **step.kwargs)
        return left

    def _lines(self, steps: list[Step], outputs: list[Slot]) -> list[str]:
        kept = {*outputs, *self._names}
        last = {s: i for i, step in enumerate(steps) for s in slots(step)}
        lines = []
        for i, step in enumerate(steps):
            results = replace(lambda s: Name("_") if s is None else s, step.results)
            function = self._named(_callable(step.function))
            args = [repr(replace(self._named, a)) for a in step.args]
            args += [f"{k}={replace(self._named, v)!r}" for k, v in step.kwargs.items()]
            lines.append(f" {results!r} = {function}({', '.join(args)})")
            # Memory is free once it isn't needed.
            done = {s for s in slots(step) if last[s] == i} - kept
            lines += [f" del {', '.join(done)}"] * bool(done)
        return lines

    def _named(self, x: Any) -> Any:
        """Return a slot or a number as it is; for anything else a name."""
        if x is None or x.__class__ in (Slot, int, bool):
            return x
        name = Name(f"c{len(self._names)}")
        self._names[name] = x
        return name

    def _output(self, slot: Slot) -> str:
        # A Parameter's value, not itself.
        return f"{slot}.detach()" if slot in self._names else slot


def _callable(function: Any) -> Any:
    """Return what does the same and costs least to call: PyTorch's own function or method."""
    packet = getattr(function, "overloadpacket", None)
    if packet is None:
        return function
    name = packet.__name__
    if packet is getattr(_ATEN, name, None):
        for home, kind in ((torch, BuiltinFunctionType), (Tensor, MethodDescriptorType)):
            found = getattr(home, name, None)
            if isinstance(found, kind):
                return found
    return function._op


def _changes(step: Step) -> bool:
    schema = getattr(step.function, "_schema", None)
    return schema is not None and bool(schema.is_mutable)


def _needed(steps: list[Step], outputs: Sequence[Slot]) -> list[Step]:
    """Leave out what only led to results that nobody wants."""
    wanted = set(outputs)
    found = []
    for step in reversed(steps):
        if _changes(step) or not wanted.isdisjoint(slots(step.results)):
            wanted.update(slots([step.args, step.kwargs]))
            found.append(step)
    return found[::-1]
