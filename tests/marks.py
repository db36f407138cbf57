"""Marks for tests whose subject doesn't exist on some backend."""

from __future__ import annotations

import os

import pytest

__all__ = ["array_values", "traced_steps"]

_BACKEND = os.environ.get("CORNU_BACKEND")

traced_steps = pytest.mark.xfail(
    _BACKEND == "torch",
    reason="PyTorch runs the Python of a step with known values: nothing is traced",
    strict=True,
)

array_values = pytest.mark.xfail(
    _BACKEND == "torch",
    reason="values are PyTorch's own tensors: writable, and trainable ones need `detach`",
    strict=True,
)
