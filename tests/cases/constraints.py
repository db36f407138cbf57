"""Rows of `keras.constraints`, by value."""

from __future__ import annotations

from functools import partial

from tests.cases.case import FunctionCase, real

_row = partial(FunctionCase, inputs=(real(4, 3),), tolerance="reduction", differentiable=False)

CASES: tuple[FunctionCase, ...] = (
    _row(name="MaxNorm", make=lambda k: k.constraints.MaxNorm()),
    _row(name="MaxNorm-arguments", make=lambda k: k.constraints.MaxNorm(0.7, axis=1)),
    _row(
        name="MaxNorm-axes",
        make=lambda k: k.constraints.MaxNorm(1.0, axis=[0, 1, 2]),
        inputs=(real(2, 2, 3, 2),),
    ),
    _row(name="MinMaxNorm", make=lambda k: k.constraints.MinMaxNorm()),
    _row(
        name="MinMaxNorm-arguments",
        make=lambda k: k.constraints.MinMaxNorm(0.8, 1.5, rate=0.5, axis=1),
    ),
    _row(name="NonNeg", make=lambda k: k.constraints.NonNeg(), tolerance="exact"),
    _row(name="UnitNorm", make=lambda k: k.constraints.UnitNorm()),
    _row(name="UnitNorm-axis", make=lambda k: k.constraints.UnitNorm(axis=1)),
)
