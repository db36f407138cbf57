"""One measurement in a process of its own: `python benchmarks/measure.py cornu numpy mlp`.

Prints a line of JSON. For a workload that trains: seconds of the import, of building the model, and
of building it and the first epoch of `fit` together (compiling included); milliseconds of wall and
CPU time per step in later epochs; milliseconds of `predict` and of a call on one sample; the peak
memory in MB. For one that only compiles: import, build, first step, memory.
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
    parser.add_argument("library", choices=["cornu", "keras", "bare"])
    parser.add_argument("backend")
    parser.add_argument("workload")
    parser.add_argument("--seconds", type=float, default=1.0, help="to train for, about")
    options = parser.parse_args()
    os.environ["CORNU_BACKEND" if options.library == "cornu" else "KERAS_BACKEND"] = options.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path.insert(0, str(HERE))
    bare = options.library == "bare"
    module = f"bare_{options.backend}" if bare else options.library
    import_s, library = seconds(lambda: importlib.import_module(module))
    import numpy as np  # after the library, whose import may be what loads it
    from workloads import WORKLOADS

    workload = WORKLOADS[options.workload]
    if bare and options.workload not in library.BUILDERS:
        sys.exit(f"Not written in bare {options.backend}: only {', '.join(library.BUILDERS)}.")
    x, y = workload.data()
    size = workload.batch_size
    build = library.BUILDERS[options.workload] if bare else lambda: workload.build(library)
    build_s, model = seconds(build)
    found = {"import_s": import_s, "build_s": build_s}
    if workload.trains:
        epoch_s, _ = seconds(lambda: model.fit(x, y, batch_size=size, epochs=1, verbose=0))
        found["first_epoch_s"] = build_s + epoch_s
        found.update(train(model, x, y, size, options.seconds))
        # Waits for the values, also where they carry gradients that `np.asarray` refuses.
        to_numpy = np.asarray if bare else library.ops.convert_to_numpy
        one = x[:1]
        found["predict_ms"] = single(lambda: model.predict(one, verbose=0))
        found["call_ms"] = single(lambda: to_numpy(model(one)))
    else:
        found["first_step_s"], _ = seconds(lambda: model.train_on_batch(x[:size], y[:size]))
    found["peak_mb"] = peak_mb()
    print(json.dumps({k: round(v, 4) for k, v in found.items()}))


def train(model: Any, x: Any, y: Any, size: int, budget: float) -> dict[str, float]:
    """Return the times of a step, from whole epochs: as many as fit into the budget, or one."""
    steps = -(-len(x) // size)
    walls: list[float] = []
    cpus: list[float] = []
    end = time.perf_counter() + budget
    while not walls or (time.perf_counter() < end and len(walls) < 50):
        cpu = time.process_time()
        wall, _ = seconds(lambda: model.fit(x, y, batch_size=size, epochs=1, verbose=0))
        walls.append(wall / steps * 1e3)
        cpus.append((time.process_time() - cpu) / steps * 1e3)
    return {"step_ms": statistics.median(walls), "cpu_ms": statistics.median(cpus)}


def single(f: Callable[[], Any], budget: float = 0.3) -> float:
    """Return the median time of `f` in ms, after two calls that aren't counted."""
    for _ in range(2):
        f()
    times: list[float] = []
    end = time.perf_counter() + budget
    while len(times) < 3 or (time.perf_counter() < end and len(times) < 100):
        times.append(seconds(f)[0] * 1e3)
    return statistics.median(times)


if __name__ == "__main__":
    main()
