"""One measurement in a process of its own: `python benchmarks/measure.py cornu numpy mlp`.

Prints a line of JSON. For a workload that trains: seconds of the import, of building the model and
of the first step (compiling included), milliseconds of wall and CPU time per step in epochs of
`fit`, milliseconds of `predict_on_batch` on one sample, and the peak memory in MB. For one that
only compiles: import, build, first step, memory.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def peak_mb() -> float:
    """Return the largest memory of this process so far, in MB.

    `getrusage` would count what the process that started this one had: Linux keeps that over exec.
    """
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def seconds(f: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long `f` took and what it returned."""
    begin = time.perf_counter()
    result = f()
    return time.perf_counter() - begin, result


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library", choices=["cornu", "keras"])
    parser.add_argument("backend")
    parser.add_argument("workload")
    parser.add_argument("--seconds", type=float, default=3.0, help="to train for, about")
    options = parser.parse_args()
    os.environ["CORNU_BACKEND" if options.library == "cornu" else "KERAS_BACKEND"] = options.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path.insert(0, str(HERE))
    import_s, keras = seconds(lambda: importlib.import_module(options.library))
    from workloads import WORKLOADS

    workload = WORKLOADS[options.workload]
    x, y = workload.data()
    size = workload.batch_size
    build_s, model = seconds(lambda: workload.build(keras))
    first_s, _ = seconds(lambda: model.train_on_batch(x[:size], y[:size]))
    found = {"import_s": import_s, "build_s": build_s, "first_step_s": first_s}
    if workload.trains:
        found.update(train(model, x, y, size, options.seconds))
    found["peak_mb"] = peak_mb()
    print(json.dumps({k: round(v, 4) for k, v in found.items()}))


def train(model: Any, x: Any, y: Any, size: int, budget: float) -> dict[str, float]:
    """Return the times of steps and of single predictions, after an epoch that isn't counted."""
    model.fit(x, y, batch_size=size, epochs=1, verbose=0)
    steps = -(-len(x) // size)
    walls, cpus = [], []
    end = time.perf_counter() + budget
    while len(walls) < 2 or (time.perf_counter() < end and len(walls) < 50):
        cpu = time.process_time()
        wall, _ = seconds(lambda: model.fit(x, y, batch_size=size, epochs=1, verbose=0))
        walls.append(wall / steps * 1e3)
        cpus.append((time.process_time() - cpu) / steps * 1e3)
    model.predict_on_batch(x[:1])
    single = [seconds(lambda: model.predict_on_batch(x[:1]))[0] * 1e3 for _ in range(30)]
    return {
        "step_ms": statistics.median(walls),
        "cpu_ms": statistics.median(cpus),
        "predict_ms": statistics.median(single),
    }


if __name__ == "__main__":
    main()
