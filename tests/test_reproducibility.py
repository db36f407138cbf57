"""One seed, one loss curve: the same initial weights, batches and losses on every backend.

The backend of this run is compared with what each backend gave when `tests/loss_curves.json` was
recorded; on another one than numpy, numpy runs too. `pytest -s` shows the table.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.loss_curves import BACKENDS, MODELS, RECORDED, STEPS, run_on
from tests.tolerances import CURVE


@pytest.fixture(scope="module")
def live(backend_name: str) -> dict[str, Any]:
    """What the backend of this run gives."""
    return run_on(backend_name)


@pytest.fixture(scope="module")
def known(backend_name: str) -> dict[str, Any]:
    """What the backends gave; on another one than numpy, numpy gives it anew."""
    found: dict[str, Any] = json.loads(RECORDED.read_text())
    if backend_name != "numpy":
        found["numpy"] = run_on("numpy")
    return found


@pytest.mark.parametrize("model", MODELS)
def test_initial_weights_are_the_same_bits(model: str, live: Any) -> None:
    recorded = json.loads(RECORDED.read_text())
    assert {live[model]["weights"]} == {recorded[b][model]["weights"] for b in BACKENDS}


@pytest.mark.parametrize("model", MODELS)
def test_order_of_a_shuffle_is_the_same(model: str, live: Any) -> None:
    recorded = json.loads(RECORDED.read_text())
    assert {live[model]["shuffled"]} == {recorded[b][model]["shuffled"] for b in BACKENDS}


@pytest.mark.parametrize("other", BACKENDS)
@pytest.mark.parametrize("model", MODELS)
def test_loss_curve_is_that_of(
    model: str, other: str, backend_name: str, live: Any, known: Any
) -> None:
    mine, theirs = (np.array(c[model]["losses"]) for c in (live, known[other]))
    assert len(mine) == STEPS
    assert np.isfinite(mine).all()
    gaps = np.abs(mine - theirs) / np.abs(theirs)
    for step, bound in CURVE.items():
        print(f"{model:8} {backend_name:>6} - {other:6} step {step:2}: {gaps[step - 1]:.1e}")
        assert gaps[:step].max() <= bound
