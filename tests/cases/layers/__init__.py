"""Rows of `keras.layers`, one file per family; `CASES` has them all."""

from tests.cases.case import LayerCase
from tests.cases.layers import (
    attention,
    conv,
    core,
    merging,
    noise,
    normalization,
    pooling,
    recurrent,
    shape,
)

CASES: tuple[LayerCase, ...] = (
    *core.CASES,
    *shape.CASES,
    *noise.CASES,
    *conv.CASES,
    *pooling.CASES,
    *normalization.CASES,
    *merging.CASES,
    *recurrent.CASES,
    *attention.CASES,
)
