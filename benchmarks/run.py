"""Measure cornu beside real Keras, and write what was found to a file.

    python benchmarks/run.py --keras-python /path/of/an/environment/bin/python

Every measurement is a process of its own. The rows of a workload take turns, so that a busy moment
of the machine touches all of them alike, and medians of the repeats are kept; compare rows of one
run with each other, never with those of another. A row whose library isn't installed is left out,
and so is a workload that a library can't build. `program` is the reference program as a whole,
from the start of the process to its end. The rows `bare/torch` and `bare/jax` are the same models
written without Keras, four of them; they run in the environment of `--keras-python`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

from workloads import WORKLOADS  # noqa: E402  # this folder is no package

ROWS = [
    "cornu/native",
    "cornu/numpy",
    "cornu/torch",
    "cornu/jax",
    "keras/jax",
    "keras/torch",
    "keras/tensorflow",
    "bare/torch",
    "bare/jax",
]
DEFAULT_ROWS = ["cornu/native", "cornu/numpy", "keras/jax", "keras/torch", "keras/tensorflow"]
PROGRAM = "program"
COLUMNS = (
    "wall_s",
    "import_s",
    "build_s",
    "first_step_s",
    "first_epoch_s",
    "step_ms",
    "cpu_ms",
    "predict_ms",
    "call_ms",
    "peak_mb",
)
# Variables that say how many threads a library takes, and how they wait: part of the result.
THREADS = (
    "OMP_",
    "GOMP_",
    "KMP_",
    "MKL_",
    "OPENBLAS_",
    "XLA_FLAGS",
    "TF_NUM_",
    "CORNU_NUM_THREADS",
)
Result = dict[str, float]


class Runner:
    """Starts the processes.

    Args:
        keras_python: Python of the environment that has real Keras and its backends.
        seconds: How long each process trains.
        cache: Folder for cornu's bytecode, which a checkout has none of.
    """

    def __init__(self, keras_python: str, seconds: float, cache: str) -> None:
        self._pythons = {"cornu": sys.executable, "keras": keras_python, "bare": keras_python}
        self._seconds = seconds
        self._cache = cache

    def measure(self, row: str, workload: str) -> Result | str:
        """Return one measurement, or the last line of the error."""
        library, backend = row.split("/")
        if workload == PROGRAM:
            if library == "bare":
                return "The reference program is written with Keras."
            return self._program(library, backend)
        words = [str(HERE / "measure.py"), library, backend, workload, f"--seconds={self._seconds}"]
        done = self._start(library, backend, words)
        if done.returncode:
            return _last_line(done)
        found: Result = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    def _program(self, library: str, backend: str) -> Result | str:
        words = ["-m", "cornu", "run"] if library == "cornu" else []
        # A process in between, so that the peak memory is that of this program alone.
        probe = [sys.executable, str(HERE / "run.py"), "--time", self._pythons[library]]
        probe += [*words, str(ROOT / "examples" / "first_program.py")]
        done = self._start(library, backend, probe, python=None)
        if done.returncode:
            return _last_line(done)
        found: Result = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    def _start(
        self, library: str, backend: str, words: list[str], python: str | None = ""
    ) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        if library == "cornu":
            env.pop("PYTHONDONTWRITEBYTECODE", None)
            env |= {
                "PYTHONPYCACHEPREFIX": self._cache,
                "PYTHONPATH": str(ROOT / "src"),
                "CORNU_BACKEND": backend,
            }
        else:
            env.pop("PYTHONPATH", None)
            env["KERAS_BACKEND"] = backend
        command = words if python is None else [self._pythons[library], *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr.strip().splitlines() or ["failed without a word"])[-1][:150]


def time_program(command: list[str]) -> int:
    """Run a program; print its wall time and peak memory as the last line."""
    begin = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stderr.write(done.stderr)
    print(json.dumps({"wall_s": round(wall, 4), "peak_mb": round(peak, 1)}))
    return done.returncode


def collect(
    rows: list[str],
    names: list[str],
    repeats: int,
    measure: Callable[[str, str], Result | str],
    keep: Callable[[dict[str, dict[str, Result]]], None] = lambda results: None,
    patience: float = 12.0,
) -> dict[str, dict[str, Result]]:
    """Measure all rows of all workloads, in turns; return the medians.

    `keep` is called after every workload with what there is, so that a run can be interrupted.
    A row that has taken `patience` seconds of a workload isn't repeated there.
    """
    results: dict[str, dict[str, Result]] = {}
    for name in names:
        samples: dict[str, list[Result]] = {row: [] for row in rows}
        spent = dict.fromkeys(rows, 0.0)
        for _ in range(repeats):
            for row in [row for row in samples if spent[row] < patience]:
                begin = time.perf_counter()
                found = measure(row, name)
                spent[row] += time.perf_counter() - begin
                if isinstance(found, str):
                    print(f"  {name}, {row}: left out: {found}", file=sys.stderr)
                    del samples[row]
                else:
                    samples[row].append(found)
        for row, measured in samples.items():
            warn_if_unsteady(f"{name}, {row}", measured)
        results[name] = {row: medians(measured) for row, measured in samples.items() if measured}
        print(table(name, results[name]), flush=True)
        keep(results)
    return results


def warn_if_unsteady(what: str, measured: list[Result]) -> None:
    """Say on stderr where the repeats lie so far apart that their median is chance."""
    if not measured:
        return
    column = main_column(measured[0])
    low, high = (f(m[column] for m in measured) for f in (min, max))
    if high > 2 * low:
        print(f"  {what}: unsteady: {column} from {low:.3g} to {high:.3g}", file=sys.stderr)


def medians(measured: list[Result]) -> Result:
    """Return the median of every column that was measured."""
    return {
        c: round(statistics.median(m[c] for m in measured), 4) for c in COLUMNS if c in measured[0]
    }


def title_of(name: str) -> str:
    """Return the line that describes a workload."""
    return "reference program, the whole process" if name == PROGRAM else WORKLOADS[name].title


def main_column(row: Result) -> str:
    """Return the column by which rows are compared."""
    return next(c for c in ("step_ms", "wall_s", "first_step_s") if c in row)


def table(name: str, rows: dict[str, Result]) -> str:
    """Return the results of a workload as text, with ratios to the fastest row of Keras."""
    if not rows:
        return f"\n{title_of(name)}: nothing measured"
    columns = [c for c in COLUMNS if any(c in row for row in rows.values())]
    lines = [f"\n{title_of(name)}"]
    lines.append(f"  {'':18}" + "".join(f"{c:>14}" for c in columns) + f"{'speed':>9}")
    theirs = [row[main_column(row)] for key, row in rows.items() if key.startswith("keras")]
    for key, row in rows.items():
        ratio = f"{min(theirs) / row[main_column(row)]:.2f}x" if theirs else "-"
        cells = "".join(f"{row[c]:>14.3f}" if c in row else f"{'-':>14}" for c in columns)
        lines.append(f"  {key:18}{cells}{ratio:>9}")
    return "\n".join(lines)


def processor() -> str:
    """Name the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def main() -> int:
    """Measure, print the tables, write the file."""
    if sys.argv[1:2] == ["--time"]:
        return time_program(sys.argv[2:])
    names = [PROGRAM, *WORKLOADS]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", nargs="+", default=names, choices=names, metavar="NAME")
    parser.add_argument(
        "--rows",
        nargs="+",
        default=DEFAULT_ROWS,
        choices=ROWS,
        metavar="LIBRARY/BACKEND",
        help=f"of {', '.join(ROWS)}; default: {', '.join(DEFAULT_ROWS)}",
    )
    parser.add_argument("--repeats", type=int, default=3, help="default: 3")
    parser.add_argument(
        "--patience",
        type=float,
        default=12.0,
        help="seconds of a row after which it isn't repeated, default: 12",
    )
    parser.add_argument("--seconds", type=float, default=1.0, help="training a process, default: 1")
    parser.add_argument("--keras-python", default=sys.executable, help="default: this Python")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "latest.json")
    options = parser.parse_args()
    about = {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": platform.system(),
        "repeats": options.repeats,
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(THREADS)},
    }

    def write(results: dict[str, dict[str, Result]]) -> None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"about": about, "results": results}, indent=1)
        options.out.write_text(f"{text}\n")

    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as cache:
        runner = Runner(options.keras_python, options.seconds, cache)
        for row in options.rows:  # once unmeasured: files are read, cornu's bytecode written
            runner.measure(row, PROGRAM)
        collect(
            *(options.rows, options.workloads, options.repeats),
            *(runner.measure, write, options.patience),
        )
    print(f"\nwritten to {options.out} after {(time.perf_counter() - begin) / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
