"""Marks for tests whose subject doesn't exist on some backend."""

from __future__ import annotations

import os

import pytest

__all__ = [
    "array_values",
    "checked_indices",
    "known_in_gradients",
    "own_traces",
    "own_words",
    "traced_steps",
]

_BACKEND = os.environ.get("CORNU_BACKEND")

traced_steps = pytest.mark.xfail(
    _BACKEND == "torch",
    reason="PyTorch runs the Python of a step with known values: nothing is traced",
    strict=True,
)

own_traces = pytest.mark.skipif(
    _BACKEND in ("jax", "torch"),
    reason="JAX and PyTorch trace and compile what ops compute, not the compiled core",
)

array_values = pytest.mark.xfail(
    _BACKEND == "torch",
    reason="values are PyTorch's own tensors, which may be written in place",
    strict=True,
)

checked_indices = pytest.mark.xfail(
    _BACKEND == "jax",
    reason="XLA checks no index in what it has compiled: NaN comes out",
    strict=True,
)

own_words = pytest.mark.xfail(
    _BACKEND == "jax",
    reason="values are JAX's own arrays, which refuse it in words of their own",
    strict=True,
)

known_in_gradients = pytest.mark.xfail(
    _BACKEND == "jax",
    reason="JAX compiles some functions inside of a gradient, and then knows no values",
    strict=True,
)
