"""What a second thread brings the native engine, on an idle machine and beside a busy process.

    python benchmarks/threads.py
    python benchmarks/threads.py --workloads mlp convnet --rounds 20

Two cores are used. In each round a workload trains for a moment four times: on one thread and on
two, while nothing else runs, and while another process computes without pause on the second of the
two cores. So a disturbance touches all four alike. The table has medians of the rounds' mean
milliseconds per step, and medians of the rounds' ratios:

    speed-up   one thread's time over two threads', both idle: 2 is the most there is
    busy cost  two threads' time over one thread's, both beside the busy process: 1 or less means
               that threads are never a loss

Runs on Linux, where a process can be bound to a core.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

DEFAULT = ["mlp", "convnet", "lstm", "transformer"]
# Threads, and whether a core is kept busy.
STATES = [(1, False), (2, False), (1, True), (2, True)]
Times = dict[tuple[int, bool], float]

BUSY = """
import os
os.sched_setaffinity(0, {core})
print("ready", flush=True)
while True:
    pass
"""


@contextmanager
def busy_process(core: int) -> Iterator[Callable[[bool], None]]:
    """Start a process that keeps a core busy; give a function that lets it run or stop."""
    command = [sys.executable, "-c", BUSY.format(core=f"{{{core}}}")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGSTOP)

            def run(runs: bool) -> None:
                process.send_signal(signal.SIGCONT if runs else signal.SIGSTOP)
                time.sleep(0.02)  # until the system has followed

            yield run
        finally:
            process.kill()


def mean_step(epoch: Callable[[], Any], steps: int, seconds: float) -> float:
    """Return the mean milliseconds of a step, over whole epochs of that many steps."""
    epochs, begin = 0, time.perf_counter()
    while (passed := time.perf_counter() - begin) < seconds:
        epoch()
        epochs += 1
    return passed / (epochs * steps) * 1e3


def measure(
    name: str, rounds: int, seconds: float, keep_busy: Callable[[bool], None]
) -> list[Times]:
    """Return the mean milliseconds of a step of a workload in each state, round by round."""
    from workloads import WORKLOADS

    import cornu
    from cornu.backends.native.loader import core

    workload = WORKLOADS[name]
    model, (x, y) = workload.build(cornu), workload.data()

    def epoch() -> None:
        model.fit(x, y, batch_size=workload.batch_size, verbose=0)

    epoch()
    steps = -(-len(x) // workload.batch_size)
    found: list[Times] = []
    for i in range(rounds):
        times: Times = {}
        for threads, busy in STATES if i % 2 else STATES[::-1]:
            core().set_threads(threads)
            keep_busy(busy)
            epoch()  # threads are started, caches filled
            times[threads, busy] = mean_step(epoch, steps, seconds)
        found.append(times)
    keep_busy(False)
    return found


def line(name: str, found: list[Times]) -> str:
    """Return the table's line of a workload."""

    def ratio(above: tuple[int, bool], below: tuple[int, bool]) -> float:
        return statistics.median(times[above] / times[below] for times in found)

    medians = [statistics.median(times[state] for times in found) for state in STATES]
    ratios = ratio((1, False), (2, False)), ratio((2, True), (1, True))
    return "".join(
        [f"{name:12}", *(f"{ms:11.3f}" for ms in medians), *(f"{r:11.2f}" for r in ratios)]
    )


def main() -> int:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", nargs="+", default=DEFAULT, metavar="NAME")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.3, help="of one measurement, about")
    options = parser.parse_args()
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("This system can't bind a process to a core.")
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        sys.exit("Two cores are needed; this process may use one.")
    os.sched_setaffinity(0, cores)
    os.environ["CORNU_BACKEND"] = "native"
    columns = ["1 idle", "2 idle", "1 busy", "2 busy", "speed-up", "busy cost"]
    print(f"{'ms a step':12}" + "".join(f"{c:>11}" for c in columns), flush=True)
    with busy_process(cores[1]) as keep_busy:
        for name in options.workloads:
            found = measure(name, options.rounds, options.seconds, keep_busy)
            print(line(name, found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
