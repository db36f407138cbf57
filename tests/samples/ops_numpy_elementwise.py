"""Rows of the ops on single elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from tests.samples.op_sample import OpSample, row
from tests.samples.sample import booleans, given, integers, positive, real, values

inf, nan = math.inf, math.nan
EDGES = values([0.0, -0.0, 1.0, -1.0, 0.5, inf, -inf, nan])


def _zero_safe(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


def _next(dtype: str) -> Callable[..., Any]:
    """Return NumPy's function on operands of this dtype (references get float64)."""
    return lambda a, b: np.nextafter(a.astype(dtype), b.astype(dtype))


SAMPLES: list[OpSample] = [
    # One operand
    *[
        row(name, real(3, 4), tolerance="transcendental")
        for name in (
            "arcsinh", "arctan", "cos", "cosh", "deg2rad", "exp", "exp2", "expm1", "rad2deg", "sin",
            "sinc", "sinh", "tanh",
        )
    ],
    *[row(name, real(3, 4)) for name in ("abs", "absolute", "fabs", "negative", "sign", "square")],
    *[
        row(name, real(3, 4), gradient=False)
        for name in ("ceil", "floor", "round", "trunc")
    ],
    *[
        row(name, positive(3, 4), tolerance="transcendental")
        for name in ("cbrt", "log", "log10", "log1p", "log2", "reciprocal", "sqrt")
    ],
    *[
        row(name, real(3, 4, low=-0.8, high=0.8), tolerance="transcendental")
        for name in ("arccos", "arcsin", "arctanh")
    ],
    row("tan", real(3, 4, low=-1.0, high=1.0), tolerance="transcendental"),
    row("arccosh", real(3, 4, low=1.2, high=3.0), tolerance="transcendental"),
    row("cbrt", values([0.0, -8.0, 27.0]), note="signs", gradient=False),
    row("sinc", values([0.0, 1e-4, 1.0, 2.5]), note="zero", tolerance="reduction", gradient=False),
    row("i0", real(3, 4), by=special.i0, tolerance="transcendental"),
    row("i0", values([0.0, 19.0, 21.0, 80.0]), by=special.i0, note="large", tolerance="reduction",
        dtypes=("float32", "float64"), gradient=False),
    *[
        row(name, EDGES, gradient=False)
        for name in ("isfinite", "isinf", "isnan", "isneginf", "isposinf", "isreal", "signbit")
    ],
    *[
        row(name, integers(-3, 4, 3, 4), note="integers", gradient=False)
        for name in ("isfinite", "isinf", "isnan", "signbit", "absolute", "trunc", "negative")
    ],
    row("sqrt", integers(0, 9, 3, 4), note="integers"),
    row("floor", integers(-3, 4, 3, 4), note="integers", by=lambda x: np.floor(x * 1.0)),
    row("power", integers(-3, 4, 3, 4), given([3, 0, -1, -2]), note="integers", by=lambda a, n:
        np.where(n < 0, np.where(abs(a) == 1, a ** abs(n), 0), a ** abs(n))),
    row("nextafter", values([1.0, 1.0, -2.0, 3.5, inf, 1.0, 65504.0]), values(
        [2.0, 0.0, 0.0, -9.0, 0.0, 1.0, inf]), dtypes=("float32",), gradient=False,
        tolerance="exact", by=_next("float32")),
    row("nan_to_num", EDGES, attrs={"nan": 1.0, "posinf": 2.0, "neginf": -2.0}, gradient=False),
    row("round", real(3, 4), attrs={"decimals": 1}, note="decimals", gradient=False,
        dtypes=("float64",)),
    row("round", integers(-99, 99, 3, 4), attrs={"decimals": -1}, note="tens"),
    *[row(name, real(3, 4)) for name in ("real", "conj", "conjugate", "copy", "array")],
    row("imag", real(3, 4), gradient=False),
    row("angle", real(3, 4), gradient=False),
    row("logical_not", booleans(3, 4)),
    row("bitwise_not", integers(-9, 9, 3, 4)),
    row("bitwise_invert", integers(-9, 9, 3, 4)),
    row("bitwise_not", booleans(3, 4), note="bool"),
    # Two operands
    *[
        row(name, real(3, 4), real(4))
        for name in ("add", "subtract", "multiply", "maximum", "minimum", "fmax", "fmin")
    ],
    *[row(name, real(3, 1), positive(4)) for name in ("divide", "true_divide", "mod")],
    row("fmod", real(3, 1), positive(4)),
    row("floor_divide", real(3, 1), positive(4), gradient=False),
    row("divide_no_nan", real(4), positive(4), by=_zero_safe),
    row("divide_no_nan", real(4), values([0.0, 2.0, -1.0, 0.0]), note="zero", by=_zero_safe,
        gradient=False),
    row("power", positive(3, 4), real(4), tolerance="transcendental"),
    row("power", real(3, 4), given(3), note="integer", tolerance="transcendental"),
    row("arctan2", real(3, 4), real(4), tolerance="transcendental"),
    row("hypot", real(3, 4), real(4), tolerance="transcendental"),
    row("hypot", values([3e18, 0.0, inf]), values([4e18, 0.0, nan]), note="edges",
        gradient=False, dtypes=("float32", "float64")),
    row("logaddexp", real(3, 4), real(4), tolerance="transcendental"),
    row("logaddexp", values([inf, -inf, -inf, nan]), values([inf, -inf, 0.0, 1.0]), note="edges",
        gradient=False),
    row("logaddexp2", real(3, 4), real(4), tolerance="transcendental"),
    row("heaviside", values([-1.0, 0.0, 2.0, nan]), values([0.5, 0.5, 0.5, 0.5]), gradient=False),
    row("ldexp", real(3, 4), integers(-3, 4, 4), by=lambda x, n: x * 2.0**n),
    row("clip", real(3, 4), attrs={"x_min": -0.5, "x_max": 1}, by=lambda x, x_min, x_max:
        np.clip(x, x_min, x_max)),
    *[
        row(name, integers(-9, 9, 3, 4), integers(1, 5, 4), note="integers")
        for name in ("add", "subtract", "multiply", "floor_divide", "mod", "fmod", "maximum")
    ],
    row("true_divide", integers(-9, 9, 3, 4), integers(1, 5, 4), note="integers"),
    row("gcd", integers(-30, 30, 3, 4), integers(-30, 30, 4)),
    row("lcm", integers(-30, 30, 3, 4), integers(-30, 30, 4)),
    *[
        row(name, integers(-2, 2, 3, 4), integers(-2, 2, 4))
        for name in ("equal", "greater", "greater_equal", "less", "less_equal", "not_equal")
    ],
    *[
        row(name, real(3, 4), real(4), note="floats", gradient=False)
        for name in ("equal", "greater", "less")
    ],
    row("isclose", values([1.0, inf, nan, 1.0]), values([1.0, inf, nan, 1.1]), gradient=False),
    row("isclose", values([1.0, nan]), values([1.0, nan]), attrs={"equal_nan": True}, note="nan",
        gradient=False),
    row("allclose", real(4), real(4), gradient=False),
    *[
        row(name, booleans(3, 4), booleans(4))
        for name in ("logical_and", "logical_or", "logical_xor")
    ],
    *[
        row(name, integers(-9, 9, 3, 4), integers(-9, 9, 4))
        for name in ("bitwise_and", "bitwise_or", "bitwise_xor")
    ],
    *[
        row(name, integers(-9, 9, 3, 4), integers(0, 5, 4))
        for name in ("left_shift", "right_shift", "bitwise_left_shift", "bitwise_right_shift")
    ],
    row("where", booleans(3, 4), real(4), real(3, 1)),
    row("where", booleans(3, 4), note="places", by=lambda c: tuple(
        i.astype("int32") for i in np.nonzero(c)), traceable=False),
    row("isin", integers(0, 9, 3, 4), given([1, 5]), by=np.isin),
    row("isin", integers(0, 300, 30), integers(0, 300, 200), by=np.isin, note="many"),
]  # fmt: skip
