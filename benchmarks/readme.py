"""The README's table of benchmarks, made from the result file.

`python benchmarks/readme.py` compares, with exit status 1 if the README has other figures; with
`--write` it writes the table between the markers.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from run import Result, main_column, title_of  # noqa: E402  # this folder is no package

README = HERE.parent / "README.md"
RESULTS = HERE / "results" / "latest.json"
BEGIN = "<!-- benchmarks: python benchmarks/readme.py --write -->"
END = "<!-- end of benchmarks -->"
EXTRA = {  # further columns of one workload, each a line of its own
    "convnet": {
        "first_epoch_s": "the same, s for building, compiling and the first epoch",
        "predict_ms": "the same, ms for `predict` of one sample",
        "call_ms": "the same, ms for `model(x)` of one sample",
    }
}
UNITS = {"step_ms": "ms a step", "wall_s": "s", "first_step_s": "s for the first step, compiled"}


def main() -> int:
    """Write the table, or compare it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="change the README")
    options = parser.parse_args()
    text = README.read_text(encoding="utf-8")
    new = with_table(text, table(json.loads(RESULTS.read_text(encoding="utf-8"))))
    if options.write:
        README.write_text(new, encoding="utf-8")
    elif new != text:
        print("README.md has other figures than the result file: readme.py --write")
        return 1
    return 0


def with_table(text: str, inner: str) -> str:
    """Return the README's text with another table between the markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md must hold the lines {BEGIN!r} and {END!r}.")
    return f"{before}{begin}\n{inner}\n{end}{after}"


def table(data: dict[str, Any]) -> str:
    """Return the results as a Markdown table, one workload a row."""
    results = data["results"]
    rows = list(dict.fromkeys(row for found in results.values() for row in found))
    lines = [f"| | {' | '.join(map(_heading, rows))} | cornu to the fastest Keras |"]
    lines.append(f"|---|{'---|' * (len(rows) + 1)}")
    for name, found in results.items():
        if not found:
            continue
        column = main_column(next(iter(found.values())))
        lines.append(_line(f"{title_of(name)}, {UNITS[column]}", found, column, rows))
        extras = EXTRA.get(name, {})
        # A file of an older run lacks some, and means something else by `predict_ms`.
        if all(extra in row for row in found.values() for extra in extras):
            lines += [_line(title, found, extra, rows) for extra, title in extras.items()]
        if column == "wall_s":
            cells = [f"{found[row]['peak_mb']:.0f}" if row in found else "-" for row in rows]
            lines.append(f"| the same, peak MB | {' | '.join(cells)} | {_least(found)} |")
    about = data["about"]
    machine = f"{about['processor']}, {about['cores']} cores, {about['date']}"
    repeats = about["repeats"]
    how = f"medians of up to {repeats} processes" if repeats > 1 else "one process"
    how += f" each, in turns; load of the machine at the start: {about['load_at_start']}"
    how += "".join(f"; {k}={v}" for k, v in about.get("environment", {}).items())
    return "\n".join([*lines, "", f"{machine}; {how}."])


def _line(title: str, found: dict[str, Result], column: str, rows: list[str]) -> str:
    cells = [_figure(found[row][column]) if row in found else "-" for row in rows]
    return f"| {title} | {' | '.join(cells)} | {_speed(found, column)} |"


def _heading(row: str) -> str:
    library, backend = row.split("/")
    return f"{'Keras' if library == 'keras' else library}, {backend}"


def _figure(x: float) -> str:
    return f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:.0f}"


def _split(found: dict[str, Result], column: str) -> tuple[list[float], list[float]]:
    """Return the figure of cornu's first row, if there is one, and those of real Keras."""
    ours = [row[column] for key, row in found.items() if key.startswith("cornu")]
    theirs = [row[column] for key, row in found.items() if key.startswith("keras")]
    return ours[:1], theirs


def _speed(found: dict[str, Result], column: str) -> str:
    ours, theirs = _split(found, column)
    return f"{min(theirs) / ours[0]:.1f} times as fast" if ours and theirs else "-"


def _least(found: dict[str, Result]) -> str:
    ours, theirs = _split(found, "peak_mb")
    return f"{ours[0] / min(theirs):.2f} of its memory" if ours and theirs else "-"


if __name__ == "__main__":
    sys.exit(main())
