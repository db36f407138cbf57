"""All rows of primitives."""

from __future__ import annotations

from tests.samples import primitives_elementwise, primitives_linear, primitives_shape

SAMPLES = [
    *primitives_elementwise.SAMPLES,
    *primitives_shape.SAMPLES,
    *primitives_linear.SAMPLES,
]
