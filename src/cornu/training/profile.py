"""`Profile`: where the time of one step goes, as a table and as a file for a viewer of traces."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from cornu.graph.timing import Machine, Measured, Timing
from cornu.saving.atomic import atomic_write_bytes

__all__ = ["LayerTiming", "Profile"]

_NO_LAYER = "(no layer)"
_NUMBERS = ("time us", "share", "MFLOP", "GFLOP/s", "GB/s", "of peak")


class LayerTiming:
    """All instructions of one layer together: of the forward pass and of the gradients.

    Attributes:
        layer: Its path, such as "model/dense_1"; empty for what belongs to no layer, as updates by
            the optimizer do.
        instructions: How many there are.
        seconds: The time of all.
        flops: Their floating point operations.
        bytes: The bytes that they read and write.
        ideal: The seconds that they would take at the machine's peak.
    """

    __slots__ = ("bytes", "flops", "ideal", "instructions", "layer", "seconds")

    def __init__(self, layer: str, timings: Sequence[Timing]) -> None:
        self.layer = layer
        self.instructions = len(timings)
        self.seconds = sum(t.seconds for t in timings)
        self.flops = sum(t.flops for t in timings)
        self.bytes = sum(t.bytes for t in timings)
        self.ideal = sum(t.ideal for t in timings)

    def __repr__(self) -> str:
        return f"<LayerTiming {self.layer or _NO_LAYER}: {self.seconds * 1e6:.1f} us>"


class Profile:
    """One step of a model, measured instruction by instruction. `print` shows it as a table.

    Args:
        title: What was measured.
        measured: The numbers.

    Attributes:
        title: What was measured.
        machine: The peaks that shares refer to.
        runs: Of how many runs each time is the least.
        instructions: A `Timing` for each instruction, in the order in which they run.
        layers: A `LayerTiming` for each layer, in the order in which they first run.
        seconds: The time of the whole step.
    """

    def __init__(self, title: str, measured: Measured) -> None:
        self.title = title
        self.machine: Machine = measured.machine
        self.runs = measured.runs
        self.instructions = list(measured.instructions)
        by_layer: dict[str, list[Timing]] = {}
        for timing in self.instructions:
            by_layer.setdefault(timing.layer, []).append(timing)
        self.layers = [LayerTiming(name, timings) for name, timings in by_layer.items()]
        self.seconds = sum(t.seconds for t in self.instructions)

    def table(self, instructions: bool = False) -> str:
        """Return a table as plain text.

        Args:
            instructions: Have a line for each instruction instead of each layer.
        """
        head: tuple[str, ...] = ("layer",)
        rows: list[tuple[str, ...]]
        if instructions:
            head = ("layer", "kernel", "computes", "result")
            rows = []
            for t in self.instructions:
                what = t.what + " (late)" * t.late
                rows.append((t.layer or _NO_LAYER, t.kernel, what, t.result, *self._numbers(t)))
        else:
            rows = [(x.layer or _NO_LAYER, *self._numbers(x)) for x in self.layers]
        whole = LayerTiming("all", self.instructions)
        rows.append(("all", *[""] * (len(head) - 1), *self._numbers(whole)))
        lines = _lines((*head, *_NUMBERS), rows, len(head))
        return "\n".join((self.title + ":", *self._facts(), "", *lines))

    __str__ = __repr__ = table

    def _facts(self) -> Iterator[str]:
        m = self.machine
        threads = f"{m.threads} thread{'s' * (m.threads != 1)}"
        yield f"{self.seconds * 1e6:,.1f} us, of each instruction the least of {self.runs} runs"
        peaks = f"{m.flops / 1e9:,.1f} GFLOP/s, {m.bytes / 1e9:,.1f} GB/s"
        yield f"peak of this machine: {peaks} ({m.name}, {threads})"

    def _numbers(self, t: Timing | LayerTiming) -> tuple[str, ...]:
        seconds = t.seconds
        return (
            f"{seconds * 1e6:,.1f}",
            f"{seconds / self.seconds:.1%}" if self.seconds else "-",
            f"{t.flops / 1e6:,.3f}" if t.flops else "-",
            f"{t.flops / seconds / 1e9:,.1f}" if t.flops and seconds else "-",
            f"{t.bytes / seconds / 1e9:,.1f}" if t.bytes and seconds else "-",
            f"{t.ideal / seconds:.0%}" if t.ideal and seconds else "-",
        )

    def save_trace(self, path: str | os.PathLike[str]) -> None:
        """Write the step as a trace that chrome://tracing and https://ui.perfetto.dev show.

        Args:
            path: The file, such as "trace.json".
        """
        atomic_write_bytes(path, json.dumps(self._trace(), allow_nan=False).encode())

    def _trace(self) -> dict[str, Any]:
        events = [
            _named("process_name", 0, self.title),
            _named("thread_name", 1, "layers"),
            _named("thread_name", 2, "instructions"),
        ]
        at = 0.0
        for layer, run in groupby(self.instructions, lambda t: t.layer):
            begin = at
            for t in run:
                facts = t._asdict()
                events.append(_event(facts.pop("kernel"), 2, at, facts.pop("seconds"), facts))
                at += t.seconds
            events.append(_event(layer or _NO_LAYER, 1, begin, at - begin, {}))
        return {"traceEvents": events, "displayTimeUnit": "ns"}


def _named(what: str, thread: int, name: str) -> dict[str, Any]:
    return {"name": what, "ph": "M", "pid": 1, "tid": thread, "args": {"name": name}}


def _event(
    name: str, thread: int, begin: float, seconds: float, facts: dict[str, Any]
) -> dict[str, Any]:
    times = {"ts": begin * 1e6, "dur": seconds * 1e6}  # the format counts microseconds
    return {"name": name, "ph": "X", "pid": 1, "tid": thread, **times, "args": facts}


def _lines(head: tuple[str, ...], rows: list[tuple[str, ...]], names: int) -> Iterator[str]:
    """Align columns: names to the left, numbers to the right; a rule above the last row."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)

    def line(cells: tuple[str, ...]) -> str:
        return "  ".join(
            c.ljust(w) if i < names else c.rjust(w)
            for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        )

    yield line(head)
    yield rule
    yield from map(line, rows[:-1])
    yield rule
    yield line(rows[-1])
