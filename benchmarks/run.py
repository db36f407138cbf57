"""Measure cornu beside real Keras: `python benchmarks/run.py`.

Every row is a process of its own; repeats are interleaved, so that a busy moment of the machine
touches all rows alike, and medians are shown. Writes a result file with machine and date, from
which the README's figures are read. Rows whose library isn't installed are left out. With
`--keras-python` real Keras runs in another environment.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from workloads import WORKLOADS  # noqa: E402  # this folder is no package

ROWS = [
    ("cornu", "numpy"),
    ("cornu", "torch"),
    ("cornu", "jax"),
    ("keras", "jax"),
    ("keras", "torch"),
    ("keras", "tensorflow"),
]
COLUMNS = ("import_s", "first_epoch_s", "step_ms", "cpu_ms", "peak_mb")


def measure(python: str, library: str, backend: str, workload: str, epochs: int) -> Any:
    """Return one measurement, or None if the library isn't there."""
    command = [python, str(HERE / "measure.py"), library, backend, workload, f"--epochs={epochs}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ})
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["failed"]
        print(f"  {library}/{backend} {workload}: {last[0][:120]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def processor() -> str:
    """Name the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def table(results: dict[str, Any]) -> str:
    """Return the results as a table, with ratios to the fastest row of Keras."""
    lines = []
    for name, rows in results.items():
        lines.append(f"\n{WORKLOADS[name].title}")
        header = f"  {'':18}" + "".join(f"{c:>15}" for c in COLUMNS) + f"{'vs Keras':>12}"
        lines.append(header)
        theirs = [r["step_ms"] for k, r in rows.items() if k.startswith("keras")]
        for key, row in rows.items():
            ratio = f"{min(theirs) / row['step_ms']:.2f}x" if theirs else "-"
            cells = "".join(f"{row[c]:>15.3f}" for c in COLUMNS)
            lines.append(f"  {key:18}{cells}{ratio:>12}")
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workloads", nargs="*", default=list(WORKLOADS), choices=list(WORKLOADS))
    parser.add_argument("--rows", nargs="*", default=None, help='such as "cornu/numpy"')
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--keras-python", default=sys.executable)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "latest.json")
    options = parser.parse_args()
    rows = [tuple(r.split("/")) for r in options.rows] if options.rows else ROWS
    samples: dict[str, dict[str, list[Any]]] = {}
    for name in options.workloads:
        for _ in range(options.repeats):
            for library, backend in rows:
                python = sys.executable if library == "cornu" else options.keras_python
                found = measure(python, library, backend, name, options.epochs)
                if found is not None:
                    key = f"{library}/{backend}"
                    samples.setdefault(name, {}).setdefault(key, []).append(found)
    results = {
        name: {
            key: {c: statistics.median(m[c] for m in measured) for c in COLUMNS}
            for key, measured in by_row.items()
        }
        for name, by_row in samples.items()
    }
    print(table(results))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    about = {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "repeats": options.repeats,
    }
    text = json.dumps({"about": about, "results": results}, indent=1)
    options.out.write_text(f"{text}\n")
    print(f"\nwritten to {options.out}")


if __name__ == "__main__":
    main()
