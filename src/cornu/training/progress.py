"""The bar that `fit`, `evaluate` and `predict` draw."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from cornu.errors import ArgumentError
from cornu.training import terminal

__all__ = ["Progbar"]

_BOLD, _GREEN, _WHITE, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class Progbar:
    """Shows how far something is, how long a step takes, and the values of metrics.

    On a terminal and in a notebook the line is redrawn; elsewhere one line is written at the end.
    Values are averaged over the steps, unless `stateful_metrics` or `stateless_metrics` says which
    ones already are averages.

    Args:
        target: Number of steps, or `None` if it isn't known.
        width: Characters of the bar.
        verbose: 0 for nothing, 1 for a bar, 2 for one line at the end.
        interval: Least time between two drawings, in seconds.
        stateful_metrics: Names whose values are shown as they are; all others are averaged.
        stateless_metrics: Names whose values are averaged; all others are shown as they are.
        unit_name: What a step is called.

    Raises:
        ArgumentError: Both lists of names are given.
    """

    _clock = staticmethod(time.perf_counter)

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ArgumentError(
                "Progbar",
                "give `stateful_metrics` or `stateless_metrics`, not both: each of them says that "
                "all other metrics are of the other kind",
            )
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.unit_name = unit_name
        self.title = ""  # begins the line where it can't be redrawn
        self._averaged = None if stateless_metrics is None else set(stateless_metrics)
        self._as_is = set(stateful_metrics or ())
        self._sums: dict[str, tuple[Any, int]] = {}  # name -> (sum of the values, of how many)
        self._seen = 0
        self._start = self._clock()
        self._drawn_at = float("-inf")
        self._first_step_at: float | None = None
        self._drawn_width = 0

    def is_due(self) -> bool:
        """Tell whether `update` would draw now, so that values needn't be computed in vain."""
        return (
            self.verbose == 1
            and terminal.is_live()
            and self._clock() - self._drawn_at >= self.interval
        )

    def update(
        self,
        current: int,
        values: Iterable[tuple[str, Any]] | None = None,
        finalize: bool | None = None,
    ) -> None:
        """Say how many steps are done.

        Args:
            current: Steps done.
            values: Pairs of a name and its value.
            finalize: Whether this is the last update; by default, when `current` is the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        for name, value in values or ():
            self._add_value(name, value, current, finalize)
        self._seen = current
        now = self._clock()
        per_step = self._seconds_per_step(current, now)
        if finalize and self.verbose:
            self._write_last(current, now, per_step)
        elif self.verbose == 1 and now - self._drawn_at >= self.interval and terminal.is_live():
            self._draw(current, per_step)
            self._drawn_at = now

    def add(self, n: int, values: Iterable[tuple[str, Any]] | None = None) -> None:
        """Say that `n` more steps are done.

        Args:
            n: How many.
            values: Pairs of a name and its value.
        """
        self.update(self._seen + n, values)

    def _add_value(self, name: str, value: Any, current: int, finalize: bool) -> None:
        averaged = name not in self._as_is if self._averaged is None else name in self._averaged
        if not averaged or finalize:  # the last value is that of the whole
            self._sums[name] = value, 1
            return
        steps = max(current - self._seen, 1)
        total, count = self._sums.get(name, (0.0, 0))
        self._sums[name] = total + value * steps, count + steps

    def _seconds_per_step(self, current: int, now: float) -> float:
        """The first step often has to compile something: it counts only as long as it is alone."""
        if not current:
            return 0.0
        if current > 1 and self._first_step_at is not None:
            return (now - self._first_step_at) / (current - 1)
        if current == 1:
            self._first_step_at = now
        return (now - self._start) / current

    def _draw(self, current: int, per_step: float) -> None:
        if self.target:
            left = _clock_text(per_step * (self.target - current))
        else:
            left = f"{self._clock() - self._start:.0f}s"
        line = _Line()
        self._add_bar(line, current)
        line.add(f" {left}", _BOLD)
        line.add(f" {_step_text(per_step)}/{self.unit_name}{self._metrics()}")
        columns = terminal.line_width()
        self._redraw(line, None if columns is None else columns - 1)

    def _write_last(self, current: int, now: float, per_step: float) -> None:
        took = f"{now - self._start:.0f}s"
        per = f"{_step_text(per_step)}/{self.unit_name}"
        if self.verbose == 1 and terminal.is_live():
            line = _Line()
            self._add_bar(line, current)
            line.add(f" {took}", _BOLD)
            line.add(f" {per}{self._metrics()}")
            self._redraw(line, None)
            terminal.write("\n")
        elif self.target or self.verbose == 1:
            terminal.say(f"{self.title}{self._count(current)} - {took} - {per}{self._metrics()}")

    def _add_bar(self, line: _Line, current: int) -> None:
        line.add(self._count(current), _BOLD)
        if self.target:
            done, rest = terminal.signs()
            width = min(int(self.width * current / self.target), self.width)
            line.add(" ")
            line.add(done * width, _GREEN)
            line.add(rest * (self.width - width), _WHITE)

    def _count(self, current: int) -> str:
        if not self.target:
            return f"{current:7d}/Unknown"
        return f"{current:{len(str(self.target))}d}/{self.target}"

    def _metrics(self) -> str:
        return "".join(
            f" - {name}: {_number_text(total, count)}"
            for name, (total, count) in self._sums.items()
        )

    def _redraw(self, line: _Line, limit: int | None) -> None:
        text, width = line.render(limit)
        if terminal.is_notebook():
            width = len(text)  # where a line is drawn over the one before, codes of colors count
        # What the line before had more is painted over.
        terminal.write(f"\r{text}{' ' * (self._drawn_width - width)}")
        self._drawn_width = width


class _Line:
    """Pieces of a line, each with its color."""

    def __init__(self) -> None:
        self._pieces: list[tuple[str, str]] = []

    def add(self, text: str, color: str = "") -> None:
        self._pieces.append((text, color))

    def render(self, limit: int | None) -> tuple[str, int]:
        """The line, cut to a width, and how wide it is on the screen."""
        colored = terminal.has_color()
        parts = []
        width = 0
        for text, color in self._pieces:
            shown = text if limit is None else text[: max(limit - width, 0)]
            width += len(shown)
            parts.append(f"{color}{shown}{_PLAIN}" if color and shown and colored else shown)
        return "".join(parts), width


def _number_text(total: Any, count: int) -> str:
    mean = float(np.mean(total)) / max(count, 1)
    # Four digits behind the point say nothing about small numbers.
    return f"{mean:.4f}" if abs(mean) > 1e-3 else f"{mean:.4e}"


def _step_text(seconds: float) -> str:
    if seconds >= 1 or not seconds:
        return f"{seconds:.0f}s"
    return f"{seconds * 1e3:.0f}ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f}us"


def _clock_text(seconds: float) -> str:
    whole = int(seconds)
    if whole > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if whole > 60 else f"{whole}s"
