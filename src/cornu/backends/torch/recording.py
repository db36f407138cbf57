"""Recording what a step asks of PyTorch, and doing it again without the Python in between.

A step of a small model spends nine tenths of its time in Python: layers, promotion, autograd's
bookkeeping. A `Recorder` notes each kernel that PyTorch runs, those of the backward pass included;
a `Tape` runs the same kernels on new data. Two recordings of the same step must agree before either
is trusted: what differs came from outside of PyTorch (a number drawn or counted by Python), and
such a step stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.utils._python_dispatch import TorchDispatchMode

__all__ = ["Recorder", "Tape", "call_noted"]

_ATEN = torch.ops.aten
# These give their operand under another name.
_SAME = {_ATEN.detach.default, _ATEN.alias.default, _ATEN.lift_fresh.default}
_READS = {_ATEN._local_scalar_dense.default, _ATEN.is_nonzero.default, _ATEN.equal.default}


class _Slot(int):
    """The place of a tensor among those of a recording."""


class _Step:
    """One call: the function, its arguments with slots for tensors, the slots of its results."""

    __slots__ = ("args", "function", "kwargs", "outs")

    def __init__(self, function: Any, args: Any, kwargs: Any, outs: Any) -> None:
        self.function, self.args, self.kwargs, self.outs = function, args, kwargs, outs

    def agrees(self, other: _Step) -> bool:
        """Say whether another recording has the same step."""
        return (
            self.function is other.function
            and _same(self.args, other.args)
            and _same(self.kwargs, other.kwargs)
            and _same(self.outs, other.outs)
        )


def _same(a: Any, b: Any) -> bool:
    if a.__class__ is not b.__class__:
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(v, b[k]) for k, v in a.items())
    return bool(a == b or (a != a and b != b))


def _map(f: Callable[[Any], Any], x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)([_map(f, e) for e in x]) if type(x) in (list, tuple) else f(x)
    if isinstance(x, dict):
        return {k: _map(f, v) for k, v in x.items()}
    return f(x)


class Recorder(TorchDispatchMode):  # type: ignore[misc]  # it is untyped
    """Notes every kernel that runs inside the block.

    Args:
        args: The tensors that are other ones at the next call.

    Attributes:
        broken: Whether Python has looked into a tensor, so that what follows may depend on it.
    """

    def __init__(self, args: Sequence[Tensor]) -> None:
        super().__init__()
        self.steps: list[_Step] = []
        self.broken = False
        self.given = len(args)
        self.outside: dict[int, Tensor] = {}  # slot -> a tensor that was there before
        self.outputs: list[int] = []
        self.count = 0
        self._slots: dict[int, _Slot] = {}
        self._kept: list[Tensor] = []  # so that no id comes twice
        for a in args:
            self._new(a)

    def _new(self, tensor: Tensor) -> _Slot:
        slot = self._slots[id(tensor)] = _Slot(len(self._kept))
        self._kept.append(tensor)
        return slot

    def slot(self, x: Any) -> Any:
        """Return the slot of a tensor; anything else as it is."""
        if not isinstance(x, Tensor):
            return x
        found = self._slots.get(id(x))
        if found is None:
            found = self._new(x)
            self.outside[found] = x
        return found

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        self.note(func, args, kwargs, result)
        return result

    def note(self, function: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Append a call that was made."""
        args, kwargs = _map(self.slot, args), _map(self.slot, kwargs)
        if function in _READS or torch.Tag.dynamic_output_shape in getattr(function, "tags", ()):
            # A number that was there before is a constant; a variable or a result is none.
            known = self.outside.get(args[0]) if args else None
            if function is not _ATEN._local_scalar_dense.default or not _is_constant(known):
                self.broken = True
            return
        outs = _map(lambda x: self._result(x) if isinstance(x, Tensor) else None, result)
        self.steps.append(_Step(function, args, kwargs, outs))

    def _result(self, x: Tensor) -> _Slot:
        found = self._slots.get(id(x))  # an operation in place returns its operand
        return self._new(x) if found is None else found

    def finish(self, outputs: Sequence[Tensor]) -> None:
        """Note what the function returned, and let go of all that it computed."""
        self.outputs = [self.slot(x) for x in outputs]
        self.count = len(self._kept)
        self._kept.clear()
        self._slots.clear()

    def agrees(self, other: Recorder) -> bool:
        """Say whether another recording of the same function did the same."""
        return (
            self.outputs == other.outputs
            and len(self.steps) == len(other.steps)
            and self.outside.keys() == other.outside.keys()
            and all(a.agrees(b) for a, b in zip(self.steps, other.steps, strict=True))
            and all(_equal(t, other.outside[s]) for s, t in self.outside.items())
        )


def _is_constant(x: Any) -> bool:
    return isinstance(x, Tensor) and not isinstance(x, Parameter)


def _equal(a: Tensor, b: Tensor) -> bool:
    if a is b:
        return True
    alike = a.dtype is b.dtype and a.shape == b.shape
    if not (alike and _is_constant(a) and _is_constant(b)):
        return False
    as_bytes = [x.detach().contiguous().reshape(-1).view(torch.uint8) for x in (a, b)]
    return bool(torch.equal(*as_bytes))


def call_noted(function: Callable[..., Tensor], *args: Any) -> Tensor:
    """Call a function that leaves PyTorch, such as for NumPy's random bits, as one step."""
    mode = _innermost()
    if mode is None:
        return function(*args)
    with torch.utils._python_dispatch._disable_current_modes():
        result = function(*args)
    mode.note(function, args, {}, result)
    return result


def _innermost() -> Recorder | None:
    modes = torch.utils._python_dispatch._get_current_dispatch_mode_stack()
    return modes[-1] if modes and isinstance(modes[-1], Recorder) else None


