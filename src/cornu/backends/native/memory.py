"""Where temporary values lie: one arena, in which memory is used again once its value is dead."""

from __future__ import annotations

import bisect

import numpy as np

from cornu.backends.native.plan import ARENA, Buffer, Plan
from cornu.graph.dtypes import numpy_dtype

__all__ = ["place_buffers"]

_ALIGNMENT = 64  # bytes: a cache line, and the widest vector


class _Arena:
    """Free ranges of a memory that grows as needed: best fit, neighbours joined."""

    def __init__(self) -> None:
        self.size = 0
        self.free: list[tuple[int, int]] = []  # (offset, bytes), by offset

    def take(self, size: int) -> int:
        best = None
        for i, (_, have) in enumerate(self.free):
            if have >= size and (best is None or have < self.free[best][1]):
                best = i
        if best is None:
            if self.free and sum(self.free[-1]) == self.size:  # the last range can grow
                offset, _ = self.free.pop()
            else:
                offset = self.size
            self.size = offset + size
            return offset
        offset, have = self.free.pop(best)
        if have > size:
            self.free.insert(best, (offset + size, have - size))
        return offset

    def give_back(self, offset: int, size: int) -> None:
        i = bisect.bisect(self.free, (offset, 0))
        if i < len(self.free) and offset + size == self.free[i][0]:
            size += self.free.pop(i)[1]
        if i and sum(self.free[i - 1]) == offset:
            before = self.free.pop(i - 1)
            offset, size, i = before[0], before[1] + size, i - 1
        self.free.insert(i, (offset, size))


def place_buffers(plan: Plan) -> None:
    """Give every buffer of the arena its offset.

    An instruction may write into the memory of an operand that nobody reads afterwards, where its
    `reuse` says so.
    """
    last: dict[int, int] = {}
    for i, ins in enumerate(plan.instructions):
        for o in (*ins.inputs, *ins.outputs):
            last[id(o.buffer)] = i
    arena = _Arena()
    sizes: dict[int, int] = {}
    placed: set[int] = set()
    given: set[int] = set()  # buffers whose memory lives on as another's
    for i, ins in enumerate(plan.instructions):
        for place, o in enumerate(ins.outputs):
            b = o.buffer
            if b.kind != ARENA or id(b) in placed:
                continue
            placed.add(id(b))
            sizes[id(b)] = size = _bytes(b)
            for source in ins.reuse.get(place, ()):
                old = ins.inputs[source].buffer
                if (
                    old.kind == ARENA
                    and last[id(old)] == i
                    and id(old) not in given
                    and sizes[id(old)] == size
                    and old.count == b.count
                ):
                    given.add(id(old))
                    b.place = old.place
                    break
            else:
                b.place = arena.take(size)
        for o in (*ins.inputs, *ins.outputs):
            b = o.buffer
            if b.kind == ARENA and last[id(b)] == i and id(b) not in given:
                given.add(id(b))
                arena.give_back(b.place, sizes[id(b)])
    plan.arena_bytes = arena.size


def _bytes(buffer: Buffer) -> int:
    itemsize = np.dtype(numpy_dtype(buffer.dtype)).itemsize
    return max(-(-buffer.count * itemsize // _ALIGNMENT), 1) * _ALIGNMENT
