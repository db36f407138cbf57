"""One measurement in a process of its own: `python benchmarks/measure.py cornu numpy mlp`.

Prints a line of JSON: seconds of the import, of the first epoch (building and compiling included),
milliseconds of wall and CPU time per step in later epochs, and the peak memory in MB.
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
from pathlib import Path


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=["cornu", "keras"])
    parser.add_argument("backend")
    parser.add_argument("workload")
    parser.add_argument("--epochs", type=int, default=4, help="epochs after the first")
    options = parser.parse_args()
    os.environ["CORNU_BACKEND" if options.library == "cornu" else "KERAS_BACKEND"] = options.backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.path.insert(0, str(Path(__file__).parent))
    from workloads import WORKLOADS

    begin = time.perf_counter()
    keras = importlib.import_module(options.library)
    imported = time.perf_counter() - begin
    workload = WORKLOADS[options.workload]
    x, y = workload.data()
    begin = time.perf_counter()
    model = workload.build(keras)
    model.fit(x, y, batch_size=workload.batch_size, epochs=1, verbose=0)
    first = time.perf_counter() - begin
    steps = -(-len(x) // workload.batch_size)
    walls, cpus = [], []
    for _ in range(options.epochs):
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(x, y, batch_size=workload.batch_size, epochs=1, verbose=0)
        walls.append((time.perf_counter() - wall) / steps * 1e3)
        cpus.append((time.process_time() - cpu) / steps * 1e3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "import_s": round(imported, 4),
                "first_epoch_s": round(first, 4),
                "step_ms": round(statistics.median(walls), 4),
                "cpu_ms": round(statistics.median(cpus), 4),
                "peak_mb": round(peak, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
