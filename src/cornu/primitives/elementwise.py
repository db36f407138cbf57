"""Elementwise primitives: one operand, two or three, which broadcast against each other.

Gradients return cotangents of the result's shape; autodiff sums them to the operand's. References
take `out=`, so that an executor can reuse a buffer that is not needed any more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cornu.errors import DtypeError
from cornu.graph.dtypes import is_float, numpy_dtype
from cornu.graph.primitive import Primitive, zero
from cornu.graph.spec import Spec, same_dtype, spec_of
from cornu.primitives import special
from cornu.primitives.precision import in_float32
from cornu.primitives.rules import (
    ANY,
    BITS,
    BOOL,
    FLOAT,
    INTEGER,
    NUMBER,
    ORDERED,
    Kind,
    NDArray,
    Tensor,
    broadcast_shape,
    check_kind,
    constant,
    elementwise,
)

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cast",
    "ceil",
    "cos",
    "cosh",
    "digamma",
    "divide",
    "equal",
    "erf",
    "erfinv",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "is_finite",
    "is_inf",
    "is_nan",
    "less",
    "less_equal",
    "lgamma",
    "log",
    "log1p",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negate",
    "not_equal",
    "power",
    "reciprocal",
    "remainder",
    "round",
    "rsqrt",
    "select",
    "shift_left",
    "shift_right",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "subtract",
    "tan",
    "tanh",
    "trunc",
]


def _define(
    name: str, kind: Kind, reference: Any, gradient: Any, result: str | None = None
) -> Primitive:
    """Make a primitive whose rule follows from the dtypes it allows."""
    return Primitive(
        name,
        rule=elementwise(name, kind, result),
        reference=reference,
        gradient=gradient,
        elementwise=True,
    )


def _reuse(y: Any) -> NDArray | None:
    """Return `y` where it can be written to: ufuncs on 0-d operands give scalars."""
    return y if isinstance(y, np.ndarray) else None


# One operand. References.


@in_float32
def _rsqrt(x: NDArray, out: NDArray | None = None) -> Any:
    y = np.sqrt(x, out=out)
    return np.reciprocal(y, out=_reuse(y))


@in_float32
def _sigmoid(x: NDArray, out: NDArray | None = None) -> Any:
    # Right in the limit too: exp(-x) overflows to infinity only where the result is below the
    # smallest normal number.
    y = np.negative(x, out=out)
    into = _reuse(y)
    with np.errstate(over="ignore"):
        y = np.exp(y, out=into)
    y = np.add(y, 1.0, out=into)  # a weak scalar: the dtype stays
    return np.reciprocal(y, out=into)


def _trigamma(x: Tensor) -> Tensor:
    """Return the derivative of digamma, in primitives: recurrence, then the asymptotic series."""
    half, one = constant(0.5, x), constant(1.0, x)
    left = less(x, half)
    z = select(left, subtract(one, x), x)
    total = constant(0.0, x)
    for k in range(10):  # trigamma(z) = trigamma(z + 1) + 1 / z**2
        r = reciprocal(add(z, constant(float(k), x)))
        total = add(total, multiply(r, r))
    r = reciprocal(add(z, constant(10.0, x)))
    r2 = multiply(r, r)
    series = constant(7 / 6, x)
    for bernoulli in (-691 / 2730, 5 / 66, -1 / 30, 1 / 42, -1 / 30, 1 / 6, 1.0):
        series = add(multiply(series, r2), constant(bernoulli, x))
    total = add(total, add(multiply(series, r), multiply(half, r2)))
    # trigamma(x) + trigamma(1 - x) = (pi / sin(pi x))**2
    p = divide(constant(math.pi, x), sin(multiply(constant(math.pi, x), x)))
    return select(left, subtract(multiply(p, p), total), total)


# One operand. Primitives.

negate: Primitive = _define("negate", NUMBER, np.negative, lambda g, y, x: (negate(g),))
abs: Primitive = _define("abs", NUMBER, np.absolute, lambda g, y, x: (multiply(g, sign(x)),))
sign: Primitive = _define("sign", NUMBER, np.sign, zero)
exp: Primitive = _define("exp", FLOAT, np.exp, lambda g, y, x: (multiply(g, y),))
expm1: Primitive = _define(  # not g * (y + 1), which is zero below x = -17 in float32
    "expm1", FLOAT, np.expm1, lambda g, y, x: (multiply(g, exp(x)),)
)
log: Primitive = _define("log", FLOAT, np.log, lambda g, y, x: (divide(g, x),))
log1p: Primitive = _define(
    "log1p", FLOAT, np.log1p, lambda g, y, x: (divide(g, add(x, constant(1.0, x))),)
)
sqrt: Primitive = _define(
    "sqrt", FLOAT, np.sqrt, lambda g, y, x: (divide(multiply(g, constant(0.5, x)), y),)
)
rsqrt: Primitive = _define(
    "rsqrt",
    FLOAT,
    _rsqrt,
    lambda g, y, x: (multiply(multiply(g, constant(-0.5, x)), divide(y, x)),),
)
reciprocal: Primitive = _define(
    "reciprocal", FLOAT, np.reciprocal, lambda g, y, x: (negate(multiply(g, multiply(y, y))),)
)
sin: Primitive = _define("sin", FLOAT, np.sin, lambda g, y, x: (multiply(g, cos(x)),))
cos: Primitive = _define("cos", FLOAT, np.cos, lambda g, y, x: (negate(multiply(g, sin(x))),))
tan: Primitive = _define(
    "tan",
    FLOAT,
    np.tan,
    lambda g, y, x: (multiply(g, add(constant(1.0, x), multiply(y, y))),),
)


def _one_less_square(x: Tensor) -> Tensor:
    """1 - x**2 as a product, exact near -1 and 1."""
    one = constant(1.0, x)
    return multiply(subtract(one, x), add(one, x))


asin: Primitive = _define(
    "asin", FLOAT, np.arcsin, lambda g, y, x: (multiply(g, rsqrt(_one_less_square(x))),)
)
acos: Primitive = _define(
    "acos", FLOAT, np.arccos, lambda g, y, x: (negate(multiply(g, rsqrt(_one_less_square(x)))),)
)
atan: Primitive = _define(
    "atan",
    FLOAT,
    np.arctan,
    lambda g, y, x: (divide(g, add(constant(1.0, x), multiply(x, x))),),
)
sinh: Primitive = _define("sinh", FLOAT, np.sinh, lambda g, y, x: (multiply(g, cosh(x)),))
cosh: Primitive = _define("cosh", FLOAT, np.cosh, lambda g, y, x: (multiply(g, sinh(x)),))
tanh: Primitive = _define(
    "tanh",
    FLOAT,
    np.tanh,
    lambda g, y, x: (multiply(g, subtract(constant(1.0, x), multiply(y, y))),),
)
asinh: Primitive = _define(
    "asinh",
    FLOAT,
    np.arcsinh,
    lambda g, y, x: (multiply(g, rsqrt(add(multiply(x, x), constant(1.0, x)))),),
)
acosh: Primitive = _define(
    "acosh",
    FLOAT,
    np.arccosh,
    lambda g, y, x: (
        multiply(g, rsqrt(multiply(subtract(x, constant(1.0, x)), add(x, constant(1.0, x))))),
    ),
)
atanh: Primitive = _define(
    "atanh", FLOAT, np.arctanh, lambda g, y, x: (divide(g, _one_less_square(x)),)
)
sigmoid: Primitive = _define(
    "sigmoid",
    FLOAT,
    _sigmoid,
    lambda g, y, x: (multiply(g, multiply(y, subtract(constant(1.0, x), y))),),
)
erf: Primitive = _define(
    "erf",
    FLOAT,
    special.erf,
    lambda g, y, x: (
        multiply(multiply(g, constant(2.0 / math.sqrt(math.pi), x)), exp(negate(multiply(x, x)))),
    ),
)
erfinv: Primitive = _define(
    "erfinv",
    FLOAT,
    special.erfinv,
    lambda g, y, x: (
        multiply(multiply(g, constant(math.sqrt(math.pi) / 2.0, x)), exp(multiply(y, y))),
    ),
)
lgamma: Primitive = _define(
    "lgamma", FLOAT, special.lgamma, lambda g, y, x: (multiply(g, digamma(x)),)
)
digamma: Primitive = _define(
    "digamma", FLOAT, special.digamma, lambda g, y, x: (multiply(g, _trigamma(x)),)
)
floor: Primitive = _define("floor", FLOAT, np.floor, zero)
ceil: Primitive = _define("ceil", FLOAT, np.ceil, zero)
round: Primitive = _define("round", FLOAT, np.rint, zero)  # half to even
trunc: Primitive = _define("trunc", FLOAT, np.trunc, zero)
is_finite: Primitive = _define("is_finite", NUMBER, np.isfinite, zero, "bool")
is_nan: Primitive = _define("is_nan", NUMBER, np.isnan, zero, "bool")
is_inf: Primitive = _define("is_inf", NUMBER, np.isinf, zero, "bool")
logical_not: Primitive = _define("logical_not", BOOL, np.logical_not, zero)
bitwise_not: Primitive = _define("bitwise_not", BITS, np.invert, zero)


# Two operands.


def _power_gradient(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return b a**(b - 1) and y log(a), both 0 where they would be 0 times infinity at a = 0."""
    one, nothing = constant(1.0, a), constant(0.0, a)
    base_is_zero = equal(a, nothing)
    flat = logical_and(base_is_zero, equal(b, nothing))
    towards_a = multiply(b, power(a, select(flat, one, subtract(b, one))))
    towards_b = multiply(y, log(select(base_is_zero, one, a)))
    return multiply(g, towards_a), multiply(g, towards_b)


