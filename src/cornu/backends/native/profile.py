"""Numbers of a plan: what each instruction takes, beside what this machine could do at best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from cornu.backends.native.loader import core
from cornu.backends.native.plan import (
    EXTERNAL,
    WRITABLE,
    Buffer,
    Instruction,
    Operand,
    Plan,
    encode,
    whole,
)
from cornu.graph.timing import Machine, Measured, Timing

__all__ = ["measure"]

# Whatever else the machine does only adds to a time, so the least of several is nearest the truth.
_MOST, _FEWEST = 20, 3
_BUDGET = 10.0  # seconds, after which no further run begins

_SIZE = 512  # of the matrices whose product shows the peak: they stay in the cache
_COPIED = 1 << 23  # elements of float32: far more than a core's own cache holds
_REPEATS, _PATIENCE = 10, 0.1  # at least as many runs of each, and as many seconds

# Seconds, flops and bytes of an instruction; of a `map` also those of its body's instructions for
# one step, but the seconds for all steps on one thread.
_Row = tuple[float, float, float, list[tuple[float, float, float]]]
# Those of each instruction of one run.
_Run = Callable[[], list[_Row]]


# Peaks by what was measured and the number of threads: once in a process.
_peaks: dict[tuple[str, int], float] = {}


def measure(plan: Plan, run: _Run) -> Measured:
    """Time the instructions of a plan.

    Those of a batch run share the time that it took as a whole, by what each takes on one thread.

    Args:
        plan: The plan.
        run: Runs it once and returns what each instruction took.
    """
    begin = perf_counter()
    rows = run()
    runs = 1
    while runs < _FEWEST or (runs < _MOST and perf_counter() - begin < _BUDGET):
        rows = [_less(a, b) for a, b in zip(rows, run(), strict=True)]
        runs += 1
    timings: list[Timing] = []
    for ins, (seconds, flops, moved, nested) in zip(plan.instructions, rows, strict=True):
        if not nested:
            timings.append(_timing(ins, seconds, flops, moved))
            continue
        steps, total = ins.attributes[-1], sum(row[0] for row in nested)
        for inner, (part, flops, moved) in zip(ins.nested[0].instructions, nested, strict=True):
            part *= seconds / total if total else 0.0
            timings.append(_timing(inner, part, steps * flops, steps * moved))
    peaks = _peak("float32"), _peak("copy")
    machine = Machine(f"core {core().isa}", core().get_threads(), *peaks)
    return Measured(machine, runs, tuple(timings))


def _less(a: _Row, b: _Row) -> _Row:
    """Return the lesser seconds of two runs."""
    nested = [(min(x[0], y[0]), *x[1:]) for x, y in zip(a[3], b[3], strict=True)]
    return min(a[0], b[0]), a[1], a[2], nested


def _timing(ins: Instruction, seconds: float, flops: float, moved: float) -> Timing:
    wide = any(x.dtype == "float64" for x in (*ins.inputs, *ins.outputs))
    arithmetic = _peak("float64" if wide else "float32")
    ideal = max(flops / arithmetic, moved / _peak("copy"))
    result = repr(ins.outputs[0]) if ins.outputs else ""
    what = ins.what or ins.opcode
    return Timing(ins.layer, ins.opcode, what, result, ins.late, seconds, flops, moved, ideal)


def _peak(kind: str) -> float:
    """Return the flops of a second for a dtype, or the bytes of a second for "copy"."""
    key = (kind, core().get_threads())
    found = _peaks.get(key)
    if found is None:
        found = _peaks[key] = _copied() if kind == "copy" else _multiplied(kind)
    return found


def _multiplied(dtype: str) -> float:
    shape = (_SIZE, _SIZE)
    a, b = np.ones(shape, dtype), np.ones(shape, dtype)
    seconds, flops, _, _ = _best("gemm", [a, b], np.empty(shape, dtype), [0, 0, 0])
    return flops / seconds


def _copied() -> float:
    x = np.ones(_COPIED, np.float32)
    seconds, _, moved, _ = _best("copy", [x], np.empty_like(x))
    return moved / seconds


def _best(opcode: str, inputs: Sequence[Any], output: Any, attributes: Sequence[int] = ()) -> _Row:
    """Return the fastest of several runs of one kernel: seconds, flops, bytes."""
    plan = Plan()
    arrays = [*inputs, output]
    operands: list[Operand] = []
    for i, x in enumerate(arrays):
        flags = WRITABLE if x is output else 0
        operands.append(whole(plan.add(Buffer(EXTERNAL, x.dtype.name, x.size, i, flags)), x.shape))
    plan.instructions.append(Instruction(opcode, operands[:-1], operands[-1:], attributes))
    native = core().Plan(encode(plan, core().opcodes()), [], [])
    native.profile(arrays)  # the first run waits until the machine has given the memory
    begin = perf_counter()
    found: _Row = native.profile(arrays)[0]
    runs = 1
    while runs < _REPEATS or perf_counter() - begin < _PATIENCE:
        found = min(found, native.profile(arrays)[0])
        runs += 1
    return found
