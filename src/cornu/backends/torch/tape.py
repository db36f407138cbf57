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
# These can write what they compute over an operand.
_ELEMENTWISE = {"add", "sub", "mul", "div", "sqrt", "rsqrt", "exp", "neg", "maximum", "square"}


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
        steps = _needed(steps, {*outputs}, {*self._names})
        own = {s: recorder.layouts.get(s) for s in _alone(steps)}
        lines += self._lines(steps, {*outputs, *self._names}, recorder.layouts, own)
        # The value of a Parameter, not itself.
        found = [f"{s}.detach()" if s in recorder.outside else s for s in outputs]
        exec("\n".join([*lines, f" return [{', '.join(found)}]"]), self._names)

    def __call__(self, args: Sequence[Tensor]) -> list[Any]:
        """Run on new arguments."""
        found: list[Any] = self._names["run"](*args)
        return found

    def _lines(
        self, steps: list[Step], kept: set[str], layouts: dict[Slot, Any], own: dict[Slot, Any]
    ) -> list[str]:
        last = {s: i for i, step in enumerate(steps) for s in slots(step)}
        lines = []
        for i, step in enumerate(steps):
            results = replace(lambda s: Slot("_") if s is None else s, step.results)
            function = self._named(_callable(step.function))
            args = [repr(replace(self._named, a)) for a in step.args]
            args += [f"{k}={replace(self._named, v)!r}" for k, v in step.kwargs.items()]
            done = {s for s in slots(step) if last[s] == i} - kept
            if _name(step.function) in _ELEMENTWISE and (layout := layouts.get(step.results)):
                # New memory costs more than the sum: a tenth of a step of the MLP 784-512-512-10.
                spare = [s for s in slots(step.args) if s in done and own.get(s) == layout]
                args += [f"out={s}" for s in spare[:1]]
            lines.append(f" {results!r} = {function}({', '.join(args)})")
            lines += [f" del {', '.join(done)}"] * bool(done)  # memory that isn't needed any more
        return lines

    def _named(self, x: Any) -> Any:
        """Return a slot or a number as it is; for anything else a name."""
        if x is None or x.__class__ in (Slot, int, bool):
            return x
        name = Slot(f"c{len(self._names)}")
        self._names[name] = x
        return name


def _name(function: Any) -> str:
    """Return the name of one of PyTorch's own operators, else an empty one."""
    packet = getattr(function, "overloadpacket", None)
    name = "" if packet is None else packet.__name__
    return name if name and packet is getattr(_ATEN, name, None) else ""


def _callable(function: Any) -> Any:
    """Return what does the same and costs least to call: PyTorch's own function or method."""
    name = _name(function)
    for home, kind in ((torch, BuiltinFunctionType), (Tensor, MethodDescriptorType)):
        found = getattr(home, name, None) if name else None
        if isinstance(found, kind):
            return found
    return getattr(function, "_op", function)


def _alone(steps: list[Step]) -> set[Slot]:
    """Return the results that have memory of their own, which has no other name."""
    found: set[Slot] = set()
    for step in steps:
        schema = getattr(step.function, "_schema", None)
        if schema is None or any(r.alias_info is not None for r in schema.returns):
            found.difference_update(slots([step.args, step.kwargs, step.results]))
        else:
            found.update(slots(step.results))
    return found


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
