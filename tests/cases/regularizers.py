"""Rows of `keras.regularizers`, by value."""

from __future__ import annotations

from functools import partial

from tests.cases.case import FunctionCase, real

_row = partial(FunctionCase, inputs=(real(4, 3),), tolerance="reduction")

CASES: tuple[FunctionCase, ...] = (
    _row(name="L1", make=lambda k: k.regularizers.L1()),
    _row(name="L1-arguments", make=lambda k: k.regularizers.L1(l1=0.3)),
    _row(name="L2", make=lambda k: k.regularizers.L2()),
    _row(name="L2-arguments", make=lambda k: k.regularizers.L2(l2=0.3)),
    _row(name="L1L2", make=lambda k: k.regularizers.L1L2()),
    _row(name="L1L2-arguments", make=lambda k: k.regularizers.L1L2(l1=0.2, l2=0.3)),
    _row(name="OrthogonalRegularizer", make=lambda k: k.regularizers.OrthogonalRegularizer()),
    _row(
        name="OrthogonalRegularizer-columns",
        make=lambda k: k.regularizers.OrthogonalRegularizer(factor=0.5, mode="columns"),
    ),
)
