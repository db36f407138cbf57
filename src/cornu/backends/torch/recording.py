"""Recording what a step asks of PyTorch.

A step of a small model spends nine tenths of its time in Python: layers, promotion, autograd's
bookkeeping. A `Recorder` notes each kernel that PyTorch runs, those of the backward pass included;
a `Tape` runs the same kernels on new data. Two recordings of the same step must agree before either
is trusted: what differs came from outside of PyTorch (a number drawn or counted by Python), and
such a step stays as it is. So does one in which Python looked at values that were computed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _get_current_dispatch_mode_stack

__all__ = ["Recorder", "Slot", "Step", "call_noted", "replace", "slots", "unrecorded"]

_serials = count()
_LARGE = 2**14  # elements from which on it pays to use memory again

# The ways of values out of PyTorch that are no kernels.
_LEAVES = {getattr(Tensor, n) for n in ("numpy", "tolist", "untyped_storage")}
_LEAVES |= {Tensor.__array__, Tensor.__dlpack__}


class Slot(str):
    """The name of a tensor of a recording, or of something else in the text of a tape."""

    __slots__ = ()
    __repr__ = str.__str__


class Step(NamedTuple):
    """One call: the function, its arguments with slots for tensors, the slots of its results."""

    function: Callable[..., Any]
    args: Any
    kwargs: dict[str, Any]
    results: Any


def replace(f: Callable[[Any], Any], x: Any) -> Any:
    """Return nested arguments with another leaf for each."""
    if x.__class__ in (list, tuple):
        return x.__class__([replace(f, e) for e in x])
    if isinstance(x, tuple):  # named ones: what `max` and the like return
        return tuple(replace(f, e) for e in x)
    if isinstance(x, dict):
        return {k: replace(f, v) for k, v in x.items()}
    return f(x)


def slots(x: Any) -> Iterator[Slot]:
    """Give the slots in nested arguments."""
    if x.__class__ is Slot:
        yield x
    elif isinstance(x, (list, tuple)):
        for e in x:
            yield from slots(e)
    elif isinstance(x, dict):
        yield from slots(list(x.values()))


class _Watch(TorchFunctionMode):  # type: ignore[misc]  # it is untyped
    """Tells the recorder when values leave PyTorch."""

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        recorder = _recorder() if function in _LEAVES else None
        if recorder is not None and not recorder.paused:
            recorder.broken = True
        return function(*args, **(kwargs or {}))


class Recorder(TorchDispatchMode):  # type: ignore[misc]  # it is untyped
    """Notes every kernel that runs inside the block.

    Args:
        args: The tensors that are other ones at the next call.

    Attributes:
        steps: The calls.
        given: The slots of the arguments.
        outputs: The slots of what the function returned.
        outside: Tensors that were there before, by their slots.
        layouts: Dtype, shape and strides of large results.
        constants: What needs no tensor, such as `full` and `arange`, and isn't written into.
        changes: Whether the function wrote into an argument.
        broken: Whether Python looked into a tensor, so that what follows may depend on it.
        paused: Whether what runs is no part of the step.
    """

    def __init__(self, args: Sequence[Tensor]) -> None:
        super().__init__()
        self._serial, self._slots = next(_serials), count()
        self._watch = _Watch()
        self.steps: list[Step] = []
        self.given = [self._new(a) for a in args]
        self.outside: dict[Slot, Tensor] = {}
        self.outputs: list[Slot] = []
        self.constants: dict[Slot, Tensor] = {}
        self.layouts: dict[Slot, Any] = {}
        self.broken = self.paused = self.changes = False
        self._written = [a._version for a in args]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Else the first call imports PyTorch's compiler, which takes longer than a hundred steps.
        return False

    def __enter__(self) -> Recorder:
        self._watch.__enter__()
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)
        self._watch.__exit__(*error)

    def _known(self, tensor: Tensor) -> Slot | None:
        # A tensor carries its slot; its `id` would come again once it is gone.
        serial, slot = getattr(tensor, "_cornu_slot", (None, None))
        return slot if serial == self._serial else None

    def _new(self, tensor: Tensor) -> Slot:
        slot = Slot(f"x{next(self._slots)}")
        tensor._cornu_slot = (self._serial, slot)
        return slot

    def slot(self, x: Any) -> Any:
        """Return the slot of a tensor; anything else as it is."""
        if not isinstance(x, Tensor):
            return x
        slot = self._known(x)
        if slot is None:
            slot = self._new(x)
            self.outside[slot] = x
        return slot

    def _result(self, x: Any) -> Slot | None:
        if not isinstance(x, Tensor):
            self.broken |= x is not None
            return None
        slot = self._known(x) or self._new(x)  # an operation in place returns its operand
        if x.numel() >= _LARGE:
            self.layouts[slot] = (x.dtype, x.shape, x.stride())
        return slot

    def finish(self, args: Sequence[Tensor], outputs: Sequence[Tensor]) -> None:
        """Note what the function returned, and what it did to its arguments."""
        self.changes = [a._version for a in args] != self._written
        self.constants = {s: t for s, t in self.constants.items() if t._version == 0}
        self.outputs = [self.slot(x) for x in outputs]
        for x in (*outputs, *self.outside.values()):
            x.__dict__.pop("_cornu_slot", None)

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        result = function(*args, **kwargs)
        if not self.paused:
            self.note(function, args, kwargs, result)
        return result

    def note(self, function: Any, args: Any, kwargs: Any, result: Any) -> None:
        """Append a call that was made."""
        args, kwargs = replace(self.slot, args), replace(self.slot, kwargs)
        if function is torch.ops.aten._local_scalar_dense.default:
            # A number that was there before is a constant; a variable or a result is none.
            self.broken |= not _is_constant(self.outside.get(args[0]))
            return
        tags = getattr(function, "tags", ())
        self.broken |= torch.Tag.dynamic_output_shape in tags
        results = replace(self._result, result)
        self.steps.append(Step(function, args, kwargs, results))
        random = torch.Tag.nondeterministic_seeded in tags
        if results.__class__ is Slot and not random and next(slots([args, kwargs]), None) is None:
            self.constants[results] = result

    def agrees(self, other: Recorder) -> bool:
        """Say whether another recording of the same function did the same."""
        return (
            self.outputs == other.outputs
            and repr(self.steps) == repr(other.steps)  # tells 1 from 1.0 and True
            and self.outside.keys() == other.outside.keys()
            and all(_equal(t, other.outside[s]) for s, t in self.outside.items())
        )


def _is_constant(x: Any) -> bool:
    return isinstance(x, Tensor) and not isinstance(x, Parameter)


def _equal(a: Tensor, b: Tensor) -> bool:
    constant = _is_constant(a) and _is_constant(b) and a.dtype is b.dtype
    return a is b or (constant and torch.equal(a.detach(), b.detach()))


def _recorder() -> Recorder | None:
    modes = _get_current_dispatch_mode_stack()
    return modes[-1] if modes and isinstance(modes[-1], Recorder) else None


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """Let what runs in the block be no part of a step: a Variable that is made in the middle."""
    recorder = _recorder()
    if recorder is None:
        yield
        return
    before, recorder.paused = recorder.paused, True
    try:
        yield
    finally:
        recorder.paused = before


def call_noted(function: Callable[..., Any], *args: Any) -> Any:
    """Call a function that leaves PyTorch, such as for NumPy's random bits, as one kernel."""
    recorder = _recorder()
    with unrecorded():
        result = function(*args)
    if recorder is not None and not recorder.paused:
        recorder.note(function, args, {}, result)
    return result
