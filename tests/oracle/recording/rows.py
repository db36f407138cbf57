"""Run rows of all kinds, and say which one failed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.cases.case import Case
from tests.cases.every import EVERY
from tests.oracle.recording import layers, models, values
from tests.oracle.recording.real import jax
from tests.oracle.refusal import OracleError

Record = tuple[Any, ...]  # structure, arrays; of models the files too

_CLEAR_EVERY = 50  # rows; compiled functions are megabytes each and never asked for again

_RECORDERS: Mapping[str, Callable[[Any], Record]] = {
    "layers": layers.record,
    "losses": values.record_loss,
    "metrics": values.record_metric,
    "optimizers": values.record_optimizer,
    "schedules": values.record_schedule,
    "initializers": values.record_initializer,
    "regularizers": values.record_function,
    "constraints": values.record_function,
    "activations": values.record_function,
    "models": models.record,
}


def run(
    wanted: Callable[[str, Case], bool] = lambda kind, case: True,
) -> Iterator[tuple[str, Case, Record]]:
    """Yield kind, row and record of each wanted row; at the end, raise if any row failed."""
    failures = []
    for kind, cases in EVERY.items():
        started = time.perf_counter()
        names = [case.name for case in cases]
        if len(set(names)) < len(names):
            raise OracleError(f"Two rows of {kind} have one name.")
        count = 0
        for case in cases:
            if not wanted(kind, case):
                continue
            count += 1
            if count % _CLEAR_EVERY == 0:
                jax.clear_caches()
            try:
                record = _RECORDERS[kind](case)
            except Exception as error:
                failures.append(f"{kind}/{case.name}: {type(error).__name__}: {error}")
                continue
            yield kind, case, record
        if not count:
            continue
        seconds = time.perf_counter() - started
        print(f"{kind}: {count} rows in {seconds:.0f} s", file=sys.stderr)
    if failures:
        raise OracleError("These rows can't be recorded:\n" + "\n".join(failures))
