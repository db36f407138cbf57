"""All rows, by kind. A kind is the name of a file here and of a folder of recorded values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tests.cases import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    schedules,
)
from tests.cases.case import Case

EVERY: Mapping[str, Sequence[Case]] = MappingProxyType(
    {
        "layers": layers.CASES,
        "losses": losses.CASES,
        "metrics": metrics.CASES,
        "optimizers": optimizers.CASES,
        "schedules": schedules.CASES,
        "initializers": initializers.CASES,
        "regularizers": regularizers.CASES,
        "constraints": constraints.CASES,
        "activations": activations.CASES,
        "models": models.CASES,
    }
)
