"""What `cornu doctor --gpus` says: the devices that the installed frameworks see.

Each framework is asked in a process of its own, as importing it takes seconds and may hang or crash
where drivers are wrong.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping

__all__ = ["gpu_lines"]


def gpu_lines(programs: Mapping[str, str], seconds: float = 60) -> Iterator[str]:
    """Yield what each framework sees.

    Args:
        programs: For each framework a program that prints its devices, one a line.
        seconds: How long each may take.
    """
    for name, program in programs.items():
        yield f"{name:<12}  {_ask(program, seconds)}"


def _ask(program: str, seconds: float) -> str:
    try:
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return f"gave no answer in {seconds:.0f} seconds"
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        return f"failed: {last[0]}"
    return "; ".join(done.stdout.split("\n")).strip("; ") or "no GPU"