# PyTorch's functions of these names take the arguments of the kernels and cost less to call.
_DIRECT = [
    "add",
    "sub",
    "mul",
    "div",
    "mm",
    "addmm",
    "bmm",
    "relu",
    "neg",
    "exp",
    "log",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "sigmoid",
    "tanh",
    "pow",
    "where",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "maximum",
    "minimum",
    "argmax",
    "cat",
    "stack",
    "abs",
    "square",
    "sum",
    "mean",
    "amax",
    "clone",
    "clamp",
    "logical_and",
    "logical_or",
    "bitwise_and",
    "bitwise_or",
]


def _callable(function: Any) -> Any:
    packet = getattr(function, "overloadpacket", None)
    name = getattr(packet, "__name__", "")
    if packet is not None and name in _DIRECT and packet is getattr(_ATEN, name):
        return getattr(torch, name)
    return getattr(function, "_op", function)


class Tape:
    """A recording that can be run.

    Args:
        recorder: A finished recording on which two runs agreed.
    """

    def __init__(self, recorder: Recorder) -> None:
        same: dict[int, int] = {}

        def resolved(x: Any) -> Any:
            return _Slot(same.get(x, x)) if x.__class__ is _Slot else x

        steps: list[_Step] = []
        for step in recorder.steps:
            args, kwargs = _map(resolved, step.args), _map(resolved, step.kwargs)
            if step.function in _SAME:
                same[step.outs] = args[0]
            else:
                steps.append(_Step(step.function, args, kwargs, step.outs))
        self._outputs = [same.get(s, s) for s in recorder.outputs]
        self._given = recorder.given
        self._registers: list[Any] = [None] * recorder.count
        for slot, tensor in recorder.outside.items():
            self._registers[slot] = tensor  # itself: a Parameter has other data at each call
        self._instructions = self._lowered(self._folded(_needed(steps, self._outputs)))

    def __call__(self, args: Sequence[Tensor]) -> list[Any]:
        """Run on new arguments."""
        registers = self._registers.copy()
        registers[: self._given] = args
        for function, get, single, out, dead in self._instructions:
            if single is not None:
                value = function(registers[single])
            elif get is not None:
                value = function(*get(registers))
            else:
                value = function(registers)
            if out.__class__ is int:
                registers[out] = value
            else:
                for place, v in zip(out, value, strict=True):
                    if place is not None:
                        registers[place] = v
            for place in dead:
                registers[place] = None
        return [registers[o] for o in self._outputs]

    def _folded(self, steps: list[_Step]) -> list[_Step]:
        """Run now what needs no tensor, such as `full` and `arange`."""
        changed = {s for step in steps if _changes(step.function) for s in _slots(step.args)}
        left = []
        for step in steps:
            tags = getattr(step.function, "tags", ())
            if (
                step.outs.__class__ is not _Slot
                or step.outs in changed
                or step.outs in self._outputs
                or next(_slots([step.args, step.kwargs]), None) is not None
                or torch.Tag.nondeterministic_seeded in tags
            ):
                left.append(step)
            else:
                self._registers[step.outs] = step.function(*step.args, **step.kwargs)
        return left

    def _constant(self, x: Any) -> int:
        self._registers.append(x)
        return len(self._registers) - 1

    def _lowered(self, steps: list[_Step]) -> list[Any]:
        last: dict[int, int] = {}
        for i, step in enumerate(steps):
            for slot in (*_slots(step.args), *_slots(step.kwargs), *_slots(step.outs)):
                last[slot] = i
        stays = {*range(self._given), *self._outputs}
        stays |= {i for i, x in enumerate(self._registers) if x is not None}
        found = []
        for i, step in enumerate(steps):
            used = dict.fromkeys((*_slots(step.args), *_slots(step.kwargs), *_slots(step.outs)))
            dead = tuple(int(s) for s in used if last[s] == i and s not in stays)
            function, get, single = self._call(step)
            outs = step.outs
            out = int(outs) if outs.__class__ is _Slot else tuple(outs)
            found.append((function, get, single, out, dead))
        return found

    def _call(self, step: _Step) -> tuple[Any, Any, int | None]:
        function = _callable(step.function)
        args, kwargs = step.args, step.kwargs
        inside = [a for a in args if a.__class__ is not _Slot]
        if next(_slots([inside, kwargs]), None) is not None:

            def nested(registers: list[Any]) -> Any:
                fill = lambda x: registers[x] if x.__class__ is _Slot else x  # noqa: E731
                return function(*_map(fill, args), **_map(fill, kwargs))

            return nested, None, None
        if kwargs:
            function = partial(function, **kwargs)
        places = [int(a) if a.__class__ is _Slot else self._constant(a) for a in args]
        if len(places) == 1:
            return function, None, places[0]
        if not places:
            return (lambda registers: function()), None, None
        return function, itemgetter(*places), None


def _slots(x: Any) -> Any:
    if x.__class__ is _Slot:
        yield x
    elif isinstance(x, (list, tuple)):
        for e in x:
            yield from _slots(e)
    elif isinstance(x, dict):
        yield from _slots(list(x.values()))


def _changes(function: Any) -> bool:
    schema = getattr(function, "_schema", None)
    return schema is not None and bool(schema.is_mutable)


def _needed(steps: list[_Step], outputs: Sequence[int]) -> list[_Step]:
    """Leave out what only led to results that nobody wants."""
    wanted = set(outputs)
    found = []
    for step in reversed(steps):
        if _changes(step.function) or any(s in wanted for s in _slots(step.outs)):
            wanted.update(_slots(step.args), _slots(step.kwargs))
            found.append(step)
    return found[::-1]
