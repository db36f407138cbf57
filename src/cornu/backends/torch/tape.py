"""A recording that can be run again: one line of Python for each kernel."""

from __future__ import annotations

from collections.abc import Sequence
from types import BuiltinFunctionType, MethodDescriptorType
from typing import Any

import torch
from torch import Tensor

from cornu.backends.torch.recording import Recorder, Slot, Step, replace, slots

__all__ = ["Tape"]

_ATEN = torch.ops.aten
# These give their operand under another name.
_SAME = {_ATEN.detach.default, _ATEN.alias.default, _ATEN.lift_fresh.default}


class Tape:
    """A recording that can be run.

    Args:
        recorder: A recording on which two runs agreed.
    """

    def __init__(self, recorder: Recorder) -> None:
        # The tensors from outside themselves: a Parameter has other data at each call.
        self._names: dict[Any, Any] = {**recorder.outside, **recorder.constants}
        same: dict[Slot, Slot] = {}
        steps = []
        for step in recorder.steps:
            args, kwargs = replace(lambda x: same.get(x, x), (step.args, step.kwargs))
            if step.function in _SAME:
                same[step.results] = args[0]
            else:
                steps.append(step._replace(args=args, kwargs=kwargs))
        outputs = [same.get(s, s) for s in recorder.outputs]
        lines = [f"def run({', '.join(recorder.given)}):"]
        lines += self._lines(_needed(steps, {*outputs}, {*self._names}), {*outputs, *self._names})
        # The value of a Parameter, not itself.
        found = [f"{s}.detach()" if s in recorder.outside else s for s in outputs]
        exec("\n".join([*lines, f" return [{', '.join(found)}]"]), self._names)

    def __call__(self, args: Sequence[Tensor]) -> list[Any]:
        """Run on new arguments."""
        found: list[Any] = self._names["run"](*args)
        return found

    def _lines(self, steps: list[Step], kept: set[str]) -> list[str]:
        last = {s: i for i, step in enumerate(steps) for s in slots(step)}
        lines = []
        for i, step in enumerate(steps):
            results = replace(lambda s: Slot("_") if s is None else s, step.results)
            function = self._named(_callable(step.function))
            args = [repr(replace(self._named, a)) for a in step.args]
            args += [f"{k}={replace(self._named, v)!r}" for k, v in step.kwargs.items()]
            lines.append(f" {results!r} = {function}({', '.join(args)})")
            done = {s for s in slots(step) if last[s] == i} - kept
            lines += [f" del {', '.join(done)}"] * bool(done)  # memory that isn't needed any more
        return lines

    def _named(self, x: Any) -> Any:
        """Return a slot or a number as it is; for anything else a name."""
        if x is None or x.__class__ in (Slot, int, bool):
            return x
        name = Slot(f"c{len(self._names)}")
        self._names[name] = x
        return name


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


def _needed(steps: list[Step], wanted: set[Slot], known: set[str]) -> list[Step]:
    """Leave out what is known, and what only led to results that nobody wants."""
    found = []
    for step in reversed(steps):
        schema = getattr(step.function, "_schema", None)
        writes = schema is not None and schema.is_mutable
        if writes or not (wanted - known).isdisjoint(slots(step.results)):
            wanted.update(slots([step.args, step.kwargs]))
            found.append(step)
    return found[::-1]
