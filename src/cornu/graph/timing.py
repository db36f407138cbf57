"""What the parts of a compiled step take, as plain data: a backend measures, others show it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Machine", "Measured", "Timing"]


class Timing(NamedTuple):
    """One instruction of a compiled step.

    Attributes:
        layer: The path of the layer that it belongs to; empty for what belongs to none.
        kernel: What runs it.
        what: What it computes: names of primitives.
        result: Dtype and shape of its first output.
        late: Whether `fit` needs it only in the last step before Python looks at the results.
        seconds: The least that it took.
        flops: Floating point operations of one run; 0 where they aren't counted.
        bytes: Bytes that one run reads and writes.
        ideal: Seconds that it would take at the machine's peak: of its arithmetic or of its memory,
            whichever takes longer.
    """

    layer: str
    kernel: str
    what: str
    result: str
    late: bool
    seconds: float
    flops: float
    bytes: float
    ideal: float


class Machine(NamedTuple):
    """The peaks that shares refer to, measured where the step ran.

    Attributes:
        name: What runs the step, such as "core avx2".
        threads: How many it may use.
        flops: Floating point operations of a float32 matrix product in a second.
        bytes: Bytes that a large copy reads and writes in a second.
    """

    name: str
    threads: int
    flops: float
    bytes: float


class Measured(NamedTuple):
    """A compiled step, measured.

    Attributes:
        machine: Where.
        runs: Of how many runs each time is the least.
        instructions: In the order in which they run.
    """

    machine: Machine
    runs: int
    instructions: tuple[Timing, ...]
