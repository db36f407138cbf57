"""Rows of the elementwise primitives."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy import special

from tests.samples.sample import (
    Sample,
    booleans,
    distinct,
    given,
    integers,
    positive,
    real,
    turned,
    values,
)

INF, NAN = np.inf, np.nan
EDGES = values([0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 1e-7, -3.5])
SMALL = real(2, 3, low=-0.9, high=0.9)

edge = partial(Sample, note="edges", gradient=False, tolerance="transcendental")
exact = partial(Sample, tolerance="exact")
smooth = partial(Sample, tolerance="transcendental")

UNARY = [
    exact("negate", (real(2, 3),), np.negative),
    exact("negate", (integers(-9, 9, 4),), np.negative, note="int", gradient=False),
    exact("abs", (values([[-1.5, 2.0, 0.25], [-0.5, 3.0, -7.0]]),), np.abs),
    exact("sign", (EDGES,), np.sign, gradient=False),
    smooth("exp", (real(2, 3),), np.exp),
    edge("exp", (EDGES,), np.exp),
    smooth("expm1", (real(2, 3),), np.expm1),
    smooth("log", (positive(2, 3),), np.log),
    edge("log", (EDGES,), np.log),
    smooth("log1p", (positive(2, 3),), np.log1p),
    smooth("sqrt", (positive(2, 3),), np.sqrt),
    smooth("sqrt", (positive(),), np.sqrt, note="scalar"),
    smooth("sqrt", (real(0, 3),), np.sqrt, note="empty"),
    smooth("sqrt", (turned(positive(3, 4)),), np.sqrt, note="strided"),
    smooth("rsqrt", (positive(2, 3),), lambda x: 1 / np.sqrt(x)),
    smooth("rsqrt", (positive(),), lambda x: 1 / np.sqrt(x), note="scalar"),
    smooth("reciprocal", (positive(2, 3),), lambda x: 1 / x),
    smooth("sin", (real(2, 3),), np.sin),
    smooth("cos", (real(2, 3),), np.cos),
    smooth("tan", (SMALL,), np.tan),
    smooth("asin", (SMALL,), np.arcsin),
    smooth("acos", (SMALL,), np.arccos),
    smooth("atan", (real(2, 3),), np.arctan),
    smooth("sinh", (real(2, 3),), np.sinh),
    smooth("cosh", (real(2, 3),), np.cosh),
    smooth("tanh", (real(2, 3),), np.tanh),
    smooth("asinh", (real(2, 3),), np.arcsinh),
    smooth("acosh", (real(2, 3, low=1.5, high=4.0),), np.arccosh),
    smooth("atanh", (SMALL,), np.arctanh),
    smooth("sigmoid", (real(2, 3, low=-8, high=8),), special.expit),
    smooth("sigmoid", (real(),), special.expit, note="scalar"),
    edge("sigmoid", (EDGES,), special.expit),
    smooth("erf", (real(3, 40, low=-4.5, high=4.5),), special.erf),
    edge("erf", (EDGES,), special.erf),
    smooth("erfinv", (real(2, 30, low=-0.97, high=0.97),), special.erfinv),
    edge("erfinv", (EDGES,), special.erfinv),
    smooth("lgamma", (real(3, 40, low=0.05, high=12.0),), special.gammaln),
    smooth("lgamma", (values([-0.5, -1.25, -7.75]),), special.gammaln, note="negative"),
    edge("lgamma", (values([0.0, -1.0, INF, NAN]),), special.gammaln),
    smooth("digamma", (real(2, 30, low=0.5, high=12.0),), special.digamma),
    smooth("digamma", (values([-0.5, -1.25, -7.75, 0.25]),), special.digamma, note="negative"),
    edge("digamma", (values([0.0, -1.0, NAN]),), special.digamma),
    exact("floor", (EDGES,), np.floor, gradient=False),
    exact("ceil", (EDGES,), np.ceil, gradient=False),
    exact("round", (values([0.5, 1.5, 2.5, -0.5, 2.4, INF]),), np.round, gradient=False),
    exact("trunc", (EDGES,), np.trunc, gradient=False),
    exact("is_finite", (EDGES,), np.isfinite, gradient=False),
    exact("is_nan", (EDGES,), np.isnan, gradient=False),
    exact("is_inf", (EDGES,), np.isinf, gradient=False),
    exact("logical_not", (booleans(5),), lambda x: ~x, gradient=False),
    exact("bitwise_not", (integers(-9, 9, 5),), lambda x: -x - 1, gradient=False),
]


def _maximum(a: Any, b: Any) -> Any:
    return np.where(np.isnan(a) | (a > b), a, b)


def _bits(f: Any, a: Any, b: Any) -> Any:
    return np.vectorize(f)(a, b)


PAIR = (real(2, 3), real(2, 3))
WIDE = (real(4, 1, 3), real(2, 1))
APART = (distinct(2, 3), real(2, 3, low=0.06, high=0.19))
FLOORS = (real(2, 3, low=0.2, high=3.8), positive(2, 3))
INTS = (integers(-9, 9, 6), integers(1, 5, 6))
BOOLS = (booleans(4, 1), booleans(3))
TIES = (values([0.0, 1.0, NAN, 2.0, INF]), values([0.0, 2.0, 1.0, NAN, -INF]))

BINARY = [
    Sample("add", PAIR, lambda a, b: a + b, tolerance="transcendental"),
    Sample("add", WIDE, lambda a, b: a + b, note="broadcast", tolerance="transcendental"),
    Sample("add", INTS, lambda a, b: a + b, note="int", gradient=False),
    Sample("subtract", PAIR, lambda a, b: a - b, tolerance="transcendental"),
    Sample("multiply", WIDE, lambda a, b: a * b),
    Sample("divide", (real(2, 3), positive(3)), lambda a, b: a / b),
    exact("floor_divide", INTS, lambda a, b: a // b, note="int", gradient=False),
    exact("floor_divide", FLOORS, np.floor_divide, gradient=False),
    exact("remainder", INTS, lambda a, b: a - (a // b) * b, note="int", gradient=False),
    Sample("remainder", FLOORS, lambda a, b: a - np.floor(a / b) * b, tolerance="transcendental"),
    smooth("power", (positive(2, 3), real(2, 3)), lambda a, b: np.exp(b * np.log(a))),
    exact("power", (integers(-4, 4, 5), integers(0, 4, 5)), np.power, note="int", gradient=False),
    exact("maximum", APART, lambda a, b: np.where(a > b, a, b)),
    exact("maximum", TIES, np.maximum, note="edges", gradient=False),
    exact("minimum", APART, lambda a, b: np.where(a < b, a, b)),
    exact("minimum", TIES, np.minimum, note="edges", gradient=False),
    smooth("atan2", (real(2, 3), positive(2, 3)), lambda a, b: np.angle(b + 1j * a)),
    exact("logical_and", BOOLS, lambda a, b: a & b, gradient=False),
    exact("logical_or", BOOLS, lambda a, b: a | b, gradient=False),
    exact("logical_xor", BOOLS, lambda a, b: a != b, gradient=False),
    exact("bitwise_and", INTS, partial(_bits, lambda a, b: int(a) & int(b)), gradient=False),
    exact("bitwise_or", INTS, partial(_bits, lambda a, b: int(a) | int(b)), gradient=False),
    exact("bitwise_xor", INTS, partial(_bits, lambda a, b: int(a) ^ int(b)), gradient=False),
    exact("shift_left", INTS, lambda a, b: a * 2**b, gradient=False),
    exact("shift_right", INTS, lambda a, b: np.floor(a / 2.0**b).astype(int), gradient=False),
    exact("equal", TIES, lambda a, b: a == b, gradient=False),
    exact("not_equal", TIES, lambda a, b: a != b, gradient=False),
    exact("less", TIES, lambda a, b: a < b, gradient=False),
    exact("less_equal", TIES, lambda a, b: a <= b, gradient=False),
    exact("greater", TIES, lambda a, b: a > b, gradient=False),
    exact("greater_equal", TIES, lambda a, b: a >= b, gradient=False),
]

OTHERS = [
    exact("select", (booleans(2, 1), real(2, 3), real(3)), lambda c, a, b: c * a + (~c) * b),
    exact(
        "cast",
        (real(2, 3),),
        lambda x, dtype: x.astype(np.float32),
        {"dtype": "float32"},
        gradient=False,  # float32 is too coarse for finite differences
        dtypes=("float64", "float32", "float16"),
    ),
    exact(
        "cast",
        (values([1.9, -1.9, 0.0]),),
        lambda x, dtype: x.astype(int),
        {"dtype": "int32"},
        note="int",
        gradient=False,
    ),
    Sample(
        "cast",
        (given([0, 2, -1]),),
        lambda x, dtype: x != 0,
        {"dtype": "bool"},
        note="bool",
        gradient=False,
    ),
]

SAMPLES = [*UNARY, *BINARY, *OTHERS]