def _atan2_gradient(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return (b, -a) / (a**2 + b**2); zero at the origin, where there is no angle."""
    square = add(multiply(a, a), multiply(b, b))
    square = select(equal(square, constant(0.0, a)), constant(1.0, a), square)
    scaled = divide(g, square)
    return multiply(scaled, b), negate(multiply(scaled, a))


def _share(g: Tensor, wins: Tensor, ties: Tensor) -> Tensor:
    """Return `g` where the operand wins, half of it where both are equal."""
    half = multiply(g, constant(0.5, g))
    return select(ties, half, select(wins, g, constant(0.0, g)))


def _maximum_gradient(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    ties = equal(a, b)
    return _share(g, greater(a, b), ties), _share(g, less(a, b), ties)


def _minimum_gradient(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    ties = equal(a, b)
    return _share(g, less(a, b), ties), _share(g, greater(a, b), ties)


def _divide_gradient(g: Tensor, y: Tensor, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    towards_a = divide(g, b)
    return towards_a, negate(multiply(towards_a, y))


add: Primitive = _define("add", NUMBER, np.add, lambda g, y, a, b: (g, g))
subtract: Primitive = _define("subtract", NUMBER, np.subtract, lambda g, y, a, b: (g, negate(g)))
multiply: Primitive = _define(
    "multiply", NUMBER, np.multiply, lambda g, y, a, b: (multiply(g, b), multiply(g, a))
)
divide: Primitive = _define("divide", FLOAT, np.divide, _divide_gradient)
floor_divide: Primitive = _define("floor_divide", NUMBER, np.floor_divide, zero)
remainder: Primitive = _define(  # of the sign of the divisor
    "remainder",
    NUMBER,
    np.remainder,
    lambda g, y, a, b: (g, negate(multiply(g, floor_divide(a, b)))),
)
power: Primitive = _define("power", NUMBER, np.power, _power_gradient)
maximum: Primitive = _define("maximum", ORDERED, np.maximum, _maximum_gradient)
minimum: Primitive = _define("minimum", ORDERED, np.minimum, _minimum_gradient)
atan2: Primitive = _define("atan2", FLOAT, np.arctan2, _atan2_gradient)
logical_and: Primitive = _define("logical_and", BOOL, np.logical_and, zero)
logical_or: Primitive = _define("logical_or", BOOL, np.logical_or, zero)
logical_xor: Primitive = _define("logical_xor", BOOL, np.logical_xor, zero)
bitwise_and: Primitive = _define("bitwise_and", BITS, np.bitwise_and, zero)
bitwise_or: Primitive = _define("bitwise_or", BITS, np.bitwise_or, zero)
bitwise_xor: Primitive = _define("bitwise_xor", BITS, np.bitwise_xor, zero)
shift_left: Primitive = _define("shift_left", INTEGER, np.left_shift, zero)
shift_right: Primitive = _define("shift_right", INTEGER, np.right_shift, zero)
equal: Primitive = _define("equal", ANY, np.equal, zero, "bool")
not_equal: Primitive = _define("not_equal", ANY, np.not_equal, zero, "bool")
less: Primitive = _define("less", ORDERED, np.less, zero, "bool")
less_equal: Primitive = _define("less_equal", ORDERED, np.less_equal, zero, "bool")
greater: Primitive = _define("greater", ORDERED, np.greater, zero, "bool")
greater_equal: Primitive = _define("greater_equal", ORDERED, np.greater_equal, zero, "bool")


# Three operands, and the change of dtype.


def _select_rule(condition: Spec, a: Spec, b: Spec) -> Spec:
    check_kind("select", BOOL, condition=condition)
    return Spec(broadcast_shape("select", condition, a, b), same_dtype("select", a, b))


def _select(condition: NDArray, a: NDArray, b: NDArray, out: NDArray | None = None) -> Any:
    if out is None:
        return np.where(condition, a, b)
    if out is a:
        np.copyto(out, b, where=np.logical_not(condition))
    elif out is b:
        np.copyto(out, a, where=condition)
    else:  # `out` may be the condition itself, where all three are bool
        out[...] = np.where(condition, a, b)
    return out


def _select_gradient(
    g: Tensor, y: Tensor, condition: Tensor, a: Tensor, b: Tensor
) -> tuple[None, Tensor, Tensor]:
    nothing = constant(0.0, g)
    return None, select(condition, g, nothing), select(condition, nothing, g)


select: Primitive = Primitive(
    "select",
    rule=_select_rule,
    reference=_select,
    gradient=_select_gradient,
    elementwise=True,
)


def _cast_rule(x: Spec, *, dtype: str) -> Spec:
    if x.dtype == "string" != dtype:
        raise DtypeError(
            "cast",
            f"text can't become {dtype}",
            fix="`layers.StringLookup` or `layers.TextVectorization` make numbers of it.",
            x=x,
        )
    return Spec(x.shape, dtype)


def _cast(x: NDArray, *, dtype: str) -> NDArray:
    return x.astype(numpy_dtype(dtype))


def _cast_gradient(g: Tensor, y: Tensor, x: Tensor, *, dtype: str) -> tuple[Tensor | None]:
    source = spec_of(x).dtype
    return (cast(g, dtype=source) if is_float(source) else None,)


cast: Primitive = Primitive(
    "cast", rule=_cast_rule, reference=_cast, gradient=_cast_gradient, elementwise=True
)
